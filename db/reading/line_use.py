"""How many of the people whom a camera saw lately crossed its counting line, since that line is where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from db.audit_models import CameraSetupRow
from db.models import CameraRow, HourlyTotalsRow, SiteRow
from footfall.types import Direction

LOOKED_AT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LineUse:
    """Visits of one camera with a line: `seen` of them, of whom `came_in` and `went_out` crossed it."""

    camera: str
    label: str
    seen: int
    came_in: int
    went_out: int


def line_use(connection: Connection, now: datetime, sites: Sequence[str] | None = None) -> list[LineUse]:
    """Return the cameras of `sites` (None: of all) that have a line, by name, with the visits of the last seven days.

    Hours that began before the line was moved last do not count.
    """
    query = select(CameraRow.id, CameraRow.name, CameraRow.label).join(SiteRow, SiteRow.id == CameraRow.site_id)
    if sites is not None:
        query = query.where(SiteRow.name.in_(sites))
    found = []
    for camera in connection.execute(query.order_by(CameraRow.name)).all():
        row = CameraSetupRow
        newest = select(row.since, row.line).where(row.camera_id == camera.id).order_by(row.since.desc()).limit(1)
        setup = connection.execute(newest).first()
        if setup is None or not setup.line.get("line"):
            continue
        counts = _by_direction(connection, camera.id, max(setup.since, now - LOOKED_AT))
        came_in, went_out = counts.get(Direction.IN.value, 0), counts.get(Direction.OUT.value, 0)
        found.append(LineUse(camera.name, camera.label, sum(counts.values()), came_in, went_out))
    return found


def _by_direction(connection: Connection, camera_id: int, since: datetime) -> dict[str, int]:
    row = HourlyTotalsRow
    query = (
        select(row.direction, func.sum(row.visits))
        .where(row.camera_id == camera_id, row.hour_start >= since)
        .group_by(row.direction)
    )
    return {str(direction): int(visits) for direction, visits in connection.execute(query)}
