"""What the clock of the database server says, beside that of this computer: the one clock that all machines share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

ASKED = 3


@dataclass(frozen=True, slots=True)
class Clocks:
    """The present moment by the server's clock, aware UTC, and how far this computer's is ahead (negative: behind).

    `ahead_s` is None where there is no server, as with SQLite: then `now` is this computer's.
    """

    now: datetime
    ahead_s: float | None


def compare_clocks(connection: Connection, clock: Callable[[], datetime]) -> Clocks:
    """Ask the server what time it is; of a few answers the quickest counts, which is from half-way (as in RFC 5905)."""
    if connection.dialect.name == "sqlite":
        return Clocks(clock(), None)
    answers = [_ask(connection, clock) for _ in range(ASKED)]
    _, server, ahead = min(answers, key=lambda answer: abs(answer[0]))
    return Clocks(server, ahead.total_seconds())


def _ask(connection: Connection, clock: Callable[[], datetime]) -> tuple[timedelta, datetime, timedelta]:
    """Return how long the answer took, the server's moment, and how far this computer was ahead of it then."""
    before = clock()
    server: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    took = clock() - before
    return took, server, before + took / 2 - server
