"""The auditor's question: do the totals follow from the visits and minutes that are still there?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from db.day_sheets import unpacked
from db.models import (
    CameraRow,
    DailyVisitsRow,
    DaySheetRow,
    DeletionRow,
    HourlyObservationRow,
    HourlyTotalsRow,
    HourlyVisitsRow,
    VisitRow,
)
from db.shared_minutes import shared_minutes
from db.writing.minutes import observation_rows
from db.writing.registry import KnownCamera, known_cameras
from footfall.local_time import hour_of, local_day

ROUNDING_S = 0.001
Summed = type[DailyVisitsRow] | type[HourlyTotalsRow]


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that does not follow from what it was derived from. `cell` names it, like "in female 25-34"."""

    table_name: str
    camera: str
    day: date
    cell: str
    stored: float
    derived: float


def verify(connection: Connection, first_day: date, last_day: date) -> list[Difference]:
    """Derive the rollups of these days again and return where they differ; an empty list is the proof.

    Hourly visits follow from the visits (as far back as retention left them), daily visits, hourly totals and day
    sheets from the hourly ones, and the observed time from the minutes, each of which has one source.
    """
    names = connection.execute(select(CameraRow.name).order_by(CameraRow.name)).scalars().all()
    found: list[Difference] = []
    for camera in known_cameras(connection, names).values():
        for table in (DailyVisitsRow, HourlyTotalsRow):
            found += _summed_differences(connection, camera, first_day, last_day, table)
        found += _sheet_differences(connection, camera, first_day, last_day)
        whole_from = max(first_day, _whole_from(connection, camera.site_id))
        found += _hourly_differences(connection, camera, whole_from, last_day)
        found += _observation_differences(connection, camera, first_day, last_day)
        for minute, sources in shared_minutes(connection, camera, first_day, last_day):
            cell, day = f"{_clock(minute, camera)} sources", local_day(minute, camera.zone)
            found.append(Difference("camera_minutes", camera.name, day, cell, sources, 1))
    return found


def _summed_differences(
    connection: Connection, camera: KnownCamera, first_day: date, last_day: date, table: Summed
) -> list[Difference]:
    """Compare a coarser rollup with the sums of the hourly visits."""
    hourly = HourlyVisitsRow
    names = [column.name for column in table.__table__.primary_key if column.name != "camera_id"]
    parts = [getattr(hourly, name) for name in names]
    stored = select(*(getattr(table, name) for name in names), table.visits).where(table.camera_id == camera.id)
    derived = select(*parts, func.sum(hourly.visits)).where(hourly.camera_id == camera.id).group_by(*parts)
    return _compare(
        table.__tablename__,
        camera,
        _counts(connection, stored.where(table.day.between(first_day, last_day))),
        _counts(connection, derived.where(hourly.day.between(first_day, last_day))),
    )


def _sheet_differences(
    connection: Connection, camera: KnownCamera, first_day: date, last_day: date
) -> list[Difference]:
    hourly, sheet = HourlyVisitsRow, DaySheetRow
    parts = (hourly.day, hourly.hour_start, hourly.gender, hourly.age_group)
    derived = select(*parts, func.sum(hourly.visits)).where(hourly.camera_id == camera.id).group_by(*parts)
    query = select(sheet.day, sheet.counts).where(sheet.camera_id == camera.id, sheet.day.between(first_day, last_day))
    stored = {(row.day, *cell): visits for row in connection.execute(query) for cell, visits in unpacked(row.counts)}
    return _compare(
        "day_sheets", camera, stored, _counts(connection, derived.where(hourly.day.between(first_day, last_day)))
    )


def _hourly_differences(
    connection: Connection, camera: KnownCamera, first_day: date, last_day: date
) -> list[Difference]:
    hourly, visit = HourlyVisitsRow, VisitRow
    parts = (visit.day, visit.hour_start, visit.direction, visit.gender, visit.age_group)
    derived = select(*parts, func.count()).where(visit.camera_id == camera.id).group_by(*parts)
    stored = select(
        hourly.day, hourly.hour_start, hourly.direction, hourly.gender, hourly.age_group, hourly.visits
    ).where(hourly.camera_id == camera.id, hourly.day.between(first_day, last_day))
    return _compare(
        "hourly_visits",
        camera,
        _counts(connection, stored),
        _counts(connection, derived.where(visit.day.between(first_day, last_day))),
    )


def _observation_differences(
    connection: Connection, camera: KnownCamera, first_day: date, last_day: date
) -> list[Difference]:
    hour = HourlyObservationRow
    query = select(hour.day, hour.hour_start, hour.observed_s, hour.observed_open_s).where(
        hour.camera_id == camera.id, hour.day.between(first_day, last_day), hour.frozen.is_(False)
    )
    stored = {row.hour_start: row for row in connection.execute(query)}
    hours = {start: hour_of(start, camera.zone) for start in stored}
    derived = observation_rows(connection, camera, hours) if hours else {}
    found: list[Difference] = []
    for start, row in sorted(stored.items()):
        for name in ("observed_s", "observed_open_s"):
            now_s = float(derived[start][name]) if start in derived else 0.0
            if abs(getattr(row, name) - now_s) > ROUNDING_S:
                cell = f"{_clock(start, camera)} {name}"
                found.append(Difference("hourly_observation", camera.name, row.day, cell, getattr(row, name), now_s))
    return found


def _whole_from(connection: Connection, site_id: int) -> date:
    """Return the first day of which retention has deleted no visit."""
    query = select(func.max(DeletionRow.before_day)).where(
        DeletionRow.site_id == site_id, DeletionRow.table_name == "visits"
    )
    return connection.execute(query).scalar_one() or date.min


def _counts(connection: Connection, query: Select[*tuple[Any, ...]]) -> dict[tuple[Any, ...], int]:
    return {tuple(row[:-1]): int(row[-1]) for row in connection.execute(query)}


def _compare(
    table_name: str,
    camera: KnownCamera,
    stored: Mapping[tuple[Any, ...], int],
    derived: Mapping[tuple[Any, ...], int],
) -> list[Difference]:
    found: list[Difference] = []
    for key in sorted(stored.keys() | derived.keys()):
        if stored.get(key, 0) != derived.get(key, 0):
            words = [_clock(part, camera) if isinstance(part, datetime) else str(part) for part in key[1:]]
            found.append(
                Difference(table_name, camera.name, key[0], " ".join(words), stored.get(key, 0), derived.get(key, 0))
            )
    return found


def _clock(moment: datetime, camera: KnownCamera) -> str:
    return moment.astimezone(camera.zone).strftime("%H:%M%z")
