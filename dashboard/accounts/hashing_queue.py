"""Bounds the memory that sign-ins take: a password hash needs 64 MiB while it is computed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from footfall.errors import FootfallError

AT_ONCE = 2
WAITING = 8
PATIENCE_S = 10.0


class BusyError(FootfallError):
    """Too many people sign in at this moment; nothing was tried or counted, the same again may succeed."""


class HashingQueue:
    """Lets `at_once` callers hash at the same moment and `waiting` more wait for `patience_s`; refuses the rest."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING, patience_s: float = PATIENCE_S) -> None:
        self._room = threading.BoundedSemaphore(at_once + waiting)
        self._places = threading.BoundedSemaphore(at_once)
        self._patience_s = patience_s

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the places.

        Raises:
            BusyError: too many wait already, or none became free in time.
        """
        if not self._room.acquire(blocking=False):
            raise BusyError("Many people are signing in right now. Try again in a few seconds.")
        try:
            if not self._places.acquire(timeout=self._patience_s):
                raise BusyError("Many people are signing in right now. Try again in a few seconds.")
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._room.release()


@cache
def hashing_queue() -> HashingQueue:
    """Return the one queue of this process, whose memory it bounds."""
    return HashingQueue()
