"""The end of a camera's period, which somebody has to say, and taking that back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, select, update

from db.models import CameraPeriodRow, CameraRow, DailyReportRow
from db.writing.day_versions import EVERY_DAY, move_on
from db.writing.registry import KnownCamera, known_cameras, lock_sites
from db.writing.reopening import Change, reopen
from footfall.errors import StoreError
from footfall.local_time import local_day

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Expected:
    """Since which local day a camera is expected to watch, and from which on no more (None: it still is)."""

    camera: str
    first_day: date
    retired_from: date | None


def retire(connection: Connection, name: str, from_day: date, now: datetime) -> Expected:
    """Expect nothing of the camera from its local day `from_day` on; reported days that this changes are reopened.

    Days on which it gave data all the same go on to count, with it. Periods that begin later are forgotten.

    Raises:
        StoreError: there is no such camera, or it was never expected to watch.
    """
    camera = _camera(connection, name)
    periods = _periods(connection, camera)
    if not periods:
        raise StoreError(f"camera {name!r} was never expected to watch: no settings file named it; nothing to retire")
    until, newest = from_day - ONE_DAY, periods[-1]
    begun = [period for period in periods if period.first_day <= until] or periods[:1]
    for period in periods[len(begun) :]:
        _forget(connection, camera, period.first_day)
    ending = begun[-1]
    ended_before = ending.last_day is not None and (ending is not newest or ending.retired_at is None)
    _end(connection, camera, ending.first_day, min(ending.last_day, until) if ended_before else until, now)
    _reopen_between(connection, camera, min(from_day, _after(newest, now, camera)), now)
    return Expected(name, ending.first_day, from_day)


def resume(connection: Connection, name: str, from_day: date | None, now: datetime) -> Expected:
    """Expect the camera again from `from_day` on; None takes the retirement back: it is expected since before on.

    A gap between periods that the retirement forgot is expected as well then: its days become incomplete, not complete.

    Raises:
        StoreError: there is no such camera, or it is not retired.
    """
    camera = _camera(connection, name)
    periods = _periods(connection, camera)
    if periods and periods[-1].last_day is None:
        raise StoreError(f"camera {name!r} is not retired; it is expected since {periods[-1].first_day}")
    if from_day is not None and periods and periods[-1].last_day < periods[-1].first_day:  # retired before it began
        _forget(connection, camera, periods[-1].first_day)
        periods = periods[:-1]
    today = local_day(now, camera.zone)
    begins = from_day or (periods[-1].last_day + ONE_DAY if periods else today)
    first_day = begins
    if periods and begins <= periods[-1].last_day + ONE_DAY:
        first_day = periods[-1].first_day
        _end(connection, camera, first_day, None, None)
    else:
        row = {"camera_id": camera.id, "first_day": begins, "last_day": None, "retired_at": None}
        connection.execute(insert(CameraPeriodRow).values(**row))
    _reopen_between(connection, camera, begins, now)
    return Expected(name, first_day, None)


def _camera(connection: Connection, name: str) -> KnownCamera:
    if connection.execute(select(CameraRow.id).where(CameraRow.name == name)).first() is None:
        raise StoreError(f"no camera {name!r} in the database; `footfall cameras list` names them")
    camera = known_cameras(connection, [name])[name]
    lock_sites(connection, [camera.site_id])
    return camera


def _periods(connection: Connection, camera: KnownCamera) -> Sequence[Row[date, date | None, datetime | None]]:
    period = CameraPeriodRow
    query = select(period.first_day, period.last_day, period.retired_at).where(period.camera_id == camera.id)
    return connection.execute(query.order_by(period.first_day)).all()


def _end(
    connection: Connection, camera: KnownCamera, first_day: date, last_day: date | None, now: datetime | None
) -> None:
    match = (CameraPeriodRow.camera_id == camera.id, CameraPeriodRow.first_day == first_day)
    connection.execute(update(CameraPeriodRow).where(*match).values(last_day=last_day, retired_at=now))


def _forget(connection: Connection, camera: KnownCamera, first_day: date) -> None:
    match = (CameraPeriodRow.camera_id == camera.id, CameraPeriodRow.first_day == first_day)
    connection.execute(delete(CameraPeriodRow).where(*match))


def _after(period: Row[date, date | None, datetime | None], now: datetime, camera: KnownCamera) -> date:
    """Return the first day on which the period as it was did not hold."""
    last: date = period.last_day if period.last_day is not None else local_day(now, camera.zone)
    return last + ONE_DAY


def _reopen_between(connection: Connection, camera: KnownCamera, first_day: date, now: datetime) -> None:
    """Reopen the reported days from `first_day` on: their expected time may be another one now.

    The versions of all days move on, also for a first report that is being made at this moment.
    """
    move_on(connection, [(camera.site_id, EVERY_DAY)])
    row = DailyReportRow
    query = select(row.day).distinct().where(row.site_id == camera.site_id, row.day >= first_day)
    days = connection.execute(query).scalars().all()
    reopen(connection, {(camera.site_id, day): Change(observation=True) for day in days}, now)
