"""Recordings: everything that a file gave is stored in one transaction, and replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from db.models import CameraMinuteRow, CameraRow, RecordingRow
from db.writing.minutes import derive_hours, insert_minutes
from db.writing.registry import known_cameras, lock_sites, storable
from db.writing.visits import count_cells, insert_visits, note_changes, take_back_recording
from footfall.errors import StoreError
from footfall.types import CameraMinute, Recording, Visit


def find_recording(connection: Connection, camera_id: str, sha256: str) -> Recording | None:
    """Return the processed recording with this content and camera, None when there is none."""
    found = connection.execute(_recordings().where(CameraRow.name == camera_id, RecordingRow.sha256 == sha256)).first()
    return None if found is None else _recording(found)


def overlapping_recordings(
    connection: Connection, camera_id: str, started_at: datetime, ended_at: datetime
) -> list[Recording]:
    """Return the processed recordings of a camera that show some of the same time, oldest first."""
    shared = (RecordingRow.started_at < ended_at, RecordingRow.ended_at > started_at)
    query = _recordings().where(CameraRow.name == camera_id, *shared).order_by(RecordingRow.started_at)
    return [_recording(found) for found in connection.execute(query)]


def save_recording(
    connection: Connection,
    recording: Recording,
    visits: Sequence[Visit],
    minutes: Sequence[CameraMinute],
    now: datetime,
) -> int:
    """Store a recording with its visits and minutes in place of what the same content gave before.

    Returns how many visits it gave.

    Raises:
        StoreError: its rows were deleted by retention, so that they cannot be replaced.
        ValueError: a visit or minute is of another camera.
    """
    named = {visit.camera_id for visit in visits} | {minute.camera_id for minute in minutes}
    if named - {recording.camera_id}:
        raise ValueError(f"a visit or minute of another camera than {recording.camera_id!r} in its recording")
    cameras = known_cameras(connection, [recording.camera_id])
    camera = cameras[recording.camera_id]
    lock_sites(connection, [camera.site_id])
    row_id = _upsert(connection, recording, camera.id, now)
    removed = take_back_recording(connection, row_id)
    past_minutes = _take_back_minutes(connection, row_id)
    added = insert_visits(connection, visits, cameras, row_id)
    insert_minutes(connection, minutes, cameras, row_id)
    net = added.copy()
    net.subtract(removed)
    count_cells(connection, net)
    note_changes(connection, net, [camera], now)
    derive_hours(connection, camera, [*past_minutes, *(minute.minute for minute in minutes)], now)
    return sum(added.values())


def _upsert(connection: Connection, recording: Recording, camera_id: int, now: datetime) -> int:
    values = {
        "name": storable(recording.name, 255),
        "started_at": recording.started_at,
        "ended_at": recording.ended_at,
        "frames": recording.frames,
        "frames_damaged": recording.frames_damaged,
        "model_version": storable(recording.model_version),
        "processed_at": now,
    }
    match = (RecordingRow.camera_id == camera_id, RecordingRow.sha256 == recording.sha256)
    known = connection.execute(select(RecordingRow.id, RecordingRow.purged).where(*match)).one_or_none()
    if known is None:
        row = {"camera_id": camera_id, "sha256": recording.sha256, "purged": False, **values}
        return int(connection.execute(insert(RecordingRow).values(**row).returning(RecordingRow.id)).scalar_one())
    if known.purged:
        raise StoreError(
            f"{recording.name}: its single visits were deleted after the retention time; their totals stay, "
            "so it cannot be processed again"
        )
    connection.execute(update(RecordingRow).where(RecordingRow.id == known.id).values(**values))
    return int(known.id)


def _take_back_minutes(connection: Connection, recording_id: int) -> list[datetime]:
    match = CameraMinuteRow.recording_id == recording_id
    moments = list(connection.execute(select(CameraMinuteRow.minute).where(match)).scalars())
    connection.execute(delete(CameraMinuteRow).where(match))
    return moments


def _recordings() -> Select[*tuple[Any, ...]]:
    row = RecordingRow
    return select(
        CameraRow.name.label("camera_id"),
        row.sha256,
        row.name.label("name"),
        row.started_at,
        row.ended_at,
        row.frames,
        row.frames_damaged,
        row.model_version,
    ).join(CameraRow, CameraRow.id == row.camera_id)


def _recording(found: Row[Any]) -> Recording:
    return Recording(**found._asdict())
