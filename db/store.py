"""The writing side of the database: every method is one transaction, may be repeated, and raises only StoreError."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

import structlog
from sqlalchemy import Connection, Engine, select

from db import minute_months, verification
from db.models import CameraMinuteRow, CameraRow, SiteRow
from db.server_clock import Clocks
from db.session import reading, transact
from db.verification import Difference
from db.writing import boxes, firsts, parts, registry, report_log, retention, retirement
from db.writing import minutes as minute_writes
from db.writing import recordings as recording_writes
from db.writing import settings as settings_writes
from db.writing import visits as visit_writes
from db.writing.day_versions import EVERY_DAY, move_on
from db.writing.late import LeftOut
from db.writing.recordings import WHOLE, Taken, Taking
from db.writing.report_log import WrittenReport
from db.writing.retention import Deletion
from db.writing.retirement import Expected
from footfall.config import Config
from footfall.errors import StoreError
from footfall.local_time import day_bounds, local_day
from footfall.types import CameraMinute, Outage, Recording, Visit
from reid.types import First, RegisterPart

ROWS_PER_TRANSACTION = 5000
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)  # before this program; where a clock without a battery begins
Item = TypeVar("Item")


def utc_now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)


class Store:
    """Stores visits, minutes, outages and recordings; what is stored twice is counted once.

    Every method raises StoreError when the database is away, full or refuses; nothing is half-written then, and the
    same call may be made again later.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def sync(self, config: Config, *, simulated: bool = False, whole: bool = True) -> None:
        """Take over what `config` says of sites, opening hours and cameras; what it does not say stays.

        `simulated` marks new sites as such; without `whole`, `config` is a part of this machine's settings only. The
        clock says from which day on they hold, so that one which stands at its beginning is refused.
        """
        now = self._clock()
        if now < EARLIEST:
            raise StoreError(f"this computer's clock says {now:%Y-%m-%d}; set it, or wait until it is synchronised")

        def work(connection: Connection) -> None:
            every_site = select(SiteRow.id)
            registry.lock_sites(connection, connection.execute(every_site).scalars())
            for site_id in settings_writes.sync(connection, config, now, simulated=simulated, whole=whole):
                _derive_today(connection, site_id, now)
            # Names and entrances of cameras show in the report of every day.
            move_on(connection, [(site_id, EVERY_DAY) for site_id in connection.execute(every_site).scalars()])

        transact(self._engine, work)

    def completed(self, config: Config) -> Config:
        """Return `config` with what it does not say about its sites as the database knows it."""
        with reading(self._engine) as connection:
            return settings_writes.completed(connection, config)

    def note_heard(self, config: Config) -> Clocks:
        """Note that the program of this machine runs and reaches the database; return what their clocks say."""
        return transact(self._engine, boxes.note_heard, boxes.box_name(config), self._clock)

    def forget_box(self, name: str) -> None:
        """Forget a machine that is gone, and what its settings said."""
        transact(self._engine, boxes.forget, name)

    def retire_camera(self, name: str, from_day: date) -> Expected:
        """Expect nothing of the camera from that local day on, until somebody resumes it."""
        return transact(self._engine, retirement.retire, name, from_day, self._clock())

    def resume_camera(self, name: str, from_day: date | None = None) -> Expected:
        """Expect the camera again from that local day on; None takes its retirement back."""
        return transact(self._engine, retirement.resume, name, from_day, self._clock())

    def save_visits(self, visits: Sequence[Visit], now: datetime | None = None) -> int:
        """Store and count the visits that are not known yet and return how many those were.

        A day whose report is already written is reopened. Visits of time that a recording has counted are left out,
        and the log says so. Large numbers go in several transactions.
        """
        moment = now or self._clock()
        new = 0
        for part in _parts(visits):
            added, left_out = transact(self._engine, visit_writes.save_visits, part, moment)
            _say(left_out)
            new += added
        return new

    def save_minutes(self, minutes: Sequence[CameraMinute]) -> None:
        """Store what cameras observed, each minute replacing what the same run said of it before."""
        now = self._clock()
        for part in _parts(minutes):
            _say(transact(self._engine, minute_writes.save_minutes, part, now))

    def save_outages(self, outages: Sequence[Outage]) -> None:
        """Store outages, each replacing what was said under its uid before."""
        for part in _parts(outages):
            transact(self._engine, minute_writes.save_outages, part)

    def save_firsts(self, judged: Sequence[First], now: datetime | None = None) -> None:
        """Store what the register said of visits, each in place of what it said before; before or after the visits.

        A recording's firsts are stored after it, because storing it takes back what was said of its visits.
        """
        moment = now or self._clock()
        for some in _parts(judged):
            transact(self._engine, firsts.save_firsts, some, moment)

    def save_parts(self, told: Sequence[RegisterPart]) -> None:
        """Store what registers said of their days, each in place of what was said under its uid before."""
        now = self._clock()
        for some in _parts(told):
            transact(self._engine, parts.save_parts, some, now)

    def find_recording(self, camera_id: str, sha256: str) -> Recording | None:
        """Return the processed recording with this content and camera, None when there is none."""
        with reading(self._engine) as connection:
            return recording_writes.find_recording(connection, camera_id, sha256)

    def find_recording_named(self, camera_id: str, name: str, length: int, started_at: datetime) -> Recording | None:
        """Return the processed recording of a camera with this name, length and beginning, without reading its file."""
        with reading(self._engine) as connection:
            return recording_writes.find_named(connection, camera_id, name, length, started_at)

    def recording_lengths(self, camera_id: str) -> list[int]:
        """Return how long the processed recordings of a camera are: bytes of a file, images of a folder."""
        with reading(self._engine) as connection:
            return recording_writes.lengths(connection, camera_id)

    def uncounted_s(self, recording: Recording, taking: Taking = WHOLE) -> float:
        """Return how many seconds of a recording no other source has counted; raise as `save_recording` would."""
        with reading(self._engine) as connection:
            return recording_writes.uncounted_s(connection, recording, taking)

    def save_recording(
        self,
        recording: Recording,
        visits: Sequence[Visit],
        minutes: Sequence[CameraMinute],
        taking: Taking = WHOLE,
    ) -> Taken:
        """Store a recording with what it gave, in place of what the same content gave before; return what was taken."""
        now = self._clock()
        return transact(self._engine, recording_writes.save_recording, recording, visits, minutes, now, taking)

    def remove_recording(self, number: int) -> int:
        """Take back everything that a recording gave; return how many visits that were. Its days are reopened."""
        return transact(self._engine, recording_writes.remove_recording, number, self._clock())

    def apply_retention(self, config: Config, now: datetime) -> list[Deletion]:
        """Delete visits and minutes older than their retention time and return what was deleted.

        That takes many short transactions, so that other writers go on meanwhile.
        """
        return retention.apply_retention(self._engine, config.retention, now)

    def keep_minutes_by_month(self) -> bool:
        """Keep minutes in monthly partitions from now on, on PostgreSQL; return whether that was new."""
        return minute_months.part(self._engine, self._clock())

    def last_report(self, site: str, day: date) -> WrittenReport | None:
        """Return the newest revision of the day's report, None when none was written."""
        with reading(self._engine) as connection:
            return report_log.last_report(connection, site, day)

    def reopened_because(self, site: str, day: date) -> str:
        """Return in words what changed since the day's report was written; empty when nothing did."""
        with reading(self._engine) as connection:
            return report_log.reopened_because(connection, site, day)

    def record_report(self, report: WrittenReport, version: int, put: Callable[[], None]) -> None:
        """Note that a report was written, and put its file in place, if its day is still at `version`; else MovedOn."""
        now = self._clock()
        transact(self._engine, report_log.record_report, report, version, put, now)

    def close_day(self, report: WrittenReport, version: int, put: Callable[[], None]) -> None:
        """Forget that the day was reopened: its report came out as `report` again; MovedOn as in `record_report`."""
        transact(self._engine, report_log.close_day, report, version, put)

    def verify(self, first_day: date, last_day: date) -> list[Difference]:
        """Derive the rollups of these days again and return where they differ."""
        with reading(self._engine) as connection:
            return verification.verify(connection, first_day, last_day)


def _say(left_out: Sequence[LeftOut]) -> None:
    """Log, after the commit, what late live records were not stored, so that nothing is lost silently."""
    log = structlog.get_logger("footfall.store")
    for note in left_out:
        log.warning(
            f"live {note.kind} left out: a recording has counted that time",
            camera=note.camera,
            count=note.count,
            first=note.first.isoformat(timespec="seconds"),
            last=note.last.isoformat(timespec="seconds"),
            counted_by=note.by,
        )


def _parts(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[first : first + ROWS_PER_TRANSACTION] for first in range(0, len(items), ROWS_PER_TRANSACTION)]


def _derive_today(connection: Connection, site_id: int, now: datetime) -> None:
    """Derive today's observation again after the opening hours changed."""
    names = connection.execute(select(CameraRow.name).where(CameraRow.site_id == site_id)).scalars().all()
    for camera in registry.known_cameras(connection, names).values():
        bounds = day_bounds(local_day(now, camera.zone), camera.zone)
        minute = CameraMinuteRow.minute
        query = select(minute).where(
            CameraMinuteRow.camera_id == camera.id, minute >= bounds.start, minute < bounds.end
        )
        minute_writes.derive_hours(connection, camera, connection.execute(query).scalars().all(), now)
