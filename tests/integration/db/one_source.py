"""Rows for the tests of one source a minute: recordings of camera north, and what was counted of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import Engine, select

from db.models import CameraMinuteRow
from db.reading import queries
from db.reading.observation import observation
from db.reading.selection import Selection
from db.session import reading
from db.store import Store
from db.writing.recordings import WHOLE, Taken, Taking
from footfall.types import Recording, Visit
from tests.integration.conftest import RUN, minute, visit

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # 10:00 in Berlin, when the mall opens
MONDAY = date(2026, 3, 2)
DAY = Selection(MONDAY, MONDAY, cameras=("north",))


def at(minutes: float, seconds: float = 0.0) -> datetime:
    """Return the moment so long after nine."""
    return NINE + timedelta(minutes=minutes, seconds=seconds)


def seen(source: str, entered_at: datetime, stay_s: float = 5.0, camera: str = "north") -> Visit:
    """Return a visit that `source` counted."""
    uid = uuid5(RUN, f"{source} {entered_at.isoformat()} {camera}")
    return visit(0, entered_at, camera, uid=uid, left_at=entered_at + timedelta(seconds=stay_s))


def live(store: Store, minutes: Sequence[int], visits: Sequence[Visit] = ()) -> None:
    """Store what the live camera saw: these whole minutes after nine."""
    store.save_visits(visits)
    store.save_minutes([minute(at(one)) for one in minutes])


def content(name: str) -> str:
    """Return the SHA-256 that stands for the content of the recording with this name."""
    return uuid5(RUN, name).hex * 2


def record(
    store: Store,
    name: str,
    start: datetime,
    end: datetime,
    visits: Sequence[Visit] = (),
    taking: Taking = WHOLE,
    camera: str = "north",
) -> Taken:
    """Store a recording that shows every second from `start` to `end`; its name is its content."""
    sha256 = content(name)
    recording = Recording(camera, sha256, f"{name}.ts", start, end, 9, 0, "v", length=1000)
    first = start.replace(second=0, microsecond=0)
    moments = [first + timedelta(minutes=n) for n in range(int((end - first) / timedelta(minutes=1)) + 1)]
    run = UUID(sha256[:32])
    parts = [(max(one, start), min(one + timedelta(minutes=1), end)) for one in moments]
    rows = [minute(one, camera, run, (b - a).total_seconds()) for one, (a, b) in zip(moments, parts, strict=True)]
    return store.save_recording(recording, visits, [row for row in rows if row.live_s > 0], taking)


def counted(engine: Engine) -> tuple[int, float]:
    """Return visits and seconds observed of camera north on Monday."""
    with reading(engine) as connection:
        visits = queries.daily(connection, DAY, ())["visits"].item()
        observed_s = observation(connection, DAY, ())["observed_s"].item()
    return int(visits), float(observed_s)


def sources(engine: Engine) -> dict[datetime, set[int | None]]:
    """Return the sources of each stored minute of north: the number of a recording, None for the live camera."""
    found: dict[datetime, set[int | None]] = {}
    with reading(engine) as connection:
        for moment, number in connection.execute(select(CameraMinuteRow.minute, CameraMinuteRow.recording_id)):
            found.setdefault(moment, set()).add(number)
    return found
