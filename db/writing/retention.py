"""Deletes rows about single visits and minutes after their time; rollups stay, and each deletion is recorded.

A thousand rows go in a transaction, and between two of them others get as much time as it took, so that nobody who
wants to store visits waits for a whole night's deletion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic, sleep
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, delete, exists, insert, select, update

from db import minute_months
from db.audit_models import AuditTapRow
from db.models import (
    CameraMinuteRow,
    CameraRow,
    DeletionRow,
    HourlyObservationRow,
    PurgedVisitRow,
    RecordingRow,
    RegisterPartRow,
    SiteRow,
    VisitFirstRow,
    VisitRow,
)
from db.session import reading, transact
from db.writing.audits import delete_taps
from db.writing.minute_retention import drop_months, end_of_whole_months, first_day_after
from db.writing.registry import lock_sites
from footfall.config_sections import RetentionConfig
from footfall.local_time import day_bounds, local_day

ROWS_AT_ONCE = 1000
NO_CAMERA = 0


@dataclass(frozen=True, slots=True)
class Deletion:
    """Rows of one table and site that were deleted: all before the local day `before_day`."""

    site: str
    table_name: str
    before_day: date
    rows: int


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to go from one table for one camera; `before` is the instant at which `before_day` begins."""

    site_id: int
    camera_id: int
    before_day: date
    before: datetime
    now: datetime


Batch = Callable[[Connection, _Task], int]


def apply_retention(engine: Engine, retention: RetentionConfig, now: datetime) -> list[Deletion]:
    """Delete what is older than its retention time, site by site and camera by camera, in short transactions.

    Raises:
        StoreError: the database is away; what was deleted before is recorded.
    """
    with reading(engine) as connection:
        sites = connection.execute(select(SiteRow.id, SiteRow.name, SiteRow.time_zone).order_by(SiteRow.name)).all()
    done = []
    for site in sites:
        zone = ZoneInfo(site.time_zone)
        before = local_day(now, zone) - timedelta(days=retention.visits_days)
        for table, batch in ((VisitRow, _delete_visits), (VisitFirstRow, _delete_firsts_alone)):
            tasks = _tasks(engine, site.id, before, day_bounds(before, zone).start, now)
            rows = _work_off(engine, table.__tablename__, tasks, batch)
            done.append(Deletion(site.name, table.__tablename__, before, rows))
        # Of audits, which are of a site, not of a camera.
        before = local_day(now, zone) - timedelta(days=retention.minutes_days)
        of_site = _Task(site.id, NO_CAMERA, before, day_bounds(before, zone).start, now)
        rows = _work_off(engine, AuditTapRow.__tablename__, [of_site], _delete_taps)
        done.append(Deletion(site.name, AuditTapRow.__tablename__, before, rows))
    done += _apply_to_minutes(engine, retention.minutes_days, now)
    return [deletion for deletion in done if deletion.rows]


def _apply_to_minutes(engine: Engine, days: int, now: datetime) -> list[Deletion]:
    """Delete minutes row by row, or, where they are kept by month, whole months and then what is left of their days."""
    with reading(engine) as connection:
        sites = connection.execute(select(SiteRow.id, SiteRow.name, SiteRow.time_zone).order_by(SiteRow.name)).all()
    zones = {site.id: ZoneInfo(site.time_zone) for site in sites}
    minute_months.make_ahead(engine, now)
    end = end_of_whole_months(engine, zones, days, now)
    dropped = {} if end is None else drop_months(engine, zones, end, now)
    done = []
    for site in sites:
        zone = zones[site.id]
        before = local_day(now, zone) - timedelta(days=days) if end is None else first_day_after(end, zone)
        tasks = _tasks(engine, site.id, before, day_bounds(before, zone).start, now)
        rows = _work_off(engine, CameraMinuteRow.__tablename__, tasks, _delete_minutes)
        done.append(Deletion(site.name, CameraMinuteRow.__tablename__, before, rows + dropped.get(site.id, 0)))
    return done


def _tasks(engine: Engine, site_id: int, before_day: date, before: datetime, now: datetime) -> list[_Task]:
    with reading(engine) as connection:
        cameras = connection.execute(select(CameraRow.id).where(CameraRow.site_id == site_id).order_by(CameraRow.id))
        return [_Task(site_id, camera_id, before_day, before, now) for camera_id in cameras.scalars()]


def _work_off(engine: Engine, table_name: str, tasks: Sequence[_Task], batch: Batch) -> int:
    """Delete batch by batch until nothing is left and return how many rows that were."""
    total, record = 0, None
    for task in tasks:
        rows = ROWS_AT_ONCE
        while rows >= ROWS_AT_ONCE:
            begun = monotonic()
            rows, record = transact(engine, _one_batch, table_name, task, batch, record)
            total += rows
            if rows:
                sleep(monotonic() - begun)
    return total


def _one_batch(
    connection: Connection, table_name: str, task: _Task, batch: Batch, record: int | None
) -> tuple[int, int | None]:
    """Delete some rows and record that, so that the record is as old as the first missing row; return its id too."""
    lock_sites(connection, [task.site_id])
    rows = batch(connection, task)
    if not rows:
        return 0, record
    if record is None:
        values = {"table_name": table_name, "before_day": task.before_day, "rows": rows, "deleted_at": task.now}
        made = insert(DeletionRow).values(site_id=task.site_id, **values).returning(DeletionRow.id)
        return rows, int(connection.execute(made).scalar_one())
    more = {"rows": DeletionRow.rows + rows}
    connection.execute(update(DeletionRow).where(DeletionRow.id == record).values(**more))
    return rows, record


def _delete_visits(connection: Connection, task: _Task) -> int:
    visit = VisitRow
    some = (
        select(visit.uid, visit.recording_id)
        .where(visit.camera_id == task.camera_id, visit.day < task.before_day)
        .order_by(visit.day)
        .limit(ROWS_AT_ONCE)
    )
    found = connection.execute(some).all()
    uids = [row.uid for row in found]
    if not uids:
        return 0
    connection.execute(insert(PurgedVisitRow).from_select(["uid"], select(visit.uid).where(visit.uid.in_(uids))))
    _mark_purged(connection, {row.recording_id for row in found})
    connection.execute(delete(VisitFirstRow).where(VisitFirstRow.uid.in_(uids)))
    return connection.execute(delete(visit).where(visit.uid.in_(uids))).rowcount


def _delete_firsts_alone(connection: Connection, task: _Task) -> int:
    """Delete what was judged of visits that were never stored; only their part knows the day."""
    first, part = VisitFirstRow, RegisterPartRow
    some = (
        select(first.uid)
        .join(part, part.uid == first.part)
        .where(first.camera_id == task.camera_id, part.site_id == task.site_id, part.day < task.before_day)
        .where(~exists().where(VisitRow.uid == first.uid))
        .limit(ROWS_AT_ONCE)
    )
    uids = connection.execute(some).scalars().all()
    return connection.execute(delete(first).where(first.uid.in_(uids))).rowcount if uids else 0


def _delete_minutes(connection: Connection, task: _Task) -> int:
    minute, hour = CameraMinuteRow, HourlyObservationRow
    old = (minute.camera_id == task.camera_id, minute.minute < task.before)
    some = select(minute.minute, minute.recording_id).where(*old).order_by(minute.minute).limit(ROWS_AT_ONCE)
    found = connection.execute(some).all()
    if not found:
        return 0
    _mark_purged(connection, {row.recording_id for row in found})
    hours = (hour.camera_id == task.camera_id, hour.day < task.before_day, hour.frozen.is_(False))
    connection.execute(update(hour).where(*hours).values(frozen=True))
    up_to = (*old, minute.minute <= found[-1].minute)
    return connection.execute(delete(minute).where(*up_to)).rowcount


def _delete_taps(connection: Connection, task: _Task) -> int:
    return delete_taps(connection, task.site_id, task.before, ROWS_AT_ONCE)


def _mark_purged(connection: Connection, recording_ids: set[int | None]) -> None:
    """Say of recordings that rows they gave are gone, so that they can no longer be taken back."""
    ids = [one for one in recording_ids if one is not None]
    if ids:
        connection.execute(update(RecordingRow).where(RecordingRow.id.in_(ids)).values(purged=True))
