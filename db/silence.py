"""A connection to PostgreSQL that notices when nobody answers any more, though the way to the server is still open.

The operating system notices a server that vanished: nobody confirms what it sends (db.session has its timeouts). It
does not where a proxy, a pooler or a tunnel confirms everything and passes nothing on, or a server hangs: such a
connection waits for ever.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen


class AttentiveConnection(psycopg.Connection[Any]):
    """Gives up, and closes itself, when the server is silent for `answer_within_s` in the middle of a conversation."""

    answer_within_s: float

    def wait(self, gen: PQGen[RV], *args: Any, **kwargs: Any) -> RV:
        """Wait for an answer as psycopg does, but not for ever.

        Raises:
            psycopg.OperationalError: nothing came for too long.
        """
        try:
            return super().wait(_not_silent(gen, self.answer_within_s), *args, **kwargs)
        except _SilenceError:
            self.pgconn.finish()  # what is left of the answer must never be taken for that of another question
            raise psycopg.OperationalError(f"no answer within {self.answer_within_s:.0f} s") from None


class _SilenceError(Exception):
    pass


def _not_silent(gen: PQGen[RV], within_s: float) -> Generator[Any, Any, RV]:
    """Do as `gen`, a generator of psycopg, which resumes it ten times a second, until it is silent too long."""
    heard = time.monotonic()
    try:
        wanted = next(gen)
        while True:
            news = yield wanted
            now = time.monotonic()
            if news:
                heard = now
            elif now - heard > within_s:
                raise _SilenceError
            wanted = gen.send(news)
    except StopIteration as done:
        answer: RV = done.value
        return answer
