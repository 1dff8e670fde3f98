"""The recordings that were counted, as `footfall recordings list` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from db.models import CameraMinuteRow, CameraRow, RecordingRow, SiteRow, VisitRow


@dataclass(frozen=True, slots=True)
class CountedFile:
    """One recording and what the numbers hold of it.

    `number` names it in `footfall recordings remove`. `minutes` are those that it is the source of, `visits` its single
    visits; both are short of what it gave when `purged` says that retention deleted some.
    """

    number: int
    site: str
    time_zone: str
    camera: str
    name: str
    started_at: datetime
    ended_at: datetime
    visits: int
    minutes: int
    frames: int
    frames_damaged: int
    purged: bool
    processed_at: datetime
    sha256: str


def counted_files(connection: Connection, camera: str = "") -> list[CountedFile]:
    """Return the recordings of one camera, or of all, oldest footage first."""
    row = RecordingRow
    visits = select(func.count()).where(VisitRow.recording_id == row.id).scalar_subquery()
    minutes = select(func.count()).where(CameraMinuteRow.recording_id == row.id).scalar_subquery()
    query = (
        select(
            row.id,
            SiteRow.name,
            SiteRow.time_zone,
            CameraRow.name,
            row.name,
            row.started_at,
            row.ended_at,
            visits,
            minutes,
            row.frames,
            row.frames_damaged,
            row.purged,
            row.processed_at,
            row.sha256,
        )
        .join(CameraRow, CameraRow.id == row.camera_id)
        .join(SiteRow, SiteRow.id == CameraRow.site_id)
        .order_by(CameraRow.name, row.started_at)
    )
    if camera:
        query = query.where(CameraRow.name == camera)
    return [CountedFile(*found) for found in connection.execute(query)]
