"""What `footfall doctor` asks the database: itself, the machines that share it, lines nobody crosses, the clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import text

from app.believed_clock import belief
from app.check import Check, Finding
from app.machines import double_watch, line_troubles, machine_troubles
from db.reading.last_seen import last_seen
from db.session import open_database, reading
from footfall.config import Config
from footfall.errors import FootfallError, StoreError


def check_database(config: Config) -> Check:
    """Open the database, and say how quickly it answers.

    Raises:
        StoreError: it cannot be opened.
    """
    engine = open_database(config.database_url.get_secret_value())
    try:
        began = time.perf_counter()
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        took_ms = (time.perf_counter() - began) * 1000
        return Check("database", Finding.GOOD, f"{engine.dialect.name}, answers in {took_ms:.0f} ms")
    finally:
        engine.dispose()


def check_machines(config: Config) -> Check:
    """Ask what the machines that share the database said last, and which cameras nobody watches."""
    try:
        engine = open_database(config.database_url.get_secret_value())
    except StoreError:
        return Check("machines", Finding.WARNING, "the database cannot be asked", "mend the database first")
    try:
        twice, troubles = double_watch(engine), machine_troubles(engine)
    finally:
        engine.dispose()
    if twice:
        return Check("machines", Finding.BAD, "; ".join([*twice, *troubles]), "end one of the two programs")
    if troubles:
        advice = "make the settings agree, or see `footfall boxes list` and `footfall cameras list`"
        return Check("machines", Finding.WARNING, "; ".join(troubles), advice)
    return Check("machines", Finding.GOOD, "their settings agree, and name every expected camera")


def check_lines(config: Config) -> Check:
    """Say which cameras have a counting line that most people never cross."""
    try:
        engine = open_database(config.database_url.get_secret_value())
    except StoreError:
        return Check("counting lines", Finding.WARNING, "the database cannot be asked", "mend the database first")
    try:
        troubles = line_troubles(engine)
    finally:
        engine.dispose()
    if troubles:
        found = "; ".join(trouble.partition("; ")[0] for trouble in troubles)
        return Check("counting lines", Finding.WARNING, found, troubles[0].partition("; ")[2])
    return Check("counting lines", Finding.GOOD, "no line that most people never cross")


def check_clock_and_data(config: Config) -> Check:
    """Say where the clock and what was seen contradict each other, so that `footfall jobs` waits."""
    now = datetime.now(UTC)
    try:
        engine = open_database(config.database_url.get_secret_value())
    except FootfallError:
        return Check("clock and data", Finding.WARNING, "not known without the database", "mend that first")
    try:
        with reading(engine) as connection:
            found = last_seen(connection, now)
    finally:
        engine.dispose()
    believed = belief(found, now)
    if found.until is None or not believed.sentence:
        return Check("clock and data", Finding.GOOD, "agree" if found.until else "no camera was seen yet")
    said, _, advice = believed.sentence.rpartition("; ")
    return Check("clock and data", Finding.BAD if believed.stops else Finding.WARNING, said, advice)
