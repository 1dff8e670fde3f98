"""Minutes that are kept by month go by month: their hours are frozen camera by camera, then the partition is dropped.

A month goes when all of it is older than the retention time, at every site. What lies between its end and the next
midnight of a site, and what is in no whole month, goes row by row as everywhere (db.writing.retention).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from time import monotonic, sleep
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, exists, insert, select, text, update

from db import minute_months
from db.models import CameraMinuteRow, CameraRow, DeletionRow, HourlyObservationRow, RecordingRow
from db.session import reading, transact
from db.writing.registry import lock_sites
from footfall.errors import StoreError
from footfall.local_time import day_bounds, local_day

DAY = timedelta(days=1)


def end_of_whole_months(engine: Engine, zones: Mapping[int, ZoneInfo], days: int, now: datetime) -> datetime | None:
    """Return where the months end that are older than so many days at each site (`zones` by its id).

    None where minutes are not kept by month, or there is no site.
    """
    with reading(engine) as connection:
        if not zones or not minute_months.is_parted(connection):
            return None
    overdue = [day_bounds(local_day(now, zone) - timedelta(days=days), zone).start for zone in zones.values()]
    return minute_months.month_of(min(overdue))


def first_day_after(end: datetime, zone: ZoneInfo) -> date:
    """Return the first local day that begins at `end` or after it."""
    day = local_day(end, zone)
    return day if day_bounds(day, zone).start >= end else day + DAY


def drop_months(engine: Engine, zones: Mapping[int, ZoneInfo], end: datetime, now: datetime) -> dict[int, int]:
    """Drop the partitions that end at `end` or before; return how many rows that were, by id of the site.

    Raises:
        StoreError: somebody held the table too long, as `footfall db verify` does, or late minutes came in between;
            tomorrow tries again.
    """
    with reading(engine) as connection:
        months = minute_months.whole_months(connection, end)
        cameras = connection.execute(select(CameraRow.id, CameraRow.site_id).order_by(CameraRow.id)).all()
    dropped: dict[int, int] = dict.fromkeys(zones, 0)
    for name, until in months:
        days = {site_id: first_day_after(until, zone) for site_id, zone in zones.items()}
        for camera in cameras:
            begun = monotonic()
            transact(engine, _freeze, camera.id, camera.site_id, days[camera.site_id], until)
            sleep(monotonic() - begun)
        rows = _count(engine, name)
        with reading(engine) as connection:  # the first look is the slow one, and nobody waits for it here
            _require_frozen(connection, name, until, days)
        transact(engine, _drop, name, until, days, rows, now)
        for site_id, count in rows.items():
            dropped[site_id] += count
    return dropped


def _freeze(connection: Connection, camera_id: int, site_id: int, before_day: date, until: datetime) -> None:
    """Say of hours and recordings of a camera that their minutes go; from then on, none is added to these hours."""
    lock_sites(connection, [site_id])
    minute, hour, recording = CameraMinuteRow, HourlyObservationRow, RecordingRow
    # Asked recording by recording: to look through the month for them would take as long as reading it.
    gave = exists().where(minute.recording_id == recording.id, minute.minute < until)
    unmarked = (recording.camera_id == camera_id, recording.started_at < until, recording.purged.is_(False))
    connection.execute(update(recording).where(*unmarked, gave).values(purged=True))
    open_hours = (hour.camera_id == camera_id, hour.day < before_day, hour.frozen.is_(False))
    connection.execute(update(hour).where(*open_hours).values(frozen=True))


def _count(engine: Engine, name: str) -> dict[int, int]:
    """Return how many rows a partition has, by id of the site; nobody waits meanwhile."""
    query = f"SELECT c.site_id, count(*) FROM {name} m JOIN cameras c ON c.id = m.camera_id GROUP BY c.site_id"
    with reading(engine) as connection:
        return {site_id: count for site_id, count in connection.execute(text(query))}


def _require_frozen(connection: Connection, name: str, until: datetime, days: Mapping[int, date]) -> None:
    """Raise StoreError where an hour came, or was observed again, since the hours of a partition were frozen."""
    hour = HourlyObservationRow
    since = date.min if name == minute_months.BEFORE else minute_months.month_after(until, -1).date() - DAY
    late = select(hour.day).where(
        hour.camera_id.in_(select(CameraRow.id)),
        hour.day.between(since, min(days.values()) - DAY),
        hour.frozen.is_(False),
    )
    if connection.execute(late.limit(1)).first() is not None:
        raise StoreError(f"minutes of {since} and later came while they were to be deleted; tomorrow tries again")


def _drop(
    connection: Connection,
    name: str,
    until: datetime,
    days: Mapping[int, date],
    rows: Mapping[int, int],
    now: datetime,
) -> None:
    """Drop a partition whose hours are frozen, and record how many rows went."""
    lock_sites(connection, days)
    _require_frozen(connection, name, until, days)
    minute_months.drop(connection, name)
    values = {"table_name": CameraMinuteRow.__tablename__, "deleted_at": now}
    said = [
        values | {"site_id": site_id, "before_day": days[site_id], "rows": count}
        for site_id, count in sorted(rows.items())
    ]
    if said:
        connection.execute(insert(DeletionRow), said)
