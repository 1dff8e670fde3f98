"""Minutes in which the computer was too slow: so many frames were dropped that people were missed."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, SQLColumnExpression, and_, func, select

from db.models import CameraMinuteRow
from db.reading.selection import Selection, selected_cameras
from footfall.local_time import day_bounds
from footfall.types import SLOW_DROPPED_SHARE, SLOW_LIVE_S


def is_slow(
    live_s: SQLColumnExpression[float], dropped: SQLColumnExpression[int], processed: SQLColumnExpression[int]
) -> ColumnElement[bool]:
    """Return the condition on a minute's sums, or on one row, by which it was slow (as ingest.minutes.is_slow)."""
    return and_(live_s < SLOW_LIVE_S, dropped > 0, dropped >= SLOW_DROPPED_SHARE * processed)


def slow_minutes(connection: Connection, selection: Selection) -> dict[str, int]:
    """Return for each camera that had any in the selection's days the number of minutes in which it was too slow."""
    row, found = CameraMinuteRow, dict[str, int]()
    for camera in selected_cameras(connection, selection):
        start = day_bounds(selection.first_day, camera.zone).start
        end = day_bounds(selection.last_day, camera.zone).end
        slow = is_slow(func.sum(row.live_s), func.sum(row.frames_dropped), func.sum(row.frames_processed))
        minutes = (
            select(row.minute)
            .where(row.camera_id == camera.id, row.minute >= start, row.minute < end)
            .group_by(row.minute)
            .having(and_(slow, func.max(row.picture) == "ok", func.min(row.picture) == "ok"))
            .subquery()
        )
        if count := connection.execute(select(func.count()).select_from(minutes)).scalar_one():
            found[camera.camera] = count
    return found
