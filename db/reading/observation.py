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

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, func, literal, select

from db.models import CameraPeriodRow, HourlyObservationRow, SiteRow
from db.reading.queries import PLACE_COLUMNS, table_of, with_places
from db.reading.selection import SelectedCamera, Selection, selected_cameras
from db.writing.minutes import SUMMED
from db.writing.registry import HoursHistory, hours_histories, hours_history, opening_on
from footfall.local_time import day_bounds, hours_of_day, overlap_s

SECONDS = ("open_s", "observed_open_s", "observed_s")
DAY_COLUMNS = ("site", "entrance", "camera", "day")
HOUR_COLUMNS = (*DAY_COLUMNS, "hour_start")


def observation(connection: Connection, selection: Selection, by: Sequence[str] = DAY_COLUMNS) -> pd.DataFrame:
    """Return expected and observed time, summed over every column that `by` leaves out."""
    cameras = selected_cameras(connection, selection)
    places = [name for name in by if name in PLACE_COLUMNS]
    keys = (["camera_id"] if places else []) + [name for name in ("day", "hour_start") if name in by]
    nothing_seen = (0.0,) * (len(SECONDS) - 1) + (0,) * len(SUMMED) + (0.0,)
    rows = [(*row, *nothing_seen) for row in _expected(connection, cameras, selection, keys)]
    rows += _observed(connection, cameras, selection, keys)
    sums = [*SECONDS, *SUMMED]
    frame = table_of(rows, [*keys, *sums, "lag_s"])
    frame = frame.astype(dict.fromkeys((*SECONDS, "lag_s"), "float64") | dict.fromkeys(SUMMED, "int64"))
    frame = with_places(frame, cameras, places)
    if not by:
        return frame[sums].sum().to_frame().T.assign(lag_s=frame["lag_s"].max())
    how = dict.fromkeys(sums, "sum") | {"lag_s": "max"}
    return frame.groupby(list(by), sort=True, as_index=False).agg(how)


def _observed(
    connection: Connection, cameras: Sequence[SelectedCamera], selection: Selection, keys: list[str]
) -> list[tuple[Any, ...]]:
    """Return `keys`, no expected time, what was observed, and the largest lag."""
    hour = HourlyObservationRow
    columns: list[Any] = [getattr(hour, name) for name in keys]
    names = (*SECONDS[1:], *SUMMED)
    query = (
        select(*columns, literal(0.0), *(func.sum(getattr(hour, name)) for name in names), func.max(hour.lag_s))
        .where(hour.camera_id.in_([camera.id for camera in cameras]))
        .where(hour.day.between(selection.first_day, selection.last_day))
        .group_by(*columns)
        .having(func.count() > 0)
    )
    return [tuple(row) for row in connection.execute(query).all()]


def open_when_they_end(connection: Connection, site: str, days: Iterable[date]) -> set[date]:
    """Return those of `days` at whose end, at midnight, the site was or is open: nobody knows it empty then."""
    found = connection.execute(select(SiteRow.id, SiteRow.time_zone).where(SiteRow.name == site)).one()
    history, zone = hours_history(connection, found.id), ZoneInfo(found.time_zone)

    def is_open(day: date) -> bool:
        end, following = day_bounds(day, zone).end, day + timedelta(days=1)
        return any(one.start <= end for one in opening_on(history, following, zone))

    return {day for day in days if is_open(day)}


def _expected(
    connection: Connection, cameras: Sequence[SelectedCamera], selection: Selection, keys: list[str]
) -> Iterator[tuple[Any, ...]]:
    """Give `keys` and opening seconds; those of cameras that expect the same are added up where no camera is asked."""
    histories = hours_histories(connection, sorted({camera.site_id for camera in cameras}))
    for day, expecting in _expecting(connection, cameras, selection):
        for site_id, history in histories.items():
            mine = [camera for camera in expecting if camera.site_id == site_id]
            if not mine:
                continue
            for start, open_s in _opening(day, mine[0].zone, history, "hour_start" in keys):
                moment = {"day": day, "hour_start": start}
                when = [moment[name] for name in keys if name != "camera_id"]
                if "camera_id" in keys:
                    yield from ((camera.id, *when, open_s) for camera in mine)
                else:
                    yield (*when, len(mine) * open_s)


def _expecting(
    connection: Connection, cameras: Sequence[SelectedCamera], selection: Selection
) -> Iterator[tuple[date, list[SelectedCamera]]]:
    """Give each day and the cameras that were to observe on it: they were configured, or gave something."""
    periods = _periods(connection, cameras)
    hour = HourlyObservationRow
    gave = (
        select(hour.camera_id, hour.day)
        .distinct()
        .where(hour.camera_id.in_([camera.id for camera in cameras]))
        .where(hour.day.between(selection.first_day, selection.last_day))
    )
    days_seen = {(row.camera_id, row.day) for row in connection.execute(gave)}
    for number in range((selection.last_day - selection.first_day).days + 1):
        day = selection.first_day + timedelta(days=number)
        yield (
            day,
            [
                camera
                for camera in cameras
                if (camera.id, day) in days_seen or any(a <= day <= b for a, b in periods.get(camera.id, []))
            ],
        )


def _opening(day: date, zone: ZoneInfo, history: HoursHistory, hourly: bool) -> Iterator[tuple[datetime | None, float]]:
    """Give the opening seconds of each hour of the day, or of the whole day."""
    intervals = opening_on(history, day, zone)
    if not hourly:
        yield None, sum((one.end - one.start).total_seconds() for one in intervals)
        return
    for hour in hours_of_day(day, zone):
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
