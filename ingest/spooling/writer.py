"""What stands between a worker and its spool: memory for the time in which the spool cannot be written."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from itertools import islice

import structlog

from footfall.types import CameraMinute, Visit
from ingest.spooling.records import Record
from ingest.spooling.spool import Spool, SpoolError

# A record takes about a kilobyte: 30,000 are two days of a busy entrance in 30 MB.
MAX_WAITING = 30_000
RETRY_EVERY_S = 1.0
# After a full disk there is room for some before there is room for all.
PORTION = 200


class SpoolWriter:
    """Writes records to `spool`, or keeps them, in order, until it can.

    Over `max_waiting` the oldest minutes are given up before any visit, and what was given up is counted in `lost`.
    """

    def __init__(self, spool: Spool, max_waiting: int = MAX_WAITING) -> None:
        self._spool = spool
        self._max_waiting = max_waiting
        self._waiting: deque[Record] = deque()
        self._failing = False
        self._retry_at = 0.0
        self._log = structlog.get_logger("footfall.spool")
        self.lost = 0
        self.visits = 0
        self.faces = 0

    @property
    def waiting(self) -> int:
        """How many records are in memory only."""
        return len(self._waiting)

    def write(self, records: Iterable[Record]) -> bool:
        """Take `records` and write all that waits, unless that just failed; return whether nothing waits any more."""
        for record in records:
            self._waiting.append(record)
            self.visits += isinstance(record, Visit)
            self.faces += record.faces if isinstance(record, CameraMinute) else 0
        self._bound()
        if self._failing and time.monotonic() < self._retry_at:
            return False  # a full disk stays full for a while; trying with every visit would cost the frames
        return self.flush()

    def flush(self) -> bool:
        """Try again to write what waits; return whether nothing waits any more."""
        recovered = self._failing and bool(self._waiting)
        while self._waiting:
            portion = list(islice(self._waiting, PORTION))
            try:
                self._spool.put(portion)
            except SpoolError as error:
                if not self._failing:
                    self._log.error("spool cannot be written, counting goes on in memory", reason=str(error))
                self._failing = True
                self._retry_at = time.monotonic() + RETRY_EVERY_S
                return False
            for _ in portion:
                self._waiting.popleft()
        if recovered:
            self._log.info("spool can be written again")
        self._failing = False
        return True

    def _bound(self) -> None:
        while len(self._waiting) > self._max_waiting:
            oldest = next((item for item in self._waiting if isinstance(item, CameraMinute)), self._waiting[0])
            self._waiting.remove(oldest)
            self.lost += 1
