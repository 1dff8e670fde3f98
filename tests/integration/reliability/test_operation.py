"""Backups restore to the same counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app.store_sink import StoreSink
from db.models import DailyVisitsRow, VisitRow
from db.session import open_database
from db.store import Store
from footfall.config import Config
from footfall.types import Direction, Gender, Visit
from ingest.spooling.records import Batch
from tests.integration.reliability.bench import settings, stored
from tests.integration.reliability.postgres import PostgresServer

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


def fill(config: Config, count: int) -> None:
    """Store `count` visits."""
    values = (Direction.IN, Gender.FEMALE, "25-34", 30.5, 0.91, 4, 0.7, "test")
    moments = [MORNING + timedelta(seconds=number) for number in range(count)]
    sink = StoreSink(config)
    sink(Batch(visits=tuple(Visit(uuid4(), "door", moment, moment, *values) for moment in moments)))
    sink.close()


def counts(config: Config) -> tuple[int, int]:
    """Return single visits and the daily total."""
    return len(stored(config, VisitRow)), sum(row.visits for row in stored(config, DailyVisitsRow))


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


def test_an_sqlite_backup_of_a_database_in_use_restores_to_the_same_counts(tmp_path: Path) -> None:
    config = settings(tmp_path, {"door": "0"})
    fill(config, 40)
    with closing(sqlite3.connect(tmp_path / "footfall.db")) as in_use:
        in_use.execute("BEGIN")
        in_use.execute("SELECT count(*) FROM visits").fetchone()
        with closing(sqlite3.connect(tmp_path / "footfall.db")) as backup:
            backup.execute("VACUUM INTO ?", (str(tmp_path / "backup.db"),))
    fill(config, 5)
    restored = settings(tmp_path, {"door": "0"}, f"sqlite:///{tmp_path / 'backup.db'}")
    assert counts(config) == (45, 45)
    assert counts(restored) == (40, 40)
    fill(restored, 1)
    assert counts(restored) == (41, 41)


def test_a_postgresql_dump_restores_to_the_same_counts(tmp_path: Path, postgres: PostgresServer) -> None:
    """Minutes are kept by month there, so that the dump holds a table of every shape."""
    config = settings(tmp_path, {"door": "0"}, postgres.url)
    fill(config, 40)
    engine = open_database(postgres.url)
    assert Store(engine).keep_minutes_by_month()
    engine.dispose()
    postgres.run("pg_dump", "--format=custom", "--file=backup.dump", "postgres")
    fill(config, 5)
    postgres.run("createdb", "restored")
    postgres.run("pg_restore", "--exit-on-error", "--dbname=restored", "backup.dump")
    restored = settings(tmp_path, {"door": "0"}, postgres.url.removesuffix("postgres") + "restored")
    assert (counts(config), counts(restored)) == ((45, 45), (40, 40))
    fill(restored, 1)
    assert counts(restored) == (41, 41)
