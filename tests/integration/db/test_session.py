"""Opening a database: made when empty, refused with advice when something is wrong, no password anywhere."""

from __future__ import annotations

import shutil
import sqlite3
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text

from db import migration, session
from db.day_sheets import day_sheets
from db.models import Base
from db.reading.selection import Selection
from db.session import make_engine, open_database, reading, transact, upgrade, writing
from db.store import Store
from footfall.config import Config
from footfall.errors import StoreError
from footfall.types import Gender, Recording
from tests.integration.conftest import minute, visit

LATER_MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "{newest}"
def upgrade(): op.add_column("sites", sa.Column("later", sa.Integer()))
def downgrade(): op.drop_column("sites", "later")
"""


@pytest.fixture
def later_migrations(tmp_path: Path) -> Path:
    """The migrations of a future version of the program."""
    folder = tmp_path / "later"
    shutil.copytree(migration.MIGRATIONS, folder)
    scripts = ScriptDirectory.from_config(migration.alembic_config())
    newest = scripts.get_current_head()
    assert migration.revisions()[::-1] == [script.revision for script in scripts.walk_revisions()]
    (folder / "versions" / "9999_later.py").write_text(LATER_MIGRATION.format(newest=newest))
    return folder


def test_an_empty_database_gets_exactly_the_tables_of_the_models(database_url: str) -> None:
    engine = open_database(database_url)
    with reading(engine) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert differences == []


def test_migrations_can_be_taken_back(database_url: str) -> None:
    engine = open_database(database_url)
    with writing(engine) as connection:
        config = migration.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert migration.state(connection) is migration.State.EMPTY
    engine.dispose()
    open_database(database_url).dispose()


def test_totals_that_a_migration_derives_are_those_of_the_visits(database_url: str) -> None:
    engine = open_database(database_url)
    noon = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    store = Store(engine, clock=lambda: noon)
    store.sync(Config(cameras={"north": {"source": "0"}, "south": {"source": "1"}}))
    genders = (Gender.FEMALE, Gender.MALE)
    store.save_visits(
        [visit(n, noon + n * timedelta(hours=5), ("north", "south")[n % 2], gender=genders[n % 2]) for n in range(9)]
    )
    with writing(engine) as connection:
        config = migration.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    upgrade(database_url)
    days = Selection(date(2026, 3, 1), date(2026, 3, 5))
    with reading(engine) as connection:
        assert sum(sheet.counts.sum() for sheet in day_sheets(connection, days)) == 9
    assert store.verify(days.first_day, days.last_day) == []
    engine.dispose()


def test_recordings_of_an_earlier_version_stay_and_can_be_processed_again(database_url: str) -> None:
    engine = open_database(database_url)
    noon = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    store = Store(engine, clock=lambda: noon)
    store.sync(Config(cameras={"north": {"source": "0"}}))
    recording = Recording("north", "a" * 64, "a.ts", noon, noon + timedelta(minutes=1), 9, 0, "v", length=1000)
    store.save_recording(recording, [visit(1, noon)], [minute(noon)])
    with writing(engine) as connection:
        config = migration.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
    upgrade(database_url)
    assert store.find_recording("north", "a" * 64) == replace(recording, length=None)
    assert store.recording_lengths("north") == []
    assert store.save_recording(recording, [visit(1, noon)], [minute(noon)]).replaced
    assert store.recording_lengths("north") == [1000]
    assert store.verify(noon.date(), noon.date()) == []
    engine.dispose()


def test_an_older_database_asks_for_the_upgrade_and_keeps_its_rows(
    database_url: str, later_migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_database(database_url)
    Store(engine).sync(Config())
    engine.dispose()
    monkeypatch.setattr(migration, "MIGRATIONS", later_migrations)
    with pytest.raises(StoreError, match="run `footfall db upgrade`"):
        open_database(database_url)
    upgrade(database_url)
    upgrade(database_url)
    engine = open_database(database_url)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT name, later FROM sites")).all() == [("main", None)]
    engine.dispose()


def test_a_newer_database_is_left_alone(
    database_url: str, later_migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as future:
        future.setattr(migration, "MIGRATIONS", later_migrations)
        open_database(database_url).dispose()
    for attempt in (open_database, upgrade):
        with pytest.raises(StoreError, match="this program is older than the database"):
            attempt(database_url)


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    for attempt in (open_database, upgrade):
        with pytest.raises(StoreError, match="tables of another program"):
            attempt(f"sqlite:///{path}")


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("sqlite:///{folder}/missing/footfall.db", "there is no folder"),
        ("sqlite:///{folder}", "is a folder"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///{folder}/text.db", "is not a database"),
        ("mysql://root@localhost/footfall", "cannot be of kind 'mysql'"),
        ("footfall.db", "is not a database URL"),
        ("postgresql://anna:hunter2@127.0.0.1:1/footfall", "cannot be reached"),
        ("postgresql://127.0.0.1:1/footfall?user=anna&password=hunter2", "cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_opened_says_what_to_do(tmp_path: Path, url: str, advice: str) -> None:
    (tmp_path / "text.db").write_text("this is no database " * 500)
    with pytest.raises(StoreError, match=advice) as caught:
        open_database(url.format(folder=tmp_path))
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_that_is_not_there_on_the_server_is_told(postgres_url: str) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        open_database(postgres_url.rpartition("/")[0] + "/no_such_database")


def test_a_read_only_file_is_told(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'footfall.db'}").dispose()
    engine = make_engine(f"sqlite:///file:{tmp_path / 'footfall.db'}?mode=ro&uri=true")
    with pytest.raises(StoreError, match="is read-only"):
        Store(engine).sync(Config())
    engine.dispose()


def test_a_place_that_holds_no_write_ahead_log_is_refused(tmp_path: Path) -> None:
    """A file system layer without shared memory stands for a network share: SQLite keeps its old journal there."""
    with pytest.raises(StoreError, match=r"no write-ahead log.*disk of this computer"):
        open_database(f"sqlite:///file:{tmp_path / 'footfall.db'}?vfs=unix-dotfile&uri=true")


def test_a_password_that_leaves_a_part_in_the_host_is_refused_before_that_is_looked_up() -> None:
    for password in ("p@ssw0rd", "p@/ssw0rd", "p@?ssw0rd", "ssw0rd@"):
        with pytest.raises(StoreError, match="percent-encode the password") as caught:
            make_engine(f"postgresql://anna:{password}@127.0.0.1:1/footfall")
        assert "ssw0rd" not in str(caught.value)
    make_engine("postgresql:///footfall?host=/var/run/postgresql").dispose()
    make_engine("postgresql://anna:p%40ss@[::1]:5432/footfall").dispose()


def test_values_of_rows_are_in_no_error(database_url: str) -> None:
    engine = open_database(database_url)
    values = {"value": f"hunter{2}"}
    with pytest.raises(StoreError) as caught, reading(engine) as connection:
        connection.execute(text("SELECT :value FROM nothing"), values)
    engine.dispose()
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_a_full_disk_keeps_what_was_there(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    Store(engine).sync(Config())

    @event.listens_for(engine, "connect")
    def fill_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # SQLite answers as it does on a full disk

    engine.dispose()
    many = Config(cameras={f"camera{n}": {"source": "0", "label": "x" * 150} for n in range(500)})
    with pytest.raises(StoreError, match="the disk is full"):
        Store(engine).sync(many)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM cameras")).scalar_one() == 0
    engine.dispose()


def test_a_database_that_is_held_too_long_is_told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(sqlite_url).dispose()
    monkeypatch.setattr(session, "BUSY_TIMEOUT_S", 0)
    monkeypatch.setattr(session, "ATTEMPTS", 2)
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    engine = open_database(sqlite_url)
    with pytest.raises(StoreError, match="held by another program"):
        Store(engine).sync(Config())
    holder.execute("ROLLBACK")
    holder.close()
    Store(engine).sync(Config())
    engine.dispose()


def test_a_power_cut_after_a_commit_takes_nothing_back(sqlite_url: str) -> None:
    """What a worker may forget must be on the disk: the log is flushed at every commit."""
    engine = open_database(sqlite_url)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engine.dispose()


def test_a_reader_sees_one_moment_while_others_write(database_url: str) -> None:
    engine = open_database(database_url)
    with reading(engine) as connection:
        before = connection.execute(text("SELECT count(*) FROM sites")).scalar_one()
        Store(engine).sync(Config())
        assert connection.execute(text("SELECT count(*) FROM sites")).scalar_one() == before
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM sites")).scalar_one() == before + 1
    engine.dispose()


def test_workers_that_start_at_once_share_a_fresh_database(database_url: str) -> None:
    def start(_: int) -> None:
        engine = open_database(database_url)
        Store(engine).sync(Config(cameras={"north": {"source": "0"}}))
        engine.dispose()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(start, range(6)))
    engine = open_database(database_url)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM cameras")).scalar_one() == 1
    engine.dispose()


def test_a_connection_that_the_server_cut_is_replaced_and_the_work_done_once(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    attempts: list[int] = []

    def work(connection: Connection) -> None:
        attempts.append(len(attempts))
        connection.execute(text("INSERT INTO purged_visits VALUES (gen_random_uuid())"))
        if len(attempts) == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    transact(engine, work)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM purged_visits")).scalar_one() == 1
    assert len(attempts) == 2
    engine.dispose()
