"""The auditor's question: do the totals follow from the visits and minutes that are still there?

The databases compare: they add up both sides and answer with what differs, for all cameras of a site and a month at a
time, so that a year of a chain is read once and neither side has to fit into memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, Select, func, literal, select, text, union_all

from db.day_sheets import unpacked
from db.minute_months import hold
from db.models import (
    CameraRow,
    DailyFirstsRow,
    DailyVisitsRow,
    DaySheetRow,
    DeletionRow,
    HourlyFirstsRow,
    HourlyObservationRow,
    HourlyTotalsRow,
    HourlyVisitsRow,
    SiteRow,
    VisitRow,
)
from db.shared_minutes import shared_minutes
from db.verification_of_firsts import Part, first_differences, part_differences
from db.verification_of_firsts import Rollup as FirstSums
from db.writing.minutes import observation_rows
from db.writing.registry import KnownCamera, known_cameras
from footfall.local_time import LocalHour, hour_of, local_day

ROUNDING_S = 0.001
DAYS_AT_ONCE = 31
NOTHING = literal(0, Integer)
Rollup = type[DailyVisitsRow] | type[HourlyTotalsRow] | type[HourlyVisitsRow]


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that does not follow from what it was derived from. `cell` names it, like "in female 25-34".

    `camera` is the site where the number is that of a site.
    """

    table_name: str
    camera: str
    day: date
    cell: str
    stored: float
    derived: float


@dataclass(frozen=True, slots=True)
class _Part:
    """What is compared at once: all cameras of a site by id, and a few days, both included."""

    cameras: Mapping[int, KnownCamera]
    first_day: date
    last_day: date


def verify(connection: Connection, first_day: date, last_day: date) -> list[Difference]:
    """Derive the rollups of these days again and return where they differ; an empty list is the proof.

    Hourly visits follow from the visits (as far back as retention left them), daily visits, hourly totals and day
    sheets from the hourly ones, and the observed time from the minutes, each of which has one source. Hourly firsts and
    closed parts of the register follow from what was judged of each visit, as far back, daily firsts from the
    hourly.
    """
    hold(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL work_mem = '64MB'"))  # a month of minutes is added up without the disk
    names = connection.execute(select(CameraRow.name).order_by(CameraRow.name)).scalars().all()
    by_site: dict[int, dict[int, KnownCamera]] = defaultdict(dict)
    for camera in known_cameras(connection, names).values():
        by_site[camera.site_id][camera.id] = camera
    found: list[Difference] = []
    for site_id, cameras in by_site.items():
        whole_from = _whole_from(connection, site_id)
        for start, end in _stretches(first_day, last_day):
            part = _Part(cameras, start, end)
            found += _rollup_differences(connection, part, DailyVisitsRow, HourlyVisitsRow)
            found += _rollup_differences(connection, part, HourlyTotalsRow, HourlyVisitsRow)
            found += _sheet_differences(connection, part)
            found += _first_differences(connection, part, DailyFirstsRow, HourlyFirstsRow)
            if whole_from <= end:
                whole = _Part(cameras, max(start, whole_from), end)
                found += _rollup_differences(connection, whole, HourlyVisitsRow, VisitRow)
                found += _first_differences(connection, whole, HourlyFirstsRow, VisitRow)
                found += _part_differences(connection, site_id, whole)
            found += _observation_differences(connection, part)
            found += _source_differences(connection, part)
    return sorted(found, key=lambda one: (one.camera, one.table_name, one.day, one.cell))


def _stretches(first_day: date, last_day: date) -> Iterator[tuple[date, date]]:
    while first_day <= last_day:
        end = min(last_day, first_day + timedelta(days=DAYS_AT_ONCE - 1))
        yield first_day, end
        first_day = end + timedelta(days=1)


def _rollup_differences(
    connection: Connection, part: _Part, table: Rollup, source: type[HourlyVisitsRow] | type[VisitRow]
) -> Iterator[Difference]:
    """Compare a rollup with the sums of finer rows: of hourly visits, or of single ones."""
    names = [column.name for column in table.__table__.primary_key]
    one = literal(1, Integer) if source is VisitRow else HourlyVisitsRow.visits
    sides = (
        _of(part, table, names).add_columns(table.visits.label("stored"), NOTHING.label("derived")),
        _of(part, source, names).add_columns(NOTHING.label("stored"), one.label("derived")),
    )
    both = union_all(*sides).subquery()
    keys = [both.c[name] for name in names]
    stored, derived = func.sum(both.c.stored), func.sum(both.c.derived)
    for row in connection.execute(select(*keys, stored, derived).group_by(*keys).having(stored != derived)):
        yield _difference(part, table.__tablename__, tuple(row[:-2]), int(row[-2]), int(row[-1]))


def _sheet_differences(connection: Connection, part: _Part) -> Iterator[Difference]:
    names = ["camera_id", "day", "hour_start", "gender", "age_group"]
    hourly = HourlyVisitsRow
    sums = _of(part, hourly, names).add_columns(func.sum(hourly.visits))
    query = sums.group_by(*(getattr(hourly, name) for name in names))
    derived = {tuple(row[:-1]): int(row[-1]) for row in connection.execute(query)}
    sheets = connection.execute(_of(part, DaySheetRow, ["camera_id", "day", "counts"]))
    stored = {(row.camera_id, row.day, *cell): visits for row in sheets for cell, visits in unpacked(row.counts)}
    for key in stored.keys() | derived.keys():
        if stored.get(key, 0) != derived.get(key, 0):
            yield _difference(part, "day_sheets", key, stored.get(key, 0), derived.get(key, 0))


def _first_differences(
    connection: Connection, part: _Part, table: FirstSums, source: type[HourlyFirstsRow] | type[VisitRow]
) -> Iterator[Difference]:
    """Compare sums of judgements with finer ones, or with the judgements of single visits."""
    rows = Part(tuple(part.cameras), part.first_day, part.last_day)
    for key, stored, derived in first_differences(connection, table, source, rows):
        yield _difference(part, table.__tablename__, key, stored, derived)


def _part_differences(connection: Connection, site_id: int, part: _Part) -> Iterator[Difference]:
    site = connection.execute(select(SiteRow.name).where(SiteRow.id == site_id)).scalar_one()
    for uid, day, name, stored, derived in part_differences(connection, site_id, part.first_day, part.last_day):
        yield Difference("register_parts", site, day, f"part {uid} {name}", stored, derived)


def _observation_differences(connection: Connection, part: _Part) -> Iterator[Difference]:
    names = ["camera_id", "day", "hour_start", "observed_s", "observed_open_s"]
    query = _of(part, HourlyObservationRow, names).where(HourlyObservationRow.frozen.is_(False))
    stored = {(row.camera_id, row.hour_start): row for row in connection.execute(query)}
    hours: dict[int, dict[datetime, LocalHour]] = defaultdict(dict)
    for camera_id, start in stored:
        hours[camera_id][start] = hour_of(start, part.cameras[camera_id].zone)
    derived = observation_rows(connection, list(part.cameras.values()), hours)
    for (camera_id, start), row in stored.items():
        now = derived[camera_id].get(start, {})
        for name in ("observed_s", "observed_open_s"):
            was_s, is_s = float(getattr(row, name)), float(now.get(name, 0.0))
            if abs(was_s - is_s) > ROUNDING_S:
                key = (camera_id, row.day, start, name)
                yield _difference(part, "hourly_observation", key, was_s, is_s)


def _source_differences(connection: Connection, part: _Part) -> Iterator[Difference]:
    """Find the minutes that two sources of one camera have counted."""
    for camera in part.cameras.values():
        for minute, sources in shared_minutes(connection, camera, part.first_day, part.last_day):
            key = (camera.id, local_day(minute, camera.zone), minute, "sources")
            yield _difference(part, "camera_minutes", key, sources, 1)


def _of(part: _Part, table: Any, names: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Return the question for columns of the rows of these cameras and days."""
    return select(*(getattr(table, name) for name in names)).where(
        table.camera_id.in_(list(part.cameras)), table.day.between(part.first_day, part.last_day)
    )


def _whole_from(connection: Connection, site_id: int) -> date:
    """Return the first day of which retention has deleted no visit."""
    query = select(func.max(DeletionRow.before_day)).where(
        DeletionRow.site_id == site_id, DeletionRow.table_name == "visits"
    )
    return connection.execute(query).scalar_one() or date.min


def _difference(part: _Part, table_name: str, key: tuple[Any, ...], stored: float, derived: float) -> Difference:
    """Name a cell: `key` is the id of the camera, the day, and what else makes it."""
    camera = part.cameras[key[0]]
    words = [
        one.astimezone(camera.zone).strftime("%H:%M%z") if isinstance(one, datetime) else str(one) for one in key[2:]
    ]
    return Difference(table_name, camera.name, key[1], " ".join(words), stored, derived)
