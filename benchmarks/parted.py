"""What monthly partitions would change for questions about visits and totals, on the large chain.

    python -m benchmarks.parted --database postgresql://postgres@127.0.0.1/large     (filled by benchmarks.large_chain)

Copies of one mall's rows, plain and parted into 37 months, in a schema of its own: which of 500 visits are known by
uid, and the totals of four weeks and of three years. Printed is CPU of the server process for one question, planned
anew each time as the program's are, the mean of many; it must run on this machine.
"""

from __future__ import annotations

import argparse
import os
from datetime import timedelta

import psutil
from sqlalchemy import Connection

from benchmarks.large_chain_data import Size, first_day
from benchmarks.rollups import LAST_DAY
from db.session import open_database

REPEATS = 100
MONTHS = 37
MINE = "camera_id IN (SELECT id FROM cameras WHERE site_id = 1)"
TABLES = {"hourly_totals": "(camera_id, day, hour_start, direction)", "visits": "(uid)"}


def main() -> None:
    """Make the copies, ask, print, and drop the copies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="URL of a database that benchmarks.large_chain filled")
    engine = open_database(parser.parse_args().database)
    with engine.connect() as connection:  # never committed
        connection.exec_driver_sql("CREATE SCHEMA tried")
        for table, key in TABLES.items():
            _copy(connection, table, key)
        uids = connection.exec_driver_sql("SELECT uid FROM tried.visits_plain LIMIT 500").scalars().all()
        known = "uid IN (" + ", ".join(f"'{uid}'" for uid in uids) + ")"
        month = f"day BETWEEN '{LAST_DAY - timedelta(days=27)}' AND '{LAST_DAY}' AND camera_id IN (1, 2, 3, 4, 5)"
        ever = "camera_id IN (1, 2, 3, 4, 5)"
        print("| question | plain, ms | 37 months, ms |\n| --- | ---: | ---: |")
        for name, table, columns, condition in (
            ("which of 500 visits are known", "visits", "uid", known),
            ("totals of five cameras, four weeks", "hourly_totals", "sum(visits)", month),
            ("totals of five cameras, three years", "hourly_totals", "sum(visits)", ever),
        ):
            plain, parted = (
                _cpu_ms(connection, f"SELECT {columns} FROM tried.{table}_{kind} WHERE {condition}")
                for kind in ("plain", "parted")
            )
            print(f"| {name} | {plain:.1f} | {parted:.1f} |", flush=True)
    print(f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores")


def _copy(connection: Connection, table: str, key: str) -> None:
    connection.exec_driver_sql(f"CREATE TABLE tried.{table}_plain AS SELECT * FROM {table} WHERE {MINE}")
    connection.exec_driver_sql(f"ALTER TABLE tried.{table}_plain ADD PRIMARY KEY {key}")
    connection.exec_driver_sql(f"CREATE TABLE tried.{table}_parted (LIKE {table}) PARTITION BY RANGE (day)")
    parted_key = key if "day" in key else key.replace(")", ", day)")
    connection.exec_driver_sql(f"ALTER TABLE tried.{table}_parted ADD PRIMARY KEY {parted_key}")
    month = first_day(Size().weeks).replace(day=1)
    for number in range(MONTHS):
        after = (month + timedelta(days=32)).replace(day=1)
        of = f"tried.{table}_parted FOR VALUES FROM ('{month}') TO ('{after}')"
        connection.exec_driver_sql(f"CREATE TABLE tried.{table}_{number} PARTITION OF {of}")
        month = after
    connection.exec_driver_sql(f"INSERT INTO tried.{table}_parted SELECT * FROM tried.{table}_plain")
    connection.exec_driver_sql(f"ANALYZE tried.{table}_plain, tried.{table}_parted")


def _cpu_ms(connection: Connection, query: str) -> float:
    server = psutil.Process(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    connection.exec_driver_sql(query).all()
    before = server.cpu_times()
    for _ in range(REPEATS):
        connection.exec_driver_sql(query).all()
    after = server.cpu_times()
    return 1000 * (after.user + after.system - before.user - before.system) / REPEATS


if __name__ == "__main__":
    main()
