"""A store over a fresh database of each kind, with one mall of two cameras in Berlin, and rows to put in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest
from sqlalchemy import Engine, make_url

from db.session import open_database
from db.store import Store
from footfall.config import Config
from footfall.types import CameraMinute, Direction, Gender, PictureState, Visit
from reid.types import STAY_BUCKETS, First, RegisterPart, ReidMode
from tests.conftest import FakeClock, drop_database, make_database
from tests.integration.reliability.proxy import CutProxy

RUN = UUID("00000000-0000-0000-0000-00000000000a")
PART = UUID("00000000-0000-0000-0000-0000000000fe")


@pytest.fixture
def config() -> Config:
    """One mall in Berlin, open 10-20, two entrances; another mall past midnight in Santiago."""
    return Config(
        sites={
            "mall": {"time_zone": "Europe/Berlin", "opening_hours": "10:00-20:00"},
            "night": {"time_zone": "America/Santiago", "opening_hours": "18:00-02:00"},
        },
        cameras={
            "north": {"source": "0", "site": "mall", "entrance": "North"},
            "south": {"source": "1", "site": "mall", "entrance": "South"},
            "bar": {"source": "2", "site": "night"},
        },
    )


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[CutProxy]:
    """A way to an empty PostgreSQL database that a test can cut."""
    made = CutProxy(postgres_url)
    yield made
    made.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the newest tables and nothing in them; tests get copies."""
    path = tmp_path_factory.mktemp("migrated") / "footfall.db"
    open_database(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """Name of a PostgreSQL database with the newest tables and nothing in them; tests get copies."""
    name = f"footfall_migrated_{uuid4().hex}"
    make_database(postgres_server, name)
    open_database(make_url(postgres_server).set(database=name).render_as_string(hide_password=False)).dispose()
    yield name
    drop_database(postgres_server, name)


@pytest.fixture
def engine(database_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An open database with the newest tables."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), str(url.database))
    else:
        server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("migrated_postgres")
        make_database(server, str(url.database), template)
    opened = open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def store(engine: Engine, config: Config, clock: FakeClock) -> Store:
    """A store that knows the configured cameras."""
    made = Store(engine, clock)
    made.sync(config)
    return made


def visit(number: int, entered_at: datetime, camera: str = "north", **changes: object) -> Visit:
    """Return visit `number`, five seconds long; the same number is the same visit."""
    values: dict[str, object] = {
        "uid": uuid5(RUN, f"visit {number}"),
        "camera_id": camera,
        "entered_at": entered_at,
        "left_at": entered_at + timedelta(seconds=5),
        "direction": Direction.IN,
        "gender": Gender.FEMALE,
        "age_group": "25-34",
        "age_years": 30.0,
        "p_female": 0.9,
        "samples": 4,
        "quality": 0.7,
        "model_version": "test",
    }
    return Visit(**(values | changes))  # type: ignore[arg-type]


def minute(
    at: datetime, camera: str = "north", run: UUID = RUN, live_s: float = 60.0, picture: str = "ok"
) -> CameraMinute:
    """Return a minute of ten frames a second."""
    frames = int(live_s * 10)
    return CameraMinute(camera, run, at, live_s, frames, frames, 0, 0, 3, 1, 0.2, PictureState(picture))


def first(number: int, chance: int | None = 10_000, camera: str = "north", **changes: object) -> First:
    """Return what part PART judged of visit `number`; `chance` is in 0..10000."""
    values: dict[str, object] = {"part": PART, "compared": True, "staff": False} | changes
    return First(uid=uuid5(RUN, f"visit {number}"), camera_id=camera, first=chance, **values)  # type: ignore[arg-type]


def part(day: date, arrivals: int = 2, unique: float = 2.0, **changes: object) -> RegisterPart:
    """Return a part of the mall's day that was closed in the evening."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    values: dict[str, object] = {
        "uid": PART,
        "site": "mall",
        "day": day,
        "origin": "box",
        "mode": ReidMode.CLOTHES,
        "began_at": noon - timedelta(hours=4),
        "seen_until": noon + timedelta(hours=8),
        "arrivals": arrivals,
        "compared": arrivals,
        "staff": 0,
        "unique": unique,
        "low": max(0.0, unique - 1),
        "high": unique + 1,
        "returns_per_pair": 0.001,
        "stays": (0.0,) * STAY_BUCKETS,
        "held": 0,
        "deleted": arrivals,
        "closed_at": noon + timedelta(hours=9),
        "model_version": "test",
    }
    return RegisterPart(**(values | changes))  # type: ignore[arg-type]
