"""Times a chain of 200 cameras over three years in PostgreSQL: pages' questions, reports, the audit, a night, months.

    createdb large && python -m benchmarks.large_chain --database postgresql://postgres@127.0.0.1/large --prepare
    python -m benchmarks.large_chain --database postgresql://postgres@127.0.0.1/large
    python -m benchmarks.large_chain --database postgresql://postgres@127.0.0.1/large --only months
    python -m benchmarks.large_chain --database postgresql://postgres@127.0.0.1/large --only drop

What is in it: benchmarks/large_chain_data.py. A night deletes the oldest day, so that a second one deletes the next.
`months` compares what a day of minutes takes to go, as rows and as a partition, in a schema of its own, and
then keeps the minutes of the whole database by month; it comes last and only when asked for. `drop` comes after it and
drops all these minutes beside a writer, as the first night does for which all of the first partition is old.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, func, select

from benchmarks.asked import cost_of
from benchmarks.chain import NOW, delete_beside_a_writer
from benchmarks.large_chain_data import ZONE as ZONE_NAME
from benchmarks.large_chain_data import Size, large_chain, prepare
from benchmarks.rollups import LAST_DAY, STARTS
from dashboard.numbers.group_days import group_days
from db.day_sheets import day_sheets
from db.models import DeletionRow, SiteRow
from db.reading import operation, queries
from db.reading.arrivals import arrivals
from db.reading.attention import sight
from db.reading.firsts import firsts
from db.reading.last_seen import last_seen
from db.reading.machines import watched_twice
from db.reading.observation import observation
from db.reading.selection import Selection
from db.session import open_database, reading
from db.store import Store
from footfall.config_sections import ReportConfig, RetentionConfig
from reports.writer import ReportWriter

ZONE = ZoneInfo(ZONE_NAME)
REPORTS = 5
FOR_EVER = 3650
EVENING = datetime(2026, 10, 31, 16, 0, tzinfo=NOW.tzinfo)
PARTS = ("questions", "reports", "verify", "night")
ASKED_FOR = ("months", "drop")


def main() -> None:
    """Fill the database where it is empty, then print what each part took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--database", required=True, help="URL of a PostgreSQL database that may be filled and thinned out"
    )
    parser.add_argument("--prepare", action="store_true", help="only fill the database")
    parser.add_argument("--only", choices=(*PARTS, *ASKED_FOR), help="one part alone")
    options = parser.parse_args()
    engine = open_database(options.database)
    begun = time.perf_counter()
    prepare(engine, Size())
    if options.prepare:
        print(f"filled in {time.perf_counter() - begun:.0f} s, load {os.getloadavg()[0]:.0f}")
        return
    for part in PARTS if options.only is None else (options.only,):
        work: dict[str, Callable[[], None]] = {
            "questions": lambda: _time_questions(engine),
            "reports": lambda: _time_reports(engine),
            "verify": lambda: _time_verify(engine),
            "night": lambda: _time_night(engine, options.database),
            "months": lambda: _time_months(engine),
            "drop": lambda: _time_drop(engine, options.database),
        }
        work[part]()
        print(f"(load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores)", flush=True)


def questions() -> list[tuple[str, Callable[[Connection], Any]]]:
    """Return what pages ask of one mall of ten cameras, and what is asked of all two hundred."""
    main = {"sites": ("main",)}
    month, quarter, year = (Selection(LAST_DAY - timedelta(days=n), LAST_DAY, **main) for n in (27, 90, 364))
    week = Selection(LAST_DAY - timedelta(days=14), LAST_DAY)
    three = Selection(LAST_DAY - timedelta(days=1091), LAST_DAY)
    sites = tuple(large_chain().sites)
    people = ("day", "gender", "age_group")
    return [
        ("a mall: a month by day, gender and age", lambda c: queries.daily(c, month, people)),
        ("a mall: a month by hour, gender and age", lambda c: queries.hourly(c, month, ("hour_start", *people[1:]))),
        (
            "a mall: 13 weeks of sheets by hour and camera",
            lambda c: group_days(day_sheets(c, quarter), ZONE, STARTS, 0),
        ),
        ("a mall: 13 weeks of unique visitors by group", lambda c: firsts(c, quarter, ("camera", *people))),
        ("a mall: a year by hour", lambda c: queries.hourly(c, year, ("hour_start",))),
        ("a mall: a year by day, gender and age", lambda c: queries.daily(c, year, people)),
        ("a mall: a year's observation by day", lambda c: observation(c, year, ("day",))),
        ("a mall: its cameras", lambda c: operation.cameras(c, Selection(LAST_DAY, LAST_DAY, **main))),
        ("all: sites with their first and last day", operation.sites),
        ("all: the arrivals of 15 days by site and hour", lambda c: arrivals(c, week, ("site", "day", "hour_start"))),
        ("all: cameras that see nothing now", lambda c: sight(c, sites, LAST_DAY, EVENING)),
        ("all: cameras that two machines watch", lambda c: watched_twice(c, EVENING)),
        ("all: when anything was seen last", lambda c: last_seen(c, EVENING)),
        ("all: three years by day and site", lambda c: queries.daily(c, three, ("site", "day"))),
    ]


def _time_questions(engine: Engine) -> None:
    for name, ask in questions():
        cost = cost_of(engine, ask)
        print(
            f"| {name} | {cost.first_wall_s:.2f} | {cost.wall_s:.2f} | {cost.program_s:.2f} "
            f"| {cost.first_server_s:.2f} | {cost.server_s:.2f} |",
            flush=True,
        )


def _time_reports(engine: Engine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = ReportWriter(engine, ReportConfig(directory=Path(folder)))
        begun = time.perf_counter()
        due = writer.due("main", NOW)
        print(f"asking which of {len(due)} days of a mall are due: {time.perf_counter() - begun:.2f} s", flush=True)
        walls, cpus = [], []
        for day in due[-REPORTS:]:
            begun, begun_cpu = time.perf_counter(), time.process_time()
            writer.write("main", day)
            walls.append(time.perf_counter() - begun)
            cpus.append(time.process_time() - begun_cpu)
        print(f"a mall's report of a day: {statistics.median(walls):.2f} s median, {statistics.median(cpus):.2f} s CPU")


def _time_verify(engine: Engine) -> None:
    begun, begun_cpu = time.perf_counter(), time.process_time()
    differences = Store(engine).verify(LAST_DAY - timedelta(days=27), LAST_DAY)
    wall, cpu = time.perf_counter() - begun, time.process_time() - begun_cpu
    print(
        f"db verify of 28 days of all malls: {wall:.0f} s, {cpu:.0f} s CPU, {len(differences)} differences", flush=True
    )


def _time_night(engine: Engine, database_url: str) -> None:
    """Delete the oldest day of visits and of minutes beside a writer."""
    days = {name: (NOW.date() - _kept_from(engine, name)).days - 1 for name in ("visits", "camera_minutes")}
    settings = RetentionConfig(visits_days=days["visits"], minutes_days=days["camera_minutes"])
    begun = _wal(engine)
    delete_beside_a_writer(engine, database_url, large_chain(retention=settings), "camera000")
    print(f"write-ahead log of the night: {(_wal(engine) - begun) / 1e6:.0f} MB")


def _kept_from(engine: Engine, table_name: str) -> date:
    query = select(func.max(DeletionRow.before_day)).join(SiteRow, SiteRow.id == DeletionRow.site_id)
    with reading(engine) as connection:
        found = connection.execute(
            query.where(SiteRow.name == "main", DeletionRow.table_name == table_name)
        ).scalar_one()
    return date.fromisoformat(str(found))


def _wal(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.exec_driver_sql("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").scalar_one())


def _time_months(engine: Engine) -> None:
    """Compare in a schema of its own, with a day of minutes, then keep all minutes by month."""
    since, until = LAST_DAY, LAST_DAY + timedelta(days=1)
    bounds = f"FOR VALUES FROM ('{since}') TO ('{until}')"
    for name, statement in (
        ("", "DROP SCHEMA IF EXISTS tried CASCADE; CREATE SCHEMA tried"),
        ("", "CREATE TABLE tried.plain (LIKE camera_minutes INCLUDING ALL)"),
        ("", "CREATE TABLE tried.month (LIKE camera_minutes INCLUDING ALL)"),
        ("", "CREATE TABLE tried.parted (LIKE camera_minutes INCLUDING ALL) PARTITION BY RANGE (minute)"),
        (
            "",
            f"""INSERT INTO tried.plain SELECT m.* FROM cameras c, LATERAL (SELECT * FROM camera_minutes m
            WHERE m.camera_id = c.id AND m.minute >= '{since}' AND m.minute < '{until}' OFFSET 0) m""",
        ),
        ("", "INSERT INTO tried.month SELECT * FROM tried.plain"),
        ("", "CHECKPOINT"),
        ("as a partition: attached", f"ALTER TABLE tried.parted ATTACH PARTITION tried.month {bounds}"),
        ("as a partition: dropped", "DROP TABLE tried.month"),
        ("as rows: deleted in one statement", "DELETE FROM tried.plain"),
        ("as rows: vacuumed afterwards", "VACUUM tried.plain"),
        ("", "DROP SCHEMA tried CASCADE"),
    ):
        log, begun = _wal(engine), time.perf_counter()
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            rows = connection.exec_driver_sql(statement).rowcount
        if name:
            wall, written = time.perf_counter() - begun, (_wal(engine) - log) / 1e6
            print(f"| {name} | {wall:.2f} s | {written:.1f} MB | {max(rows, 0):,} rows |", flush=True)
    begun = time.perf_counter()
    Store(engine, clock=lambda: NOW).keep_minutes_by_month()
    print(f"minutes of the whole database by month: {time.perf_counter() - begun:.1f} s", flush=True)


def _time_drop(engine: Engine, database_url: str) -> None:
    settings = RetentionConfig(visits_days=FOR_EVER, minutes_days=28)
    config, much_later = large_chain(retention=settings), NOW + timedelta(days=90)
    delete_beside_a_writer(engine, database_url, config, "camera000", much_later)


if __name__ == "__main__":
    main()
