"""The one table that views need and pages do not: SQL alone does not know when the clocks of a time zone change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class ZoneOffsetRow(Base):
    """From when until when (UTC, the end not included) the clocks of a time zone are how many seconds ahead of UTC."""

    __tablename__ = "zone_offsets"
    time_zone: Mapped[str] = mapped_column(String(64), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]
    offset_s: Mapped[int]
