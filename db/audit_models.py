"""The tables of audits by tally: what somebody counted by hand, and what cameras were set to see."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class AuditRow(Base):
    """One count by hand at an entrance, or at one camera of it (`camera_id`).

    `source` is phone or sheet; a tap stands for the `precision_s` seconds from its moment on. `clock_offset_ms` is
    server minus phone, as measured last. `setups` says for each camera which place, line and network it had then;
    `comparison` is what it came to (reports.audits), of the state `compared_version` of the day's numbers.
    """

    __tablename__ = "audits"
    __table_args__ = (Index(None, "site_id", "started_at"),)
    uid: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    entrance: Mapped[str] = mapped_column(String(200))
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id"))
    auditor: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(8))
    precision_s: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    clock_offset_ms: Mapped[int] = mapped_column(BigInteger)
    void_reason: Mapped[str] = mapped_column(String(500), default="")
    setups: Mapped[dict[str, Any] | None]
    comparison: Mapped[dict[str, Any] | None]
    compared_version: Mapped[int | None]
    compared_at: Mapped[datetime | None]


class AuditTapRow(Base):
    """One tap: `kind` in, out, pause or resume; a later `revision` of the same number replaces an earlier one."""

    __tablename__ = "audit_taps"
    __table_args__ = ({"sqlite_with_rowid": False},)
    audit_uid: Mapped[UUID] = mapped_column(ForeignKey("audits.uid"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    tapped_at: Mapped[datetime]
    gender: Mapped[str | None] = mapped_column(String(8))
    age_group: Mapped[str | None] = mapped_column(String(16))
    undone: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int]


class CameraSetupRow(Base):
    """Where a camera was and what it counted across, from a moment on: an audit holds while that stays the same."""

    __tablename__ = "camera_setups"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    place: Mapped[dict[str, Any]]
    line: Mapped[dict[str, Any]]
