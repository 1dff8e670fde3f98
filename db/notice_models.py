"""The tables of what people are told unasked: alerts that began and ended, and the outbox of mails and calls."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class AlertRow(Base):
    """Something that somebody has to look at: since when, until when (None while it lasts), of which camera or day.

    `subject` says of what there can be one alert at a time, like "sight of north" or "day 2026-03-02".
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index(None, "site_id", "since"),
        Index(
            "ux_alerts_open",
            "site_id",
            "subject",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    uid: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id"))
    subject: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))
    day: Mapped[date | None]
    since: Mapped[datetime]
    noted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    summary: Mapped[str] = mapped_column(String(500))


class NoticeRow(Base):
    """One mail to one person, or one call of the webhook: what it tells, and what became of it.

    The key names what is told ("report 2026-03-02 r1", "alerts" and a uid), so that nothing is told twice to one
    recipient. `state` is one of db.writing.notices.State; `told` says what went wrong last.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("site_id", "key", "channel", "recipient"), Index(None, "state", "next_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    key: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(8))
    recipient: Mapped[str] = mapped_column(String(320))
    content: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    told: Mapped[str] = mapped_column(String(500))
