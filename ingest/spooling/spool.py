"""The durable spool: records wait here, in one small SQLite file a camera, until the database took them.

A record is on the disk (fsync) when `put` returns, and leaves the file only after the database confirmed it, so that a
crash at any moment loses nothing; the database stores idempotently, so that sending twice counts once.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ingest.spooling.file import SpoolError, SpoolFile
from ingest.spooling.records import Batch, Record, decode, encode

__all__ = ["SUFFIX", "Spool", "SpoolError"]

SUFFIX = ".spool"
FORGET_WHEN_FULL = 20


class Spool:
    """The spool of one camera at `path`; any number of processes may use it at once.

    `notice` gets one sentence for every damaged file that was set aside.
    """

    def __init__(self, path: Path, notice: Callable[[str], None] = lambda text: None) -> None:
        self.path = path
        self._file = SpoolFile(path, notice)
        self._sent: set[int] = set()

    def put(self, records: Iterable[Record]) -> None:
        """Write all of `records` or none, and return when they are on the disk.

        Raises:
            SpoolError: nothing was written; says why (disk full, read-only, no such folder).
        """
        items = list(records)
        if items:
            self._file.use(lambda connection: _insert(connection, items))

    def depth(self) -> int:
        """Return how many records wait to be sent.

        Raises:
            SpoolError: the file cannot be read.
        """
        return self._file.use(lambda c: int(c.execute("SELECT count(*) FROM records").fetchone()[0]))

    def rejected(self) -> int:
        """Return how many records the database refused; they are kept in the file."""
        return self._file.use(lambda c: int(c.execute("SELECT count(*) FROM rejected").fetchone()[0]))

    def drain(self, sink: Callable[[Batch], None], batch_size: int = 500) -> int:
        """Send the oldest `batch_size` records to `sink` and drop them from the file; return how many were sent.

        When `sink` raises, the records stay. When the file cannot drop them (disk full, read-only) they are
        remembered as sent, so that the next call goes on with newer ones.

        Raises:
            SpoolError: the file cannot be read.
        """
        waiting = self._file.use(lambda connection: self._oldest(connection, batch_size))
        if waiting:
            sink(Batch.of(record for _, record in waiting))
            self._sent.update(record_id for record_id, _ in waiting)
        with suppress(SpoolError):
            self._forget_sent()
        return len(waiting)

    def reject_oldest(self, error: str) -> None:
        """Set the oldest record aside inside the file: the database refuses it, and others must not wait for it."""

        def move(connection: sqlite3.Connection) -> None:
            row = connection.execute("SELECT id, body FROM records ORDER BY id LIMIT 1").fetchone()
            if row is not None:
                connection.execute("INSERT OR REPLACE INTO rejected VALUES (?, ?, ?)", (*row, error[:500]))
                connection.execute("DELETE FROM records WHERE id = ?", (row[0],))

        self._forget_sent()
        self._file.use(move)

    def retry_rejected(self) -> int:
        """Let refused records wait again, as after a repair of the database or the configuration; return how many."""

        def move(connection: sqlite3.Connection) -> int:
            connection.execute("INSERT OR REPLACE INTO records SELECT id, body FROM rejected")
            return connection.execute("DELETE FROM rejected").rowcount

        return self._file.use(move)

    def _oldest(self, connection: sqlite3.Connection, limit: int) -> list[tuple[int, Record]]:
        rows = connection.execute("SELECT id, body FROM records ORDER BY id LIMIT ?", (limit + len(self._sent),))
        found = (decode(body) for record_id, body in rows.fetchall() if record_id not in self._sent)
        return list(found)[:limit]

    def _forget_sent(self) -> None:
        sent = sorted(self._sent)
        try:
            self._delete(sent)
        except SpoolError:
            # On a full disk the journal cannot grow: as much as fits into it goes at once, which then makes room.
            for start in range(0, len(sent), FORGET_WHEN_FULL):
                self._delete(sent[start : start + FORGET_WHEN_FULL])

    def _delete(self, sent: Sequence[int]) -> None:
        if sent:
            rows = [(record_id,) for record_id in sent]
            self._file.use(lambda connection: connection.executemany("DELETE FROM records WHERE id = ?", rows))
            self._sent.difference_update(sent)


def _insert(connection: sqlite3.Connection, items: Sequence[Record]) -> None:
    newest = connection.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0]
    # Numbers come from the clock so that none is used twice, not even after a file was lost.
    first = max(int(newest) + 1, time.time_ns())
    rows = [(first + offset, encode(first + offset, item)) for offset, item in enumerate(items)]
    connection.executemany("INSERT INTO records VALUES (?, ?)", rows)
