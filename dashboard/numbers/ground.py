"""What numbers are read with: the settings, the database and a clock, handed over by the program that tells them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from footfall.config import Config


def utc_now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Ground:
    """What every number rests on."""

    config: Config
    engine: Engine
    clock: Callable[[], datetime] = utc_now


_laid: list[Ground] = []


def lay(ground: Ground) -> None:
    """Make `ground` what `ground()` returns: one database and one set of settings a process."""
    _laid[:] = [ground]


def ground() -> Ground:
    """Return what `lay` was given.

    Raises:
        RuntimeError: nothing was laid.
    """
    if not _laid:
        raise RuntimeError("numbers were asked for before `lay` said from which database")
    return _laid[0]
