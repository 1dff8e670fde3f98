"""The file of a spool: one small SQLite file that survives crashes, full disks and damage.

A rollback journal that stays allocated (PERSIST) lets records leave even while the disk is full. The file is opened for
every operation, under a lock file that worker and forwarder share: whoever finds it damaged can set it aside safely.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from footfall.errors import FootfallError
from ingest.spooling.records import DamagedRecordError, decode, salvage

Result = TypeVar("Result")

# One record always fits in one page, so that a page which survived gives back its records whole.
PAGE_BYTES = 8192
LOCK_TIMEOUT_S = 5.0
# Enough to let 20 records leave: a few pages, kept for good by PERSIST.
JOURNAL_BYTES = 128 * 1024
SCHEMA = """
CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS rejected (id INTEGER PRIMARY KEY, body BLOB NOT NULL, error TEXT NOT NULL);
"""


class SpoolError(FootfallError):
    """The spool cannot be read or written just now: disk full, read-only or gone."""


class SpoolFile:
    """The file at `path`, made when it is missing; `notice` gets one sentence for every damaged one set aside."""

    def __init__(self, path: Path, notice: Callable[[str], None]) -> None:
        self.path = path
        self._notice = notice
        self._checked = False

    def use(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run `action` in a transaction that is on the disk when this returns, and return what it returns.

        Raises:
            SpoolError: nothing was changed; says why (disk full, read-only, no such folder).
        """
        try:
            with _locked(self.path):
                try:
                    return self._attempt(action)
                except (sqlite3.DatabaseError, DamagedRecordError, MemoryError) as error:
                    if isinstance(error, sqlite3.OperationalError):
                        raise
                    self._recover()
                    return self._attempt(action)
        except (OSError, sqlite3.Error, DamagedRecordError, MemoryError) as error:
            raise SpoolError(f"the spool {self.path} cannot be used: {error}") from error

    def _attempt(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        with closing(_connect(self.path)) as connection:
            if not self._checked:
                _check(connection)
                self._checked = True
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                return action(connection)

    def _recover(self) -> None:
        """Set the damaged file aside and make a new one of every record that is whole."""
        lines = salvage(self.path.read_bytes())
        fresh = self.path.with_name(self.path.name + ".recovering")
        _remove(fresh)
        with closing(_connect(fresh)) as connection, connection:
            connection.executemany("INSERT INTO records VALUES (?, ?)", lines.items())
        _remove(_journal(fresh))
        aside = _free_name(self.path)
        # A second name first, then the swap: a crash in between leaves the damaged file in place, to be found again.
        os.link(self.path, aside)
        _reserve_journal(self.path)
        fresh.replace(self.path)
        _sync_folder(self.path.parent)
        self._notice(
            f"the spool {self.path.name} was damaged: set aside as {aside.name}, "
            f"{len(lines)} whole records recovered and queued again"
        )


def _connect(path: Path) -> sqlite3.Connection:
    if path.exists() and path.stat().st_size == 0:
        raise sqlite3.DatabaseError("the file is empty")
    if not path.exists():
        _create(path)
    connection = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S, isolation_level=None)
    try:
        connection.executescript("PRAGMA journal_mode = PERSIST; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _create(path: Path) -> None:
    """Make an empty spool under another name first, so that a crash never leaves half a file under `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    _remove(fresh)
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        connection.executescript(f"PRAGMA page_size = {PAGE_BYTES}; PRAGMA synchronous = FULL; {SCHEMA}")
    _reserve_journal(path)
    fresh.replace(path)
    _sync_folder(path.parent)


def _reserve_journal(path: Path) -> None:
    """Take the room for the journal while there is some: without it a full disk lets no record leave.

    A journal of zeros is one that ended well; SQLite writes over it from the start.
    """
    with _journal(path).open("wb") as journal:
        os.posix_fallocate(journal.fileno(), 0, JOURNAL_BYTES)
        os.fsync(journal.fileno())


def _check(connection: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError or DamagedRecordError unless the structure and every record are whole."""
    answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise sqlite3.DatabaseError(answer)
    for table in ("records", "rejected"):
        try:
            rows = connection.execute(f"SELECT body FROM {table}").fetchall()
        except sqlite3.OperationalError as error:  # a table is missing: the file is not a spool any more
            raise sqlite3.DatabaseError(str(error)) from None
        for (body,) in rows:
            decode(body)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock file beside `path`, which is never replaced, while the spool is used."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(path.name + ".lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:  # a read-only file system still lets an existing lock be held and the spool be read
        descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _wait_for_lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, path: Path) -> None:
    """Take the lock, or raise when a process that hangs holds it: it must not stop the other cameras as well."""
    give_up = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > give_up:
                raise SpoolError(f"the spool {path} is held by another process for {LOCK_TIMEOUT_S:.0f} s") from None
            time.sleep(0.005)


def _sync_folder(folder: Path) -> None:
    """Put the names of files on the disk, which syncing the files themselves does not do."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _journal(path: Path) -> Path:
    return path.with_name(path.name + "-journal")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _free_name(path: Path) -> Path:
    candidates = (path.with_name(f"{path.name}.damaged{number or ''}") for number in range(1_000_000))
    return next(candidate for candidate in candidates if not candidate.exists())
