"""Fixtures for every package: a fresh database of each kind, and a clock that the test moves."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from tests.missing import missing

TORCH_IS_MISSING = find_spec("torch") is None
TESTS = Path(__file__).parent
# Their files take long. They begin first, so that no worker is left with one at the end, and in turn, so that those
# that wait run beside those that compute. `make test` keeps this order.
LONG = (
    "integration/reliability",
    "integration/app",
    "integration/inference",
    "e2e",
    "unit/training",
    "integration/api",
    "unit/app/demo",
    "integration/ingest",
    "integration/broadcast",
    "integration/notices",
    "integration/reports",
)
POSTGRES_URL = os.environ.get("FOOTFALL_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out. Here, because the process that prints it collects no tests when several run them."""
    if TORCH_IS_MISSING:
        terminalreporter.write_line("tests/unit/training left out: pip install 'mall-footfall[train]'")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Let two workers more run than there are cores: many tests wait, for a stream, a browser or another process."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of LONG first, one of each folder in turn, and leave the order within a file as it is."""
    turns: dict[Path, int] = {}
    met = Counter[str]()
    for path in dict.fromkeys(item.path for item in items):
        name = path.relative_to(TESTS).as_posix()
        folder = next((folder for folder in LONG if name.startswith(f"{folder}/")), None)
        if folder is not None:
            met[folder] += 1
            turns[path] = met[folder]
    last = len(turns) + 1
    items.sort(key=lambda item: turns.get(item.path, last))


class FakeClock:
    """A clock that stands still until the test moves it. Calling it gives the present moment, aware UTC."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """Move on by timedelta(**span)."""
        self.now += timedelta(**span)


@pytest.fixture(autouse=True)
def own_settings_file() -> Iterator[None]:
    """Let no test find a settings file that another test or fixture read: a command line notes its name there."""
    os.environ.pop("FOOTFALL_CONFIG", None)
    yield
    os.environ.pop("FOOTFALL_CONFIG", None)


@pytest.fixture
def clock() -> FakeClock:
    """Noon UTC of a Monday without anything special."""
    return FakeClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """URL of a PostgreSQL server on which databases may be created and dropped."""
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=30).close()
    except psycopg.OperationalError as error:
        reason = (
            f"no PostgreSQL server at {POSTGRES_URL} ({str(error).splitlines()[0]}); "
            "`apt install postgresql` and start it, or name one in FOOTFALL_TEST_POSTGRES"
        )
        missing(reason)
    return POSTGRES_URL


def make_database(server: str, name: str, template: str = "template1") -> None:
    """Make database `name` anew on `server` as a copy of `template`.

    Commits do not wait for the disk: no test cuts the power.
    """
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')


def drop_database(server: str, name: str) -> None:
    """Drop database `name` with whoever uses it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Iterator[str]:
    """URL of a PostgreSQL database of this test run alone, dropped after it."""
    name = f"footfall_test_{uuid4().hex}"
    make_database(postgres_server, name)
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    drop_database(postgres_server, name)


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """URL of an empty PostgreSQL database."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '10s'")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres_database


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'footfall.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty database, once of each kind."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))
