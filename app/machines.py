"""What the machines that share the database do not agree about, cameras that nobody watches, lines nobody crosses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from analytics.line_use import unused_line
from db.migration import State, state
from db.reading.fleet import clock_troubles, named_twice
from db.reading.line_use import line_use
from db.reading.machines import boxes, camera_troubles, disagreements, silent_machines, watched_twice
from db.server_clock import compare_clocks
from db.session import make_engine, reading
from db.store import utc_now
from footfall.config import Config
from footfall.errors import StoreError


def double_watch(engine: Engine) -> list[str]:
    """Return a sentence for each camera that two workers watch at once."""
    with reading(engine) as connection:
        cameras = watched_twice(connection, datetime.now(UTC))
    return [watched_by_two(name) for name in cameras]


def watched_by_two(camera: str) -> str:
    """Return the sentence about a camera that two workers watch at once."""
    return f"camera {camera} is watched by two workers at once, everybody counts twice: run it on one machine"


def machine_troubles(engine: Engine, but: str = "") -> list[str]:
    """Return what somebody should decide or mend: sites that machines describe differently, cameras that nobody names.

    Also cameras that several name, and machines that fell silent or whose clock is wrong, except the one called `but`,
    which is just starting.
    """
    with reading(engine) as connection:
        now = compare_clocks(connection, utc_now).now
        silent = silent_machines(connection, now, but)
        clocks = clock_troubles(connection, (box.name for box in boxes(connection) if box.name != but))
        about_cameras = [*named_twice(connection), *camera_troubles(connection, now)]
        return [*disagreements(connection), *about_cameras, *silent, *clocks]


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
