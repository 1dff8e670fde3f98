"""Whether the cameras of a site see, as the minutes in the database say: it knows every machine, also a dead one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, select

from db.models import CameraMinuteRow, CameraPeriodRow, OutageRow
from db.reading.machines import heard_of
from db.reading.selection import SelectedCamera, Selection, selected_cameras
from db.writing.registry import hours_history, opening_on
from footfall.local_time import Interval, local_day
from footfall.types import PictureState

MINUTE = timedelta(minutes=1)
REMEMBERED = timedelta(days=7)
SILENT_AFTER = timedelta(minutes=5)
BLINDING = (PictureState.DARK.value, PictureState.COVERED.value)
CHANGED = (PictureState.MOVED.value, PictureState.BLURRED.value)


@dataclass(frozen=True, slots=True)
class Watch:
    """How long something was well: the end of the newest minute that was, and where its unbroken stretch began.

    Both are None where no minute of the last seven days was.
    """

    well_from: datetime | None
    well_until: datetime | None


@dataclass(frozen=True, slots=True)
class Sight:
    """How a camera sees.

    `seen` is whether it gives pictures that show something, `framed` whether they are sharp and of its usual view;
    `first` is the begin of its oldest live minute of the last seven days, `newest` the end of its newest with frames,
    and `picture` its state. `outage` is the reason of an outage that lasts,
    `is_heard` whether a machine whose settings name the camera was heard of lately.
    """

    camera: SelectedCamera
    expected: bool
    seen: Watch
    framed: Watch
    first: datetime | None
    newest: datetime | None
    picture: str
    outage: str
    is_heard: bool


def sights(connection: Connection, site: str, now: datetime) -> list[Sight]:
    """Return how every camera of the site sees at `now`, live ones and others."""
    cameras = selected_cameras(connection, Selection(date.min, date.max, sites=(site,)))
    heard = heard_of(connection)
    return [_sight(connection, camera, now, heard.get(camera.camera)) for camera in cameras]


def opening_around(connection: Connection, camera: SelectedCamera, now: datetime) -> tuple[Interval, ...]:
    """Return when the site of `camera` was or is open, today and on the seven days before."""
    history = hours_history(connection, camera.site_id)
    today = local_day(now, camera.zone)
    days = [today - timedelta(days=number) for number in reversed(range(REMEMBERED.days + 1))]
    return tuple(one for day in days for one in opening_on(history, day, camera.zone))


def _sight(connection: Connection, camera: SelectedCamera, now: datetime, heard_at: datetime | None) -> Sight:
    row = CameraMinuteRow
    live = (row.camera_id == camera.id, row.recording_id.is_(None), row.frames_seen > 0)
    recent = (*live, row.minute >= now - REMEMBERED, row.minute <= now)
    first = connection.execute(select(row.minute).where(*recent).order_by(row.minute).limit(1)).scalar()
    newest = connection.execute(
        select(row.minute, row.picture).where(*recent).order_by(row.minute.desc(), row.picture.desc()).limit(1)
    ).first()
    outage = (
        select(OutageRow.reason)
        .where(OutageRow.camera_id == camera.id, OutageRow.ended_at.is_(None))
        .order_by(OutageRow.started_at.desc())
        .limit(1)
    )
    return Sight(
        camera=camera,
        expected=_is_expected(connection, camera, local_day(now, camera.zone)),
        seen=_watch(connection, recent, BLINDING),
        framed=_watch(connection, recent, (*BLINDING, *CHANGED)),
        first=first,
        newest=None if newest is None else newest.minute + MINUTE,
        picture="" if newest is None else newest.picture,
        outage=connection.execute(outage).scalar() or "",
        is_heard=heard_at is not None and now - heard_at < SILENT_AFTER,
    )


def _is_expected(connection: Connection, camera: SelectedCamera, day: date) -> bool:
    period = CameraPeriodRow
    query = select(period.first_day, period.last_day).where(period.camera_id == camera.id)
    return any(first <= day <= (last or date.max) for first, last in connection.execute(query))


def _watch(connection: Connection, recent: Sequence[object], unwell: Collection[str]) -> Watch:
    """Look at the newest minutes only: the stretch is followed back for an hour at most."""
    row = CameraMinuteRow
    query = (
        select(row.minute)
        .where(*recent, row.picture.not_in(unwell))  # type: ignore[arg-type]
        .order_by(row.minute.desc())
        .distinct()
        .limit(60)
    )
    minutes = list(connection.execute(query).scalars())
    if not minutes:
        return Watch(None, None)
    start = minutes[0]
    for later, earlier in pairwise(minutes):
        if later - earlier > MINUTE:
            break
        start = earlier
    return Watch(start, minutes[0] + MINUTE)
