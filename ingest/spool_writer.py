"""What stands between a worker and its spool: memory for the time in which the spool cannot be written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import structlog

from footfall.types import CameraMinute, Visit
from ingest.records import Record
from ingest.spool import Spool, SpoolError

# A record takes about a kilobyte: 30,000 are two days of a busy entrance in 30 MB.
MAX_WAITING = 30_000


class SpoolWriter:
    """Writes records to `spool`, or keeps them, in order, until it can.

    Over `max_waiting` the oldest minutes are given up before any visit, and what was given up is counted in `lost`.
    """

    def __init__(self, spool: Spool, max_waiting: int = MAX_WAITING) -> None:
        self._spool = spool
        self._max_waiting = max_waiting
        self._waiting: deque[Record] = deque()
        self._failing = False
        self._log = structlog.get_logger("footfall.spool")
        self.lost = 0
        self.visits = 0
        self.faces = 0

    @property
    def waiting(self) -> int:
        """How many records are in memory only."""
        return len(self._waiting)

    def write(self, records: Iterable[Record]) -> bool:
        """Take `records` and write all that waits; return whether nothing waits any more."""
        for record in records:
            self._waiting.append(record)
            self.visits += isinstance(record, Visit)
            self.faces += record.faces if isinstance(record, CameraMinute) else 0
        self._bound()
        return self.flush()

    def flush(self) -> bool:
        """Try again to write what waits; return whether nothing waits any more."""
        if not self._waiting:
            return True
        try:
            self._spool.put(self._waiting)
        except SpoolError as error:
            if not self._failing:
                self._log.error("spool cannot be written, counting goes on in memory", reason=str(error))
            self._failing = True
            return False
        if self._failing:
            self._log.info("spool can be written again", records=len(self._waiting))
        self._failing = False
        self._waiting.clear()
        return True

    def _bound(self) -> None:
        while len(self._waiting) > self._max_waiting:
            oldest = next((item for item in self._waiting if isinstance(item, CameraMinute)), self._waiting[0])
            self._waiting.remove(oldest)
            self.lost += 1
