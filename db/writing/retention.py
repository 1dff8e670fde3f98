"""Deletes rows about single visits and minutes after their time; rollups stay, and each deletion is recorded.

What is to go is looked for before the site is locked, so that only deleting holds up who wants to store visits, not
looking. At most a thousand rows go in a transaction, fewer where that takes longer than HELD_S, and between two of them
others get as much time as it took, so that nobody waits for a whole night's deletion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, exists, insert, select, update

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
from db.writing.audits import delete_taps, old_taps
from db.writing.cells import chunks
from db.writing.minute_retention import drop_months, end_of_whole_months, first_day_after
from db.writing.registry import lock_sites
from footfall.config_sections import RetentionConfig
from footfall.local_time import day_bounds, local_day

ROWS_AT_ONCE = 1000
FEWEST_ROWS = 50
HELD_S = 0.2  # a fifth of what a writer may wait
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
    """What is to go from one table for one camera, or for a whole site (NO_CAMERA).

    `before` is the instant at which `before_day` begins.
    """

    site_id: int
    camera_id: int
    before_day: date
    before: datetime
    now: datetime


Found = Sequence[Row[*tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A table, what looks for so many of its old rows, and what deletes those of them that are still old."""

    table_name: str
    find: Callable[[Connection, _Task, int], Found]
    delete: Callable[[Connection, _Task, Found], int]


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
        visits_before, before = (
            local_day(now, zone) - timedelta(days=days) for days in (retention.visits_days, retention.minutes_days)
        )
        visits = _tasks(engine, site.id, visits_before, day_bounds(visits_before, zone).start, now)
        # Of the day's register and of audits, which are of a site, not of a camera.
        firsts = _Task(site.id, NO_CAMERA, visits_before, day_bounds(visits_before, zone).start, now)
        taps = _Task(site.id, NO_CAMERA, before, day_bounds(before, zone).start, now)
        for kind, day, tasks in (
            (VISITS, visits_before, visits),
            (FIRSTS_ALONE, visits_before, [firsts]),
            (TAPS, before, [taps]),
        ):
            done.append(Deletion(site.name, kind.table_name, day, _work_off(engine, kind, tasks)))
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
        rows = _work_off(engine, MINUTES, tasks)
        done.append(Deletion(site.name, CameraMinuteRow.__tablename__, before, rows + dropped.get(site.id, 0)))
    return done


def _tasks(engine: Engine, site_id: int, before_day: date, before: datetime, now: datetime) -> list[_Task]:
    with reading(engine) as connection:
        cameras = connection.execute(select(CameraRow.id).where(CameraRow.site_id == site_id).order_by(CameraRow.id))
        return [_Task(site_id, camera_id, before_day, before, now) for camera_id in cameras.scalars()]


def _work_off(engine: Engine, kind: _Kind, tasks: Sequence[_Task]) -> int:
    """Delete batch by batch until nothing is left and return how many rows that were."""
    total, record, at_once = 0, None, ROWS_AT_ONCE
    for task in tasks:
        while found := _look(engine, kind, task, at_once):
            begun = monotonic()
            rows, record = transact(engine, _one_batch, kind, task, found, record)
            took_s = monotonic() - begun
            total += rows
            sleep(took_s)
            at_once = _next_size(at_once, took_s)
    return total


def _look(engine: Engine, kind: _Kind, task: _Task, at_once: int) -> Found:
    """Return some rows that are to go; nobody waits meanwhile."""
    with reading(engine) as connection:
        return kind.find(connection, task, at_once)


def _next_size(rows: int, took_s: float) -> int:
    """Return how many rows to delete next, where so many held the site for so long."""
    if took_s > HELD_S:
        return max(min(FEWEST_ROWS, ROWS_AT_ONCE), rows // 2)
    return min(ROWS_AT_ONCE, rows * 2) if took_s < HELD_S / 4 else rows


def _one_batch(
    connection: Connection, kind: _Kind, task: _Task, found: Found, record: int | None
) -> tuple[int, int | None]:
    """Delete some rows and record that, so that the record is as old as the first missing row; return its id too."""
    lock_sites(connection, [task.site_id])
    rows = kind.delete(connection, task, found)
    if not rows:
        return 0, record
    if record is None:
        values = {"table_name": kind.table_name, "before_day": task.before_day, "rows": rows, "deleted_at": task.now}
        made = insert(DeletionRow).values(site_id=task.site_id, **values).returning(DeletionRow.id)
        return rows, int(connection.execute(made).scalar_one())
    more = {"rows": DeletionRow.rows + rows}
    connection.execute(update(DeletionRow).where(DeletionRow.id == record).values(**more))
    return rows, record


def _find_visits(connection: Connection, task: _Task, at_once: int) -> Found:
    visit = VisitRow
    old = (visit.camera_id == task.camera_id, visit.day < task.before_day)
    return connection.execute(select(visit.uid).where(*old).order_by(visit.day).limit(at_once)).all()


def _delete_visits(connection: Connection, task: _Task, found: Found) -> int:
    visit = VisitRow
    uids = [row.uid for row in found]
    old = (visit.uid.in_(uids), visit.day < task.before_day)
    connection.execute(insert(PurgedVisitRow).from_select(["uid"], select(visit.uid).where(*old)))
    connection.execute(delete(VisitFirstRow).where(VisitFirstRow.uid.in_(select(visit.uid).where(*old))))
    gave = connection.execute(delete(visit).where(*old).returning(visit.recording_id)).scalars().all()
    _mark_purged(connection, set(gave))
    return len(gave)


def _find_firsts_alone(connection: Connection, task: _Task, at_once: int) -> Found:
    """Return what was judged of visits that were never stored; only their part knows the day.

    Of the old parts, which stay for ever, those are sought first of which anything is left, by one look into an index.
    """
    first, part = VisitFirstRow, RegisterPartRow
    anything = select(first.uid).where(first.part == part.uid).limit(1).scalar_subquery()
    old = (part.site_id == task.site_id, part.day < task.before_day)
    parts = connection.execute(select(part.uid).where(*old, anything.is_not(None))).scalars().all()
    for some in chunks(parts):
        alone = select(first.uid).where(first.part.in_(some), ~_has_visit()).limit(at_once)
        if found := connection.execute(alone).all():
            return found
    return []


def _delete_firsts_alone(connection: Connection, _task: _Task, found: Found) -> int:
    first = VisitFirstRow
    alone = (first.uid.in_([row.uid for row in found]), ~_has_visit())
    return connection.execute(delete(first).where(*alone)).rowcount


def _has_visit() -> ColumnElement[bool]:
    return exists().where(VisitRow.uid == VisitFirstRow.uid)


def _find_minutes(connection: Connection, task: _Task, at_once: int) -> Found:
    minute = CameraMinuteRow
    old = (minute.camera_id == task.camera_id, minute.minute < task.before)
    return connection.execute(select(minute.minute).where(*old).order_by(minute.minute).limit(at_once)).all()


def _delete_minutes(connection: Connection, task: _Task, found: Found) -> int:
    minute, hour = CameraMinuteRow, HourlyObservationRow
    hours = (hour.camera_id == task.camera_id, hour.day < task.before_day, hour.frozen.is_(False))
    connection.execute(update(hour).where(*hours).values(frozen=True))
    up_to = (minute.camera_id == task.camera_id, minute.minute <= found[-1].minute)
    gave = connection.execute(delete(minute).where(*up_to).returning(minute.recording_id)).scalars().all()
    _mark_purged(connection, set(gave))
    return len(gave)


def _find_taps(connection: Connection, task: _Task, at_once: int) -> Found:
    return old_taps(connection, task.site_id, task.before, at_once)


def _delete_taps(connection: Connection, _task: _Task, found: Found) -> int:
    return delete_taps(connection, found)


def _mark_purged(connection: Connection, recording_ids: set[int | None]) -> None:
    """Say of recordings that rows they gave are gone, so that they can no longer be taken back."""
    ids = [one for one in recording_ids if one is not None]
    if ids:
        connection.execute(update(RecordingRow).where(RecordingRow.id.in_(ids)).values(purged=True))


VISITS = _Kind(VisitRow.__tablename__, _find_visits, _delete_visits)
FIRSTS_ALONE = _Kind(VisitFirstRow.__tablename__, _find_firsts_alone, _delete_firsts_alone)
MINUTES = _Kind(CameraMinuteRow.__tablename__, _find_minutes, _delete_minutes)
TAPS = _Kind(AuditTapRow.__tablename__, _find_taps, _delete_taps)
