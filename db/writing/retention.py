"""Deletes rows about single visits and minutes after their time; rollups stay, and each deletion is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, insert, select, update

from db.models import (
    CameraMinuteRow,
    CameraRow,
    DeletionRow,
    HourlyObservationRow,
    PurgedVisitRow,
    RecordingRow,
    SiteRow,
    VisitRow,
)
from db.writing.registry import lock_sites
from footfall.config import RetentionConfig
from footfall.local_time import day_bounds, local_day


@dataclass(frozen=True, slots=True)
class Deletion:
    """Rows of one table and site that were deleted: all before the local day `before_day`."""

    site: str
    table_name: str
    before_day: date
    rows: int


def site_names(connection: Connection) -> list[str]:
    """Return the names of all sites."""
    return list(connection.execute(select(SiteRow.name).order_by(SiteRow.name)).scalars())


def apply_retention(connection: Connection, site: str, retention: RetentionConfig, now: datetime) -> list[Deletion]:
    """Delete the visits and minutes of one site that are older than their retention time."""
    row = connection.execute(select(SiteRow.id, SiteRow.time_zone).where(SiteRow.name == site)).one()
    lock_sites(connection, [row.id])
    zone = ZoneInfo(row.time_zone)
    today = local_day(now, zone)
    cameras = list(connection.execute(select(CameraRow.id).where(CameraRow.site_id == row.id)).scalars())
    visits_day = today - timedelta(days=retention.visits_days)
    minutes_day = today - timedelta(days=retention.minutes_days)
    done = [
        Deletion(site, "visits", visits_day, _delete_visits(connection, cameras, visits_day)),
        Deletion(site, "camera_minutes", minutes_day, _delete_minutes(connection, cameras, minutes_day, zone)),
    ]
    made = [deletion for deletion in done if deletion.rows]
    for deletion in made:
        values = {"table_name": deletion.table_name, "before_day": deletion.before_day, "rows": deletion.rows}
        connection.execute(insert(DeletionRow).values(site_id=row.id, deleted_at=now, **values))
    return made


def _delete_visits(connection: Connection, cameras: list[int], before: date) -> int:
    old = (VisitRow.camera_id.in_(cameras), VisitRow.day < before)
    connection.execute(insert(PurgedVisitRow).from_select(["uid"], select(VisitRow.uid).where(*old)))
    touched = select(VisitRow.recording_id).where(*old, VisitRow.recording_id.is_not(None))
    connection.execute(update(RecordingRow).where(RecordingRow.id.in_(touched)).values(purged=True))
    return connection.execute(delete(VisitRow).where(*old)).rowcount


def _delete_minutes(connection: Connection, cameras: list[int], before: date, zone: ZoneInfo) -> int:
    old = (CameraMinuteRow.camera_id.in_(cameras), CameraMinuteRow.minute < day_bounds(before, zone).start)
    touched = select(CameraMinuteRow.recording_id).where(*old, CameraMinuteRow.recording_id.is_not(None))
    connection.execute(update(RecordingRow).where(RecordingRow.id.in_(touched)).values(purged=True))
    hours = (HourlyObservationRow.camera_id.in_(cameras), HourlyObservationRow.day < before)
    connection.execute(update(HourlyObservationRow).where(*hours).values(frozen=True))
    return connection.execute(delete(CameraMinuteRow).where(*old)).rowcount
