"""What the phone of an auditor sends, checked as a whole before anything of it is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from db.audits import MOST_TAPS, Audit, AuditRefusedError, Tap

LARGEST_MESSAGE_BYTES = 64 * 1024
MOST_TAPS_AT_ONCE = 200
LONGEST_WAIT = timedelta(days=7)  # of taps for a network
CLOCKS_APART = timedelta(minutes=1)  # after the offset was taken off

Milliseconds = Annotated[int, Field(ge=-(10**14), le=10**14)]
Name = Annotated[str, Field(max_length=200)]


class Part(BaseModel):
    """A part of a message: unknown keys and numbers as text are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TapMessage(Part):
    """One tap: the phone's time, and by how much the server's clock was ahead of the phone's then."""

    number: int = Field(ge=1, le=MOST_TAPS)
    revision: int = Field(ge=1, le=1_000_000)
    kind: Literal["in", "out", "pause", "resume"]
    at_ms: Milliseconds
    offset_ms: Milliseconds
    gender: Literal["female", "male"] | None = None
    age: Literal["0-17", "18-34", "35-54", "55+"] | None = None
    undone: bool = False


class SyncMessage(Part):
    """An audit as far as it has come, with the taps that were not acknowledged yet; `last`: no more of them wait."""

    uid: UUID = Field(strict=False)
    site: Name
    entrance: Name
    camera: Name = ""
    auditor: Name = ""
    started_ms: Milliseconds
    started_offset_ms: Milliseconds
    ended_ms: Milliseconds | None = None
    offset_ms: Milliseconds
    last: bool = False
    taps: list[TapMessage] = Field(max_length=MOST_TAPS_AT_ONCE)


def read_message(body: bytes) -> SyncMessage:
    """Return the message in `body`.

    Raises:
        AuditRefusedError: it is not JSON, or not such a message; names the first thing that is wrong.
    """
    try:
        return SyncMessage.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise AuditRefusedError(f"{where or 'message'}: {first['msg'][:200]}") from None


def placed(message: SyncMessage, auditor: str, now: datetime) -> tuple[Audit, list[Tap]]:
    """Return the audit and its taps by the server's clock: ordered by the phone, placed by the server.

    Raises:
        AuditRefusedError: a moment lies in the future or more than a week back, so that no clock can be believed.
    """
    ended_at = None if message.ended_ms is None else _moment(message.ended_ms, message.offset_ms, "the end", now)
    audit = Audit(
        uid=message.uid,
        site=message.site,
        entrance=message.entrance,
        camera=message.camera,
        auditor=auditor,
        started_at=_moment(message.started_ms, message.started_offset_ms, "the start", now),
        ended_at=ended_at,
        clock_offset_ms=message.offset_ms,
    )
    taps = [
        Tap(
            number=tap.number,
            kind=tap.kind,
            tapped_at=_moment(tap.at_ms, tap.offset_ms, f"tap {tap.number}", now),
            gender=tap.gender,
            age_group=tap.age,
            undone=tap.undone,
            revision=tap.revision,
        )
        for tap in message.taps
    ]
    return audit, taps


def _moment(at_ms: int, offset_ms: int, what: str, now: datetime) -> datetime:
    """Return a moment of the phone by the server's clock, never later than `now`."""
    try:
        moment = datetime.fromtimestamp((at_ms + offset_ms) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        moment = datetime.max.replace(tzinfo=UTC)
    if not now - LONGEST_WAIT <= moment <= now + CLOCKS_APART:
        raise AuditRefusedError(f"{what} lies too far from now; the phone's clock was moved while it counted")
    return min(moment, now)
