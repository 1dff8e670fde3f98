"""Recordings: everything that a file gave is stored in one transaction, replaced and removed as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, delete, insert, or_, select, update

from db.models import CameraMinuteRow, CameraRow, RecordingRow, SiteRow
from db.writing.cells import Cell
from db.writing.minutes import derive_hours, insert_minutes
from db.writing.registry import KnownCamera, known_cameras, lock_sites, storable
from db.writing.sources import merged
from db.writing.taking import Part, require_uncounted, shown_of, uncounted_part
from db.writing.visits import count_cells, insert_visits, note_changes, take_back_recordings
from footfall.errors import StoreError
from footfall.local_time import Interval
from footfall.types import CameraMinute, Recording, Visit


@dataclass(frozen=True, slots=True)
class Taking:
    """How a recording is taken.

    `fill_gaps` takes only the time that no other source has counted, else such time is a reason to refuse it.
    `beginnings` are SHA-256 of its first bytes: a recording of this camera with one of them is its own first part,
    copied too early, and gives way to it.
    """

    fill_gaps: bool = False
    beginnings: frozenset[str] = frozenset()


WHOLE = Taking()


@dataclass(frozen=True, slots=True)
class Taken:
    """What of a recording was stored, in which stretches of time; what was left out had been counted by others.

    `replaced` says that the same content, or its first part, had been counted before and gave way.
    """

    visits: tuple[Visit, ...]
    visits_left_out: int
    stretches: tuple[Interval, ...]
    minutes_left_out: int
    replaced: bool


class _Own(NamedTuple):
    """Rows of the same recording: what it gave before, or its first part."""

    id: int
    name: str
    purged: bool


def find_recording(connection: Connection, camera_id: str, sha256: str) -> Recording | None:
    """Return the processed recording with this content and camera, None when there is none."""
    found = connection.execute(_recordings().where(CameraRow.name == camera_id, RecordingRow.sha256 == sha256)).first()
    return None if found is None else _recording(found)


def find_named(
    connection: Connection, camera_id: str, name: str, length: int, started_at: datetime
) -> Recording | None:
    """Return the processed recording of this camera with this name, length and beginning, None when there is none."""
    row = RecordingRow
    same = (row.name == storable(name, 255), row.length == length, row.started_at == started_at)
    found = connection.execute(_recordings().where(CameraRow.name == camera_id, *same)).first()
    return None if found is None else _recording(found)


def lengths(connection: Connection, camera_id: str) -> list[int]:
    """Return the different lengths of the recordings of a camera, as far as they are known."""
    query = select(RecordingRow.length).join(CameraRow, CameraRow.id == RecordingRow.camera_id).distinct()
    found = connection.execute(query.where(CameraRow.name == camera_id, RecordingRow.length.is_not(None)))
    return sorted(length for length in found.scalars() if length)


def uncounted_s(connection: Connection, recording: Recording, taking: Taking) -> float:
    """Return how many seconds of the recording's time no other source has counted: a look before it is counted.

    Raises:
        StoreError: `save_recording` would refuse it.
    """
    camera = known_cameras(connection, [recording.camera_id])[recording.camera_id]
    own = _require_own(connection, recording, camera, taking)
    return require_uncounted(connection, camera, recording, [row.id for row in own], fill_gaps=taking.fill_gaps)


def save_recording(
    connection: Connection,
    recording: Recording,
    visits: Sequence[Visit],
    minutes: Sequence[CameraMinute],
    now: datetime,
    taking: Taking = WHOLE,
) -> Taken:
    """Store a recording with its visits and minutes in place of what the same content gave before.

    Raises:
        StoreError: another source has counted its time, its content was counted for another camera, or its rows were
            deleted by retention, so that they cannot be replaced.
        ValueError: a visit or minute is of another camera.
    """
    named = {visit.camera_id for visit in visits} | {minute.camera_id for minute in minutes}
    if named - {recording.camera_id}:
        raise ValueError(f"a visit or minute of another camera than {recording.camera_id!r} in its recording")
    cameras = known_cameras(connection, [recording.camera_id])
    camera = cameras[recording.camera_id]
    # All sites: the same content may be on its way to a camera of another one.
    lock_sites(connection, connection.execute(select(SiteRow.id)).scalars())
    own = _require_own(connection, recording, camera, taking)
    part = uncounted_part(
        connection, camera, recording, Part(visits, minutes), [row.id for row in own], fill_gaps=taking.fill_gaps
    )
    removed, past_minutes = _take_back(connection, [row.id for row in own])
    row_id = _upsert(connection, recording, camera.id, [row.id for row in own], now)
    added = insert_visits(connection, part.visits, cameras, row_id)
    insert_minutes(connection, part.minutes, cameras, row_id)
    added.subtract(removed)
    count_cells(connection, added)
    note_changes(connection, added, [camera], now)
    derive_hours(connection, camera, [*past_minutes, *(minute.minute for minute in part.minutes)], now)
    return Taken(
        visits=tuple(part.visits),
        visits_left_out=len(visits) - len(part.visits),
        stretches=tuple(merged(shown_of(recording, minute) for minute in part.minutes)),
        minutes_left_out=len(minutes) - len(part.minutes),
        replaced=bool(own),
    )


def remove_recording(connection: Connection, number: int, now: datetime) -> int:
    """Take back everything that the recording with this number gave; return how many visits that were.

    Raises:
        StoreError: there is none, or retention deleted rows that it gave, so that nobody knows what to take back.
    """
    lock_sites(connection, connection.execute(select(SiteRow.id)).scalars())
    query = select(RecordingRow.name, RecordingRow.purged, CameraRow.name.label("camera"))
    joined = query.join(CameraRow, CameraRow.id == RecordingRow.camera_id)
    found = connection.execute(joined.where(RecordingRow.id == number)).one_or_none()
    if found is None:
        raise StoreError(f"no recording has the number {number}; `footfall recordings list` shows them")
    if found.purged:
        raise StoreError(
            f"{found.name}: its single visits were deleted after the retention time; their totals stay and cannot be "
            "told from others any more, so it cannot be removed"
        )
    camera = known_cameras(connection, [found.camera])[found.camera]
    removed, minutes = _take_back(connection, [number])
    connection.execute(delete(RecordingRow).where(RecordingRow.id == number))
    withdrawn = Counter({cell: -count for cell, count in removed.items()})
    count_cells(connection, withdrawn)
    note_changes(connection, withdrawn, [camera], now)
    derive_hours(connection, camera, minutes, now)
    return sum(removed.values())


def _require_own(connection: Connection, recording: Recording, camera: KnownCamera, taking: Taking) -> list[_Own]:
    """Return the rows that this recording replaces, the same content first."""
    row = RecordingRow
    same, first_part = row.sha256 == recording.sha256, row.sha256.in_(taking.beginnings)
    query = select(row.id, row.name, row.purged).where(row.camera_id == camera.id, or_(same, first_part))
    own = [_Own(*found) for found in connection.execute(query.order_by(same.desc(), row.id))]
    if any(found.purged for found in own):
        raise StoreError(
            f"{recording.name}: its single visits were deleted after the retention time; their totals stay, "
            "so it cannot be processed again"
        )
    elsewhere = select(CameraRow.name).join(row, row.camera_id == CameraRow.id).where(same, CameraRow.id != camera.id)
    if other := connection.execute(elsewhere.limit(1)).scalar_one_or_none():
        raise StoreError(
            f"{recording.name}: the same footage was counted for camera {other}, visitors would count twice; give it "
            "to the camera that took it, after `footfall recordings remove` if it was given to the wrong one"
        )
    return own


def _take_back(connection: Connection, numbers: Collection[int]) -> tuple[Counter[Cell], list[datetime]]:
    """Delete the visits and minutes that these recordings gave; return the visits by cell, and the minutes."""
    removed = take_back_recordings(connection, numbers)
    match = CameraMinuteRow.recording_id.in_(numbers)
    moments = list(connection.execute(select(CameraMinuteRow.minute).where(match)).scalars())
    connection.execute(delete(CameraMinuteRow).where(match))
    return removed, moments


def _upsert(connection: Connection, recording: Recording, camera_id: int, own: Sequence[int], now: datetime) -> int:
    values = {
        "sha256": recording.sha256,
        "length": recording.length,
        "name": storable(recording.name, 255),
        "started_at": recording.started_at,
        "ended_at": recording.ended_at,
        "frames": recording.frames,
        "frames_damaged": recording.frames_damaged,
        "model_version": storable(recording.model_version),
        "processed_at": now,
    }
    if not own:
        row = {"camera_id": camera_id, "purged": False, **values}
        return int(connection.execute(insert(RecordingRow).values(**row).returning(RecordingRow.id)).scalar_one())
    connection.execute(delete(RecordingRow).where(RecordingRow.id.in_(own[1:])))
    connection.execute(update(RecordingRow).where(RecordingRow.id == own[0]).values(**values))
    return own[0]


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
        row.length,
    ).join(CameraRow, CameraRow.id == row.camera_id)


def _recording(found: Row[Any]) -> Recording:
    return Recording(**found._asdict())
