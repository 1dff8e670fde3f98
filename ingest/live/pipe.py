"""The pipe from a worker to its supervisor: heartbeats that may be missed, sightings that wait until there is room.

Both ends keep what passes in memory of their own, and overwrite it when it has passed.
"""

from __future__ import annotations

import os
import select
import time
from collections import deque
from contextlib import suppress

from ingest.live.heartbeat import Heartbeat
from ingest.live.messages import BEGINNING, announcement, sighting_from, to_message
from reid.types import Sighting

MOST_WAITING = 500
CAPACITY = 1 << 18


class Outbox:
    """The worker's end, `descriptor`; over `most_waiting` the oldest sighting is given up and counted in `lost`."""

    def __init__(self, descriptor: int, most_waiting: int = MOST_WAITING) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._most_waiting = most_waiting
        self._waiting: deque[bytearray] = deque()
        self._written = 0  # of the first one that waits
        self.lost = 0

    def beat(self, heartbeat: Heartbeat) -> None:
        """Tell that the worker lives; a supervisor that does not read now misses it."""
        if self.flush():
            with suppress(OSError):  # full or broken pipe
                os.write(self._descriptor, heartbeat.to_line())

    def tell(self, sighting: Sighting) -> None:
        """Tell of a visit now, or as soon as there is room."""
        self._waiting.append(to_message(sighting))
        if len(self._waiting) > self._most_waiting:
            at = 1 if self._written else 0
            self._waiting[at][:] = bytes(len(self._waiting[at]))
            del self._waiting[at]
            self.lost += 1
        self.flush()

    def flush(self) -> bool:
        """Write what waits as far as there is room; return whether nothing waits any more."""
        while self._waiting:
            message = self._waiting[0]
            try:
                self._written += os.write(self._descriptor, memoryview(message)[self._written :])
            except BlockingIOError:
                return False
            except OSError:  # the supervisor is gone, and its memory with it
                self._written = len(message)
            if self._written == len(message):
                message[:] = bytes(len(message))
                self._waiting.popleft()
                self._written = 0
        return True

    def close(self, within_s: float) -> None:
        """Write what waits if that is possible `within_s`, and overwrite the rest."""
        give_up = time.monotonic() + within_s
        while not self.flush() and (left_s := give_up - time.monotonic()) > 0:
            select.select([], [self._descriptor], [], left_s)
        while self._waiting:
            message = self._waiting.popleft()
            message[:] = bytes(len(message))
            self.lost += 1


class Inbox:
    """The supervisor's end, `descriptor`."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._buffer = bytearray(CAPACITY)
        self._filled = 0

    def read(self) -> list[Heartbeat | Sighting]:
        """Return what arrived since the last call, oldest first; what is neither is left out: a library may print."""
        found: list[Heartbeat | Sighting] = []
        with suppress(BlockingIOError, ValueError):  # nothing there now; closed
            while got := os.readv(self._descriptor, [memoryview(self._buffer)[self._filled :]]):
                self._filled += got
                self._forget(self._parse(found))
                if self._filled == CAPACITY:  # no message is that long
                    self._forget(CAPACITY)
        return found

    def close(self) -> None:
        """Overwrite what is left."""
        self._forget(self._filled)

    def _parse(self, found: list[Heartbeat | Sighting]) -> int:
        """Append the messages that are whole to `found`; return how many bytes they took."""
        start = 0
        while (end := self._buffer.find(b"\n", start, self._filled)) >= 0:
            line = bytes(memoryview(self._buffer)[start:end])
            told = announcement(line) if line.startswith(BEGINNING) else None
            if told is None:
                if (heartbeat := Heartbeat.from_line(line)) is not None:
                    found.append(heartbeat)
                start = end + 1
                continue
            stop = end + 1 + 4 * told.numbers
            if stop >= self._filled:
                break
            sighting = sighting_from(told, memoryview(self._buffer)[end + 1 : stop])
            if sighting is not None:
                found.append(sighting)
            start = stop + 1
        return start

    def _forget(self, count: int) -> None:
        left = self._filled - count
        view = memoryview(self._buffer)
        view[:left] = view[count : self._filled]
        view[left : self._filled] = bytes(count)
        self._filled = left
