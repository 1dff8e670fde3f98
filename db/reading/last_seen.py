"""Until when the database knows that time has passed: what cameras gave, and when recordings were processed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from db.models import CameraMinuteRow, CameraRow, RecordingRow

TOLERANCE = timedelta(minutes=5)
LONG_SILENCE = timedelta(days=31)
STEADY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The newest moments at which anything was seen, aware UTC; None where there is no such moment.

    until: not after the clock, and believed: what was seen after a silence of over 31 days is not before it has gone
        on for 7 days, since a clock that jumped gives such rows too.
    doubted: the newest moment after such a silence.
    future: the newest moment after the clock.
    server_now: what the clock of a database server says; None for SQLite, which has none of its own.
    """

    until: datetime | None
    doubted: datetime | None = None
    future: datetime | None = None
    server_now: datetime | None = None


def last_seen(connection: Connection, now: datetime) -> LastSeen:
    """Return until when cameras of any site, live or processed, were seen, for a clock that says `now`."""
    server_now = None
    if connection.dialect.name != "sqlite":
        server_now = connection.execute(select(func.clock_timestamp())).scalar_one()
    ever = _newest(connection)
    future = ever if ever is not None and ever > now + TOLERANCE else None
    newest = _newest(connection, now + TOLERANCE) if future else ever
    if newest is None:
        return LastSeen(None, None, future, server_now)
    before = _newest(connection, newest - STEADY)
    if before is not None and _next(connection, before) - before > LONG_SILENCE:
        return LastSeen(before, newest, future, server_now)
    return LastSeen(newest, None, future, server_now)


def _newest(connection: Connection, until: datetime | None = None) -> datetime | None:
    """Return the newest moment up to `until`; each camera is one look at the end of an index."""
    minute, done = CameraMinuteRow.minute, RecordingRow.processed_at
    live = [CameraMinuteRow.camera_id == CameraRow.id, CameraMinuteRow.recording_id.is_(None)]
    by_camera = select(minute).where(*live, *_up_to(minute, until)).order_by(minute.desc()).limit(1)
    found = list(
        connection.execute(select(by_camera.correlate(CameraRow).scalar_subquery()).select_from(CameraRow)).scalars()
    )
    found.append(connection.execute(select(func.max(done)).where(*_up_to(done, until))).scalar_one())
    return max((moment for moment in found if moment is not None), default=None)


def _next(connection: Connection, after: datetime) -> datetime:
    """Return the first moment after `after`, itself where there is none."""
    minute, done = CameraMinuteRow.minute, RecordingRow.processed_at
    live = [CameraMinuteRow.camera_id == CameraRow.id, CameraMinuteRow.recording_id.is_(None)]
    by_camera = select(minute).where(*live, minute > after).order_by(minute).limit(1)
    found = list(
        connection.execute(select(by_camera.correlate(CameraRow).scalar_subquery()).select_from(CameraRow)).scalars()
    )
    found.append(connection.execute(select(func.min(done)).where(done > after)).scalar_one())
    return min((moment for moment in found if moment is not None), default=after)


def _up_to(column: Any, until: datetime | None) -> list[ColumnElement[bool]]:
    return [] if until is None else [column <= until]
