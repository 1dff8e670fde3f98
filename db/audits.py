"""Audits by tally as they are stored: who counted where and when, and every tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from footfall.errors import FootfallError

Source = Literal["phone", "sheet"]
TapKind = Literal["in", "out", "pause", "resume"]
MOST_TAPS = 5000  # of one audit: somebody who taps every second for an hour and twenty minutes


class AuditRefusedError(FootfallError):
    """What was sent cannot be a part of this audit; the message says why, and sending it again changes nothing."""


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap; `gender` female or male, `age_group` one of the four of analytics.audits, None where not said.

    A tap that is sent again with a higher `revision` replaces the one of its number.
    """

    number: int
    kind: TapKind
    tapped_at: datetime
    gender: str | None = None
    age_group: str | None = None
    undone: bool = False
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Audit:
    """A count by hand; `camera` is "" where it was of the whole entrance. Times are the server's, aware UTC.

    `precision_s`: a tap lies within so many seconds from its moment on. `clock_offset_ms`: server minus phone.
    """

    uid: UUID
    site: str
    entrance: str
    camera: str
    auditor: str
    started_at: datetime
    ended_at: datetime | None = None
    source: Source = "phone"
    precision_s: int = 1
    clock_offset_ms: int = 0


@dataclass(frozen=True, slots=True)
class StoredAudit:
    """An audit with what became of it: `taps` counts the people that were tapped and not undone.

    `setups` and `comparison` are those of db.audit_models, None before the first comparison.
    """

    audit: Audit
    zone: ZoneInfo
    taps: int
    void_reason: str
    setups: dict[str, Any] | None
    comparison: dict[str, Any] | None
    compared_version: int | None
    compared_at: datetime | None
