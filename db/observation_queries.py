"""How much of the opening hours was really observed: the expected time and the observed one, side by side.

A camera is expected to observe on the days on which it was configured, and on days of which it gave anything.
Columns, as far as asked for with `by` (site, entrance, camera, day, hour_start), then
    open_s            seconds of opening hours that were to be observed (float)
    observed_open_s   seconds of them that were observed
    observed_s        seconds observed, opening hours or not
    frames_seen, frames_processed, frames_dropped, frames_damaged, faces, faces_small   counts (int64)
    lag_s             largest delay between capture and processing
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from db.minute_writes import SUMMED
from db.models import CameraPeriodRow, HourlyObservationRow
from db.queries import table_of, with_places
from db.registry import HoursHistory, hours_history, hours_on
from db.selection import SelectedCamera, Selection, selected_cameras
from footfall.local_time import hours_of_day, opening_intervals, overlap_s

SECONDS = ("open_s", "observed_open_s", "observed_s")
DAY_COLUMNS = ("site", "entrance", "camera", "day")
HOUR_COLUMNS = (*DAY_COLUMNS, "hour_start")


def observation(connection: Connection, selection: Selection, by: Sequence[str] = DAY_COLUMNS) -> pd.DataFrame:
    """Return expected and observed time, summed over every column that `by` leaves out."""
    cameras = selected_cameras(connection, selection)
    keys = ["camera_id", "day", "hour_start"] if "hour_start" in by else ["camera_id", "day"]
    observed = _observed(connection, cameras, selection, keys)
    days_seen = set(zip(observed["camera_id"], observed["day"], strict=True))
    expected = table_of(
        list(_expected(connection, cameras, selection, days_seen, hourly=len(keys) == 3)), [*keys, "open_s"]
    )
    frame = expected.merge(observed, on=keys, how="outer")
    sums = [*SECONDS, *SUMMED]
    frame[[*sums, "lag_s"]] = frame[[*sums, "lag_s"]].fillna(0)
    frame = frame.astype(dict.fromkeys((*SECONDS, "lag_s"), "float64") | dict.fromkeys(SUMMED, "int64"))
    frame = with_places(frame, cameras, [name for name in by if name in ("site", "entrance", "camera")])
    if not by:
        return frame[sums].sum().to_frame().T.assign(lag_s=frame["lag_s"].max())
    how = dict.fromkeys(sums, "sum") | {"lag_s": "max"}
    return frame.groupby(list(by), sort=True, as_index=False).agg(how)


def _observed(
    connection: Connection, cameras: Sequence[SelectedCamera], selection: Selection, keys: list[str]
) -> pd.DataFrame:
    hour = HourlyObservationRow
    columns: list[Any] = [getattr(hour, name) for name in keys]
    names = ["observed_open_s", "observed_s", *SUMMED]
    query = (
        select(*columns, *(func.sum(getattr(hour, name)) for name in names), func.max(hour.lag_s))
        .where(hour.camera_id.in_([camera.id for camera in cameras]))
        .where(hour.day.between(selection.first_day, selection.last_day))
        .group_by(*columns)
    )
    return table_of(connection.execute(query).all(), [*keys, *names, "lag_s"])


def _expected(
    connection: Connection,
    cameras: Sequence[SelectedCamera],
    selection: Selection,
    days_seen: set[tuple[int, date]],
    *,
    hourly: bool,
) -> Iterator[tuple[Any, ...]]:
    """Give (camera id, day, opening seconds), or (camera id, day, start of the hour, opening seconds)."""
    periods = _periods(connection, cameras)
    histories = {site_id: hours_history(connection, site_id) for site_id in {camera.site_id for camera in cameras}}
    count = (selection.last_day - selection.first_day).days + 1
    days = [selection.first_day + timedelta(days=number) for number in range(count)]
    for camera in cameras:
        for day in days:
            if (camera.id, day) not in days_seen and not any(a <= day <= b for a, b in periods.get(camera.id, [])):
                continue
            for start, open_s in _opening(camera, day, histories[camera.site_id], hourly):
                yield (camera.id, day, start, open_s) if hourly else (camera.id, day, open_s)


def _opening(camera: SelectedCamera, day: date, history: HoursHistory, hourly: bool) -> Iterator[tuple[Any, float]]:
    intervals = opening_intervals(day, camera.zone, hours_on(history, day))
    if not hourly:
        yield None, sum((one.end - one.start).total_seconds() for one in intervals)
        return
    for hour in hours_of_day(day, camera.zone):
        yield hour.start, overlap_s(hour.start, hour.end, intervals)


def _periods(connection: Connection, cameras: Sequence[SelectedCamera]) -> dict[int, list[tuple[date, date]]]:
    period = CameraPeriodRow
    query = select(period.camera_id, period.first_day, period.last_day).where(
        period.camera_id.in_([camera.id for camera in cameras])
    )
    found: dict[int, list[tuple[date, date]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.camera_id, []).append((row.first_day, row.last_day or date.max))
    return found
