"""Keeps what cameras are set to see, from which moment on: audits hold for one such setup."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from db.audit_models import CameraSetupRow
from db.models import CameraRow
from db.writing.registry import storable
from footfall.config_sections import CameraConfig
from footfall.secrets import place_of


def record_setup(connection: Connection, camera_id: int, camera: CameraConfig, now: datetime) -> None:
    """Keep place and line of a camera from `now` on where they are not what they were."""
    row = CameraSetupRow
    newest = select(row.since, row.place, row.line).where(row.camera_id == camera_id).order_by(row.since.desc())
    last = connection.execute(newest).first()
    entrance = connection.execute(select(CameraRow.entrance).where(CameraRow.id == camera_id)).scalar_one()
    said = {"place": _place(entrance, camera), "line": _line(camera)}
    if last is None or (now > last.since and said != {"place": last.place, "line": last.line}):
        connection.execute(insert(row).values(camera_id=camera_id, since=now, **said))


def _place(entrance: str, camera: CameraConfig) -> dict[str, Any]:
    """Return the entrance and, of a camera in the network, its host and port: never a path, which may hold a secret."""
    return {"entrance": entrance, "address": storable(place_of(camera.source))}


def _line(camera: CameraConfig) -> dict[str, Any]:
    return {
        "line": None if camera.line is None else [list(point) for point in camera.line],
        "ignore": [[list(point) for point in area] for area in camera.ignore],
    }
