"""What corrected shares are made of, and those that were stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
from sqlalchemy import Connection, func, select

from db.estimate_models import CalibrationRow, ShareEstimateRow
from db.estimates import StoredEstimate
from db.models import CameraRow, DailyVisitsRow, DayVersionRow, DeletionRow, SiteRow, VisitFirstRow, VisitRow
from db.reading.queries import table_of
from db.reading.selection import SelectedCamera

VISIT_COLUMNS = ("hour_start", "gender", "age_group", "p_female", "age_shares", "model_version")
ESTIMATE_COLUMNS = (
    "day", "entrance", "dimension", "version", "small_cell", "made_of", "judged", "visits", "left_out", "shares",
    "basis", "hours",
)  # fmt: skip


def judged_visits(
    connection: Connection, cameras: Sequence[SelectedCamera], day: date, *, with_staff: bool
) -> pd.DataFrame:
    """Return a local day's visits in the order of their uids: camera, entrance, hour_start, gender, age_group,
    p_female (NaN where not judged), age_shares (text like "0,13,987", None where not) and model_version."""
    row, judged = VisitRow, VisitFirstRow
    columns = [getattr(row, name) for name in VISIT_COLUMNS]
    query = select(row.camera_id, *columns).where(row.camera_id.in_([one.id for one in cameras]), row.day == day)
    if not with_staff:
        query = query.outerjoin(judged, judged.uid == row.uid).where(func.coalesce(judged.staff, False).is_(False))
    frame = table_of(connection.execute(query.order_by(row.uid)).all(), ["camera_id", *VISIT_COLUMNS])
    for name in ("entrance", "camera"):
        names = {one.id: getattr(one, name) for one in cameras}
        frame.insert(0, name, frame["camera_id"].map(names).astype("str"))
    return frame.drop(columns="camera_id").astype({"p_female": "float64", "age_shares": "object"})


def calibrations(connection: Connection) -> dict[str, dict[str, str]]:
    """Return the tables of confusions of each network, JSON by SHA-256, the one to use first."""
    row = CalibrationRow
    found: dict[str, dict[str, str]] = {}
    query = select(row.network, row.sha256, row.confusion).order_by(row.network, row.noted_at.desc(), row.sha256)
    for network, sha256, text in connection.execute(query):
        found.setdefault(network, {})[sha256] = text
    return found


def stored_estimates(
    connection: Connection,
    site: str,
    first_day: date,
    last_day: date,
    entrances: Sequence[str] | None = None,
    *,
    with_hours: bool = True,
) -> list[StoredEstimate]:
    """Return what is stored of these local days, both included, in the order of days, entrances and dimensions.

    `entrances` ("" is the whole site) are those to read, None: all. `hours`, most of the text, is empty on request.
    """
    row = ShareEstimateRow
    names = [name for name in ESTIMATE_COLUMNS if with_hours or name != "hours"]
    query = (
        select(*(getattr(row, name) for name in names))
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(SiteRow.name == site, row.day.between(first_day, last_day))
        .order_by(row.day, row.entrance, row.dimension)
    )
    if entrances is not None:
        query = query.where(row.entrance.in_(entrances))
    return [StoredEstimate(**found._asdict()) for found in connection.execute(query)]


def stored_coverage(connection: Connection, site: str, first_day: date, last_day: date) -> pd.DataFrame:
    """Return day, entrance ("": the whole site), dimension, small_cell, judged, visits and left_out of these days."""
    row = ShareEstimateRow
    names = ["day", "entrance", "dimension", "small_cell", "judged", "visits", "left_out"]
    query = (
        select(*(getattr(row, name) for name in names))
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(SiteRow.name == site, row.day.between(first_day, last_day))
        .order_by(row.day, row.entrance, row.dimension)
    )
    return table_of(connection.execute(query).all(), names)


def own_versions(connection: Connection, site: str, first_day: date, last_day: date) -> dict[date, int]:
    """Return the version of each of these days by itself, without the changes of every day."""
    row = DayVersionRow
    query = (
        select(row.day, row.version)
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(SiteRow.name == site, row.day.between(first_day, last_day))
    )
    return {day: version for day, version in connection.execute(query)}


def whole_from(connection: Connection, site: str) -> date:
    """Return the first day of which retention has deleted no visit."""
    query = (
        select(func.max(DeletionRow.before_day))
        .join(SiteRow, SiteRow.id == DeletionRow.site_id)
        .where(SiteRow.name == site, DeletionRow.table_name == VisitRow.__tablename__)
    )
    return connection.execute(query).scalar_one() or date.min


def visited_days(connection: Connection, site: str, first_day: date, last_day: date) -> list[date]:
    """Return the local days on which somebody was counted, oldest first."""
    mine = select(CameraRow.id).join(SiteRow, SiteRow.id == CameraRow.site_id).where(SiteRow.name == site)
    row = DailyVisitsRow
    query = select(row.day).distinct().where(row.camera_id.in_(mine), row.day.between(first_day, last_day))
    return sorted(connection.execute(query).scalars())
