"""Visits as tidy DataFrames, aggregated in SQL from the rollups, so that a page never has to count visits.

Columns, as far as asked for with `by`:
    site, entrance, camera   names (text)
    day                      mall-local day (datetime.date)
    hour_start               UTC instant at which the mall-local hour begins (datetime64[us, UTC]); `hourly` only
    direction                "in", "out" or "none"
    gender                   "female", "male" or "unknown"
    age_group                like "25-34", "65+" or "unknown"
    visits                   count (int64), the last column
Rows are in the order of `by`. What was never seen has no row: completeness comes from db.observation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from db.models import DailyVisitsRow, HourlyTotalsRow, HourlyVisitsRow
from db.reading.selection import SelectedCamera, Selection, selected_cameras

PLACE_COLUMNS = ("site", "entrance", "camera")
DAILY_COLUMNS = (*PLACE_COLUMNS, "day", "direction", "gender", "age_group")
HOURLY_COLUMNS = (*PLACE_COLUMNS, "day", "hour_start", "direction", "gender", "age_group")


def daily(connection: Connection, selection: Selection, by: Sequence[str] = DAILY_COLUMNS) -> pd.DataFrame:
    """Return visits per local day, summed over every column that `by` leaves out."""
    return _visits(connection, DailyVisitsRow if _by_group(by) else HourlyTotalsRow, selection, by)


def hourly(connection: Connection, selection: Selection, by: Sequence[str] = HOURLY_COLUMNS) -> pd.DataFrame:
    """Return visits per local hour, summed over every column that `by` leaves out."""
    return _visits(connection, HourlyVisitsRow if _by_group(by) else HourlyTotalsRow, selection, by)


def _by_group(by: Sequence[str]) -> bool:
    """Return whether the question needs the rollups with gender and age; the totals are the smaller table."""
    return "gender" in by or "age_group" in by


def _visits(
    connection: Connection,
    table: type[DailyVisitsRow] | type[HourlyVisitsRow] | type[HourlyTotalsRow],
    selection: Selection,
    by: Sequence[str],
) -> pd.DataFrame:
    cameras = selected_cameras(connection, selection)
    parts = [name for name in by if name not in PLACE_COLUMNS]
    places = [name for name in by if name in PLACE_COLUMNS]
    keys = (["camera_id"] if places else []) + parts
    columns: list[Any] = [getattr(table, name) for name in keys]
    query = (
        select(*columns, func.sum(table.visits).label("visits"))
        .where(table.camera_id.in_([camera.id for camera in cameras]))
        .where(table.day.between(selection.first_day, selection.last_day))
        .group_by(*columns)
    )
    rows = [row for row in connection.execute(query).all() if row[-1]]
    frame = with_places(table_of(rows, [*keys, "visits"]), cameras, places)
    frame = frame.astype({"visits": "int64"})
    if not by:
        return pd.DataFrame({"visits": [int(frame["visits"].sum())]})
    return frame.groupby(list(by), sort=True)["visits"].sum().reset_index()


def with_places(frame: pd.DataFrame, cameras: Sequence[SelectedCamera], places: Sequence[str]) -> pd.DataFrame:
    """Return `frame` with the columns `places` in front, looked up by its column camera_id, which goes."""
    if "camera_id" not in frame:
        return frame
    for name in reversed(places):
        names = {camera.id: getattr(camera, name) for camera in cameras}
        frame.insert(0, name, frame["camera_id"].map(names).astype("str"))
    return frame.drop(columns="camera_id")


def table_of(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Return `rows` as a DataFrame; instants (columns ending in _at, _start or minute) become datetime64[us, UTC]."""
    frame = pd.DataFrame([tuple(row) for row in rows], columns=list(columns))
    for name in columns:
        if name.endswith(("_at", "_start", "minute")):
            frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame
