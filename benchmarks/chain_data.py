"""A year of a chain: every single visit and minute of twenty cameras, with the totals that follow from them.

Rows go in by COPY on PostgreSQL. Each day is drawn from the seed of its number: the same days give the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, Table, insert, select, text

from benchmarks.rollups import GROUPS, HOURS, LAST_DAY, ZONE, observed_rows, open_hours, sheets, sums
from db.models import (
    CameraMinuteRow,
    CameraRow,
    DailyVisitsRow,
    DaySheetRow,
    HourlyObservationRow,
    HourlyTotalsRow,
    HourlyVisitsRow,
    VisitRow,
)
from db.session import reading, writing
from db.store import Store
from footfall.config import Config

CAMERAS = 20
VISITS_A_YEAR = 2_900_000
DAYS = 365
MINUTE = timedelta(minutes=1)


def chain(database_url: str = "sqlite:///unused.db", **settings: Any) -> Config:
    """Return the settings of one site with twenty cameras at ten entrances."""
    cameras = {f"camera{n:02}": {"source": "0", "entrance": f"Entrance {n // 2}"} for n in range(CAMERAS)}
    sites = {"main": {"label": "A chain", "time_zone": ZONE.key, "opening_hours": HOURS}}
    return Config(database_url=SecretStr(database_url), sites=sites, cameras=cameras, **settings)


def prepare(engine: Engine, days: int) -> None:
    """Write the chain and its last `days` days, unless visits are there from an earlier run."""
    began = datetime.combine(LAST_DAY - timedelta(days=days - 1), datetime.min.time(), ZONE)
    Store(engine, clock=lambda: began.astimezone(UTC)).sync(chain())
    with reading(engine) as connection:
        if connection.execute(select(VisitRow.uid).limit(1)).first() is not None:
            return
        cameras = sorted(connection.execute(select(CameraRow.id)).scalars())
    for number in range(days):
        with writing(engine) as connection:
            write_day(connection, cameras, LAST_DAY - timedelta(days=number))
    if engine.dialect.name == "postgresql":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))


def write_day(connection: Connection, cameras: list[int], day: date) -> None:
    """Write the visits and minutes of one day and every total that follows from them."""
    random = np.random.default_rng(day.toordinal())
    hourly = list(_hourly_rows(random, cameras, day))
    put(connection, VisitRow, _visits(random, hourly))
    put(connection, CameraMinuteRow, _minutes(random, cameras, day))
    put(connection, HourlyVisitsRow, hourly)
    put(connection, DailyVisitsRow, sums(hourly, DailyVisitsRow))
    put(connection, HourlyTotalsRow, sums(hourly, HourlyTotalsRow))
    connection.execute(insert(DaySheetRow), list(sheets(hourly)))
    put(connection, HourlyObservationRow, observed_rows(cameras, day))


def put(connection: Connection, row: Any, values: Iterable[dict[str, Any]]) -> None:
    """Write rows, by COPY where the database has it."""
    table: Table = row.__table__
    rows = list(values)
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    names = list(rows[0])
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for one in rows:
            copy.write_row([one[name] for name in names])


def _hourly_rows(random: np.random.Generator, cameras: list[int], day: date) -> Iterator[dict[str, Any]]:
    """Give Poisson counts of every camera, opening hour and group."""
    starts = open_hours(day)
    weights = np.random.default_rng(1).dirichlet(np.ones(len(GROUPS)) * 2)
    mean = VISITS_A_YEAR / (DAYS * len(cameras) * len(starts)) * weights
    for camera in cameras:
        for start in starts:
            for group, visits in zip(GROUPS, random.poisson(mean), strict=True):
                if visits:
                    names = dict(zip(("direction", "gender", "age_group"), group, strict=True))
                    yield {"camera_id": camera, "day": day, "hour_start": start, "visits": int(visits), **names}


def _visits(random: np.random.Generator, hourly: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give the single visits of the hourly counts, anywhere in their hour."""
    judged = {"age_years": 30.0, "p_female": 0.5, "samples": 4, "quality": 0.7, "model_version": "benchmark"}
    for row in hourly:
        for second in random.uniform(0.0, 3590.0, row["visits"]):
            entered_at = row["hour_start"] + timedelta(seconds=float(second))
            times = {"entered_at": entered_at, "left_at": entered_at + timedelta(seconds=5)}
            cell = {name: value for name, value in row.items() if name != "visits"}
            yield {"uid": UUID(bytes=random.bytes(16)), "recording_id": None, **times, **cell, **judged}


def _minutes(random: np.random.Generator, cameras: list[int], day: date) -> Iterator[dict[str, Any]]:
    """Give every minute of the opening hours at ten frames a second."""
    frames = {"frames_seen": 600, "frames_processed": 600, "frames_dropped": 0, "frames_damaged": 0}
    seen = {"live_s": 60.0, "lag_s": 0.2, "faces": 15, "faces_small": 0, "picture": "ok", "recording_id": None}
    for camera in cameras:
        run = UUID(bytes=random.bytes(16))
        for start in open_hours(day):
            for number in range(60):
                yield {"camera_id": camera, "minute": start + number * MINUTE, "run": run, **frames, **seen}
