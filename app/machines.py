"""What the machines that share the database do not agree about, cameras that nobody watches, lines nobody crosses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from analytics.line_use import unused_line
from db.migration import State, state
from db.reading.line_use import line_use
from db.reading.machines import camera_troubles, disagreements, silent_machines, watched_twice
from db.session import make_engine, reading
from footfall.config import Config
from footfall.errors import StoreError


def double_watch(engine: Engine) -> list[str]:
    """Return a sentence for each camera that two workers watch at once."""
    with reading(engine) as connection:
        cameras = watched_twice(connection, datetime.now(UTC))
    return [
        f"camera {name} is watched by two workers at once, everybody counts twice: run it on one machine"
        for name in cameras
    ]


def machine_troubles(engine: Engine, but: str = "") -> list[str]:
    """Return what somebody should decide or mend: sites that machines describe differently, cameras that nobody names.

    Also machines that fell silent, except the one called `but`, which is just starting.
    """
    now = datetime.now(UTC)
    with reading(engine) as connection:
        silent = silent_machines(connection, now, but)
        return [*disagreements(connection), *camera_troubles(connection, now), *silent]


def line_troubles(engine: Engine) -> list[str]:
    """Return a sentence for each camera whose counting line most people never cross."""
    with reading(engine) as connection:
        used = line_use(connection, datetime.now(UTC))
    told = [unused_line(f"camera {one.camera}", one.seen, one.came_in + one.went_out) for one in used]
    return [sentence for sentence in told if sentence]


def troubles_if_reachable(config: Config) -> list[str]:
    """Return all of it from the database of `config`, nothing when that cannot be asked just now."""
    engine = None
    try:
        engine = make_engine(config.database_url.get_secret_value())
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
            return []  # opening it would make it
        with reading(engine) as connection:
            if state(connection) is not State.CURRENT:
                return []
        return [*double_watch(engine), *machine_troubles(engine), *line_troubles(engine)]
    except StoreError:
        return []
    finally:
        if engine is not None:
            engine.dispose()
