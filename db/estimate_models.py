"""The tables of corrected shares: what networks take for what, and the estimates of each day.

No row is about a single person; a visit itself has how likely each age group is (`visits.age_shares`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class CalibrationRow(Base):
    """A network's table of confusions (analytics.confusion); of several, the one noted last is used.

    Earlier ones stay, so that what rests on them can be derived again.
    """

    __tablename__ = "calibrations"
    network: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    confusion: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime]


class ShareEstimateRow(Base):
    """Corrected shares of one site and day, whole (`entrance` "") or of one entrance, by gender or by age.

    `version` is that of the day alone (db.writing.day_versions), `made_of` a hash of everything that the estimate rests
    on. `left_out` visits belong to cells that `small_cell` hides; `visits` are the others, of which `judged` were.
    `hours` are sums by hour, to be added up; empty where a version before migration 0011 made the estimate.
    """

    __tablename__ = "share_estimates"
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    entrance: Mapped[str] = mapped_column(String(200), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(8), primary_key=True)
    version: Mapped[int]
    small_cell: Mapped[int]
    made_of: Mapped[str] = mapped_column(String(64))
    judged: Mapped[int]
    visits: Mapped[int]
    left_out: Mapped[int]
    shares: Mapped[dict[str, Any]]
    basis: Mapped[dict[str, Any]]
    hours: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
