"""Times the dashboard's questions on two years of rollups: 5 million visits, 8 cameras.

    python -m benchmarks.rollups --database sqlite:////tmp/rollups.db
    python -m benchmarks.rollups --database postgresql://postgres@127.0.0.1/rollups    (an empty database)
    python -m benchmarks.rollups --database sqlite:////tmp/short.db --days 92

Rollup rows are written directly (they are what the questions read), unless they are there from an earlier run. Each
question is asked five times on an open connection; printed are the median and the slowest, and the median of this
process's own CPU time, which other programs on the machine do not lengthen. A short history shows which questions
cost more the longer the history is.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, func, insert, select

from benchmarks.judged_rows import write_judged
from dashboard.numbers.group_days import group_days
from db.day_sheets import day_sheets, packed
from db.models import (
    CameraRow,
    DailyVisitsRow,
    DaySheetRow,
    HourlyObservationRow,
    HourlyTotalsRow,
    HourlyVisitsRow,
)
from db.reading import operation, queries
from db.reading.arrivals import arrivals
from db.reading.firsts import firsts, parts
from db.reading.observation import HOUR_COLUMNS, observation
from db.reading.selection import Selection
from db.session import open_database, reading, writing
from db.store import Store
from footfall.config import Config
from footfall.config_sections import ReidConfig, ReportConfig
from footfall.local_time import hours_of_day, opening_intervals
from reports.data import report_data
from reports.table import ReportOptions, report

CAMERAS = 8
VISITS = 5_000_000
LAST_DAY = date(2026, 10, 31)
DAYS = 731
HOURS = "09:00-22:00"
ZONE = ZoneInfo("Europe/Berlin")
REPEATS = 5
GROUPS = [
    (direction, gender, age)
    for direction in ("in", "out", "none")
    for gender in ("female", "male", "unknown")
    for age in ("0-12", "13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+", "unknown")
]
STARTS = ReportConfig().age_group_starts


def main() -> None:
    """Build the database, ask, and print what each question took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="URL of a database that may be filled")
    parser.add_argument("--days", type=int, default=DAYS, help="length of the history")
    options = parser.parse_args()
    engine = open_database(options.database)
    prepare(engine, options.days)
    print(f"{engine.dialect.name}: {counted(engine)}")
    for name, ask in questions():
        print(f"{name:45} {timed(engine, ask)}", flush=True)


def mall(database_url: str = "sqlite:///unused.db", **settings: Any) -> Config:
    """Return the settings of one mall with eight cameras at four entrances."""
    cameras = {f"camera{n}": {"source": "0", "entrance": f"Entrance {n // 2}"} for n in range(CAMERAS)}
    sites = {"main": {"label": "Two years", "time_zone": ZONE.key, "opening_hours": HOURS}}
    judging = {"reid": ReidConfig(mode="clothes")} | settings
    return Config(database_url=SecretStr(database_url), sites=sites, cameras=cameras, **judging)


def prepare(engine: Engine, days: int) -> None:
    """Write the mall and its history, unless they are there from an earlier run."""
    began = datetime.combine(LAST_DAY - timedelta(days=days - 1), datetime.min.time(), ZONE)
    Store(engine, clock=lambda: began.astimezone(UTC)).sync(mall())
    with reading(engine) as connection:
        filled = connection.execute(select(DailyVisitsRow.day).limit(1)).first() is not None
    if not filled:
        fill(engine, days)


def questions() -> list[tuple[str, Callable[[Connection], Any]]]:
    """Return what the pages ask."""
    day, month = Selection(LAST_DAY, LAST_DAY), Selection(LAST_DAY - timedelta(days=30), LAST_DAY)
    year, everything = (Selection(LAST_DAY - timedelta(days=n), LAST_DAY) for n in (365, DAYS))
    people = ("day", "gender", "age_group")
    quarter = Selection(LAST_DAY - timedelta(days=90), LAST_DAY)
    return [
        ("a day by hour", lambda c: queries.hourly(c, day, ("hour_start", "direction"))),
        ("a day's observation by hour", lambda c: observation(c, day, HOUR_COLUMNS)),
        ("a month by day, gender and age", lambda c: queries.daily(c, month, people)),
        ("a month by hour, gender and age", lambda c: queries.hourly(c, month, ("hour_start", "gender", "age_group"))),
        ("a year by day and entrance", lambda c: queries.daily(c, year, ("entrance", "day"))),
        ("a year by day, gender and age", lambda c: queries.daily(c, year, people)),
        ("a year by hour", lambda c: queries.hourly(c, year, ("hour_start",))),
        ("a year's observation by day", lambda c: observation(c, year, ("day",))),
        ("two years by day", lambda c: queries.daily(c, everything, ("day",))),
        ("two years by hour", lambda c: queries.hourly(c, everything, ("hour_start",))),
        ("two years' observation by day", lambda c: observation(c, everything, ("day",))),
        ("the sites with their first and last day", operation.sites),
        ("a daily report", lambda c: report(report_data(c, "main", LAST_DAY, ReidConfig()), ReportOptions(STARTS))),
        ("13 weeks of groups by hour and camera", lambda c: group_days(day_sheets(c, quarter), ZONE, STARTS, 0)),
        ("the same with counts below 5 hidden", lambda c: group_days(day_sheets(c, quarter), ZONE, STARTS, 5)),
        ("13 weeks of unique visitors by day", lambda c: firsts(c, quarter, ("day",))),
        ("the parts of 13 weeks", lambda c: parts(c, quarter)),
        (
            "13 weeks of unique visitors by group",
            lambda c: firsts(c, quarter, ("camera", "day", "gender", "age_group")),
        ),
        ("a year of unique visitors by day", lambda c: firsts(c, year, ("day",))),
        ("the arrivals of a year by day", lambda c: arrivals(c, year)),
    ]


def timed(engine: Engine, ask: Callable[[Connection], Any]) -> str:
    """Return median and slowest of a few answers, in milliseconds."""
    taken_ms, cpu_ms = [], []
    with reading(engine) as connection:
        for _ in range(REPEATS):
            begun, begun_cpu = time.perf_counter(), time.process_time()
            answer = ask(connection)
            cpu_ms.append((time.process_time() - begun_cpu) * 1000)
            taken_ms.append((time.perf_counter() - begun) * 1000)
    rows = len(answer) if isinstance(answer, pd.DataFrame) else 1
    median, cpu = statistics.median(taken_ms), statistics.median(cpu_ms)
    return f"{median:7.0f} ms median {max(taken_ms):7.0f} ms slowest {cpu:7.0f} ms CPU {rows:7d} rows"


def counted(engine: Engine) -> str:
    """Return how much there is."""
    with reading(engine) as connection:
        days = Selection(date(2020, 1, 1), LAST_DAY)
        visits = queries.daily(connection, days, ())["visits"].item()
        columns = (HourlyVisitsRow.camera_id, DailyVisitsRow.camera_id, HourlyObservationRow.camera_id)
        sizes = [connection.execute(select(func.count(column))).scalar_one() for column in columns]
    return f"{visits:,} visits in {sizes[0]:,} hourly and {sizes[1]:,} daily rows, {sizes[2]:,} hours observed"


def fill(engine: Engine, count: int) -> None:
    """Write the rollups of every day, ten days in a transaction."""
    random = np.random.default_rng(1)
    with reading(engine) as connection:
        cameras = list(connection.execute(select(CameraRow.id)).scalars())
        site_id = connection.execute(select(CameraRow.site_id).limit(1)).scalar_one()
    weights = random.dirichlet(np.ones(len(GROUPS)) * 2)
    days = [LAST_DAY - timedelta(days=number) for number in range(count)]
    for first in range(0, count, 10):
        with writing(engine) as connection:
            for day in days[first : first + 10]:
                hourly = list(hourly_rows(random, weights, cameras, day))
                connection.execute(insert(HourlyVisitsRow), hourly)
                connection.execute(insert(DailyVisitsRow), sums(hourly, DailyVisitsRow))
                connection.execute(insert(HourlyTotalsRow), sums(hourly, HourlyTotalsRow))
                connection.execute(insert(DaySheetRow), list(sheets(hourly)))
                connection.execute(insert(HourlyObservationRow), list(observed_rows(cameras, day)))
                write_judged(connection, hourly, site_id)


def hourly_rows(
    random: np.random.Generator, weights: np.ndarray[Any, Any], cameras: list[int], day: date
) -> Iterator[dict[str, Any]]:
    """Give Poisson counts of every camera, opening hour and group."""
    starts = open_hours(day)
    mean = VISITS / (DAYS * len(cameras) * len(starts)) * weights
    for camera in cameras:
        for start in starts:
            for group, visits in zip(GROUPS, random.poisson(mean), strict=True):
                if visits:
                    names = dict(zip(("direction", "gender", "age_group"), group, strict=True))
                    yield {"camera_id": camera, "day": day, "hour_start": start, "visits": int(visits), **names}


def sums(hourly: list[dict[str, Any]], table: type[DailyVisitsRow] | type[HourlyTotalsRow]) -> list[dict[str, Any]]:
    """Return the rows of a coarser rollup."""
    keys = [column.name for column in table.__table__.primary_key]
    summed = pd.DataFrame(hourly).groupby(keys)["visits"].sum().reset_index()
    return [{str(name): value for name, value in row.items()} for row in summed.to_dict("records")]


def sheets(hourly: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give the day sheets of one day."""
    cells: dict[tuple[int, date], Counter[tuple[datetime, str, str]]] = {}
    for row in hourly:
        sheet = cells.setdefault((row["camera_id"], row["day"]), Counter())
        sheet[row["hour_start"], row["gender"], row["age_group"]] += row["visits"]
    for (camera_id, day), counts in cells.items():
        yield {"camera_id": camera_id, "day": day, "counts": packed(counts)}


def observed_rows(cameras: list[int], day: date) -> Iterator[dict[str, Any]]:
    """Give whole hours of observation at ten frames a second."""
    counts = {"frames_seen": 36_000, "frames_processed": 36_000, "frames_dropped": 0, "frames_damaged": 0}
    for camera in cameras:
        for start in open_hours(day):
            seen = {"observed_s": 3600.0, "observed_open_s": 3600.0, "lag_s": 0.2, "faces": 900, "faces_small": 30}
            yield {"camera_id": camera, "day": day, "hour_start": start, "frozen": False, **counts, **seen}


def open_hours(day: date) -> list[datetime]:
    """Return when the hours of the day begin in which the mall is open."""
    opened = opening_intervals(day, ZONE, (HOURS,) * 7)[0]
    return [hour.start.astimezone(UTC) for hour in hours_of_day(day, ZONE) if opened.start <= hour.start < opened.end]


if __name__ == "__main__":
    main()
