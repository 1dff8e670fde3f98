"""What questions about single visits cost when far more of them are kept than the default of 90 days, on a large chain.

    python -m benchmarks.large_chain_visits --database postgresql://postgres@127.0.0.1/large --weeks 156
    python -m benchmarks.large_chain_visits --database postgresql://postgres@127.0.0.1/large --fill-s 600

The database is one that benchmarks.large_chain filled. Its newest week of visits is written into a table of the same
name in a schema of its own (`kept`), which stays, and again for each week before; with --fill-s until the time is up.
Then the program is asked the same with either table: seconds of wall clock, the first time and the median, and of CPU
of the server process, which must run on this machine.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, make_url

from benchmarks.asked import cost_of
from benchmarks.large_chain_data import OPENS_UTC, first_day
from benchmarks.large_chain_sql import EARLIER
from benchmarks.rollups import LAST_DAY
from db import verification
from db.reading.estimates import judged_visits
from db.reading.selection import Selection, selected_cameras
from db.session import open_database, reading, writing
from db.writing.cells import cells_of
from db.writing.registry import known_cameras
from db.writing.sources import counted_times
from footfall.local_time import Interval

KNOWN = 500
WEEK = """INSERT INTO kept.visits SELECT {columns} FROM public.visits, (SELECT {number} AS w) n
    WHERE day > '{newest}'::date - 7 AND day <= '{newest}'"""
INDEXES = (
    "ALTER TABLE kept.visits ADD PRIMARY KEY (uid)",
    "CREATE INDEX ON kept.visits (camera_id, day)",
    "CREATE INDEX ON kept.visits (recording_id)",
)


def main() -> None:
    """Fill the second table where it is not there yet, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="URL of a database that benchmarks.large_chain filled")
    parser.add_argument("--weeks", type=int, default=156)
    parser.add_argument("--fill-s", type=float, default=float("inf"), help="stop filling after so many seconds")
    options = parser.parse_args()
    engine = open_database(options.database)
    _fill(engine, options.weeks, options.fill_s)
    long = open_database(
        make_url(options.database).update_query_dict({"options": "-csearch_path=kept,public"}).render_as_string(False)
    )
    print("| question | visits | wall, first | wall | server's CPU, first | server's CPU |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, ask in questions(engine):
        for one in (engine, long):
            print(_line(one, name, ask), flush=True)
    print(f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores")


def questions(engine: Engine) -> list[tuple[str, Callable[[Connection], Any]]]:
    """Return what the program asks of single visits; uids are those of visits that both tables have."""
    with reading(engine) as connection:
        newest = f"SELECT uid FROM visits WHERE camera_id = 1 AND day = '{LAST_DAY}' LIMIT {KNOWN}"
        uids: list[UUID] = list(connection.exec_driver_sql(newest).scalars())
        camera = known_cameras(connection, ["camera000"])["camera000"]
    mall = Selection(LAST_DAY, LAST_DAY, sites=("main",))
    noon = datetime.combine(LAST_DAY, datetime.min.time(), UTC) + timedelta(hours=OPENS_UTC + 2)
    return [
        (f"the cells of {len(uids)} visits by uid", lambda c: cells_of(c, uids)),
        (
            "the visits of a mall's day, for its report",
            lambda c: judged_visits(c, selected_cameras(c, mall), LAST_DAY, with_staff=True),
        ),
        (
            "who was in view in an hour of a camera",
            lambda c: counted_times(c, camera, Interval(noon, noon + timedelta(hours=1)), ()),
        ),
        ("`db verify` of a day of all malls", lambda c: verification.verify(c, LAST_DAY, LAST_DAY)),
    ]


def _fill(engine: Engine, weeks: int, fill_s: float) -> None:
    with writing(engine) as connection:
        if connection.exec_driver_sql("SELECT to_regclass('kept.visits')").scalar_one() is not None:
            return
        begun = time.monotonic()
        connection.exec_driver_sql("CREATE SCHEMA kept")
        connection.exec_driver_sql("CREATE TABLE kept.visits (LIKE public.visits)")
        columns = """SELECT column_name, data_type FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name = 'visits' ORDER BY ordinal_position"""
        found = connection.exec_driver_sql(columns).all()
        shifted = ", ".join(EARLIER.get(kind, "{0}").format(f'"{name}"') for name, kind in found)
        # The week of number 0 is taken as it is, so that both tables have the same uids.
        plain = ", ".join(f'"{name}"' for name, _ in found)
        rows = count = connection.exec_driver_sql(WEEK.format(columns=plain, number=0, newest=LAST_DAY)).rowcount
        for number in range(1, weeks):
            if time.monotonic() - begun > fill_s:
                break
            rows += connection.exec_driver_sql(WEEK.format(columns=shifted, number=number, newest=LAST_DAY)).rowcount
        filled = time.monotonic()
        for statement in INDEXES:
            connection.exec_driver_sql(statement)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE kept.visits")
        size = connection.exec_driver_sql("SELECT pg_total_relation_size('kept.visits')").scalar_one()
    print(
        f"{rows:,} visits of {rows / count:.0f} weeks, since {first_day(rows // count)}, written in "
        f"{filled - begun:.0f} s, indexes in {time.monotonic() - filled:.0f} s, {size / 1e9:.1f} GB",
        flush=True,
    )


def _line(engine: Engine, name: str, ask: Callable[[Connection], Any]) -> str:
    with reading(engine) as connection:
        kept = connection.exec_driver_sql("SELECT reltuples FROM pg_class WHERE oid = 'visits'::regclass").scalar_one()
    cost = cost_of(engine, ask)
    return (
        f"| {name} | {kept:,.0f} | {cost.first_wall_s:.3f} | {cost.wall_s:.3f} "
        f"| {cost.first_server_s:.2f} | {cost.server_s:.2f} |"
    )


if __name__ == "__main__":
    main()
