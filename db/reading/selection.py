"""Which cameras and days a question is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from db.models import CameraRow, SiteRow


@dataclass(frozen=True, slots=True)
class Selection:
    """Local days, both included, and names of sites, entrances and cameras; None means all of them."""

    first_day: date
    last_day: date
    sites: tuple[str, ...] | None = None
    entrances: tuple[str, ...] | None = None
    cameras: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SelectedCamera:
    """A camera that a selection covers."""

    id: int
    camera: str
    label: str
    entrance: str
    site: str
    site_id: int
    zone: ZoneInfo


def selected_cameras(connection: Connection, selection: Selection) -> list[SelectedCamera]:
    """Return the cameras of the selection, by site, entrance and name."""
    query = (
        select(CameraRow.id, CameraRow.name, CameraRow.label, CameraRow.entrance, CameraRow.site_id)
        .add_columns(SiteRow.name.label("site"), SiteRow.time_zone)
        .join(SiteRow, SiteRow.id == CameraRow.site_id)
        .order_by(SiteRow.name, CameraRow.entrance, CameraRow.name)
    )
    filters: tuple[tuple[object, Sequence[str] | None], ...] = (
        (SiteRow.name, selection.sites),
        (CameraRow.entrance, selection.entrances),
        (CameraRow.name, selection.cameras),
    )
    for column, names in filters:
        if names is not None:
            query = query.where(column.in_(names))  # type: ignore[attr-defined]
    return [
        SelectedCamera(row.id, row.name, row.label, row.entrance, row.site, row.site_id, ZoneInfo(row.time_zone))
        for row in connection.execute(query)
    ]
