"""Between the forwarder and the database: opens it when it can, and tells an impossible record from a bad moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from app.machines import machine_troubles
from db.reading.fleet import clock_trouble, is_apart
from db.server_clock import Clocks
from db.session import open_database
from db.store import Store, utc_now
from db.writing.boxes import box_name
from footfall.config import Config
from footfall.errors import StoreError
from ingest.spooling.forward import RefusedBatchError
from ingest.spooling.records import Batch

NOTED_EVERY_S = 60.0
ANSWER_WITHIN_S = 60.0
"""A batch takes a fraction of a second; who waits in vain, also for a lock, leaves it in the spool and comes again."""


class StoreSink:
    """Stores batches in the database of `config`, which need not be reachable yet.

    Without `whole`, `config` is a part of this machine's settings only, and the database is told no more than that.
    """

    def __init__(self, config: Config, *, whole: bool = True, clock: Callable[[], datetime] = utc_now) -> None:
        self._config = config
        self._whole = whole
        self._clock = clock
        self._clock_was_apart = False
        self._log = structlog.get_logger("footfall.store")
        self._engine: Engine | None = None
        self._changed = True
        self._guard = threading.Lock()
        self._noted_at = float("-inf")

    def use(self, config: Config) -> None:
        """Take over changed settings before the next batch."""
        with self._guard:
            self._config = config
            self._changed = True

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def __call__(self, batch: Batch) -> None:
        """Store `batch`; what is in the database already is stored once.

        Raises:
            RefusedBatchError: a record in it is impossible for this database.
            StoreError: the database is away; try again later.
        """
        store = self._current_store()
        try:
            if batch.visits:
                store.save_visits(batch.visits, self._clock())
            if batch.minutes:
                store.save_minutes(batch.minutes)
            if batch.outages:
                store.save_outages(batch.outages)
            if batch.parts:
                store.save_parts(batch.parts)
            if batch.firsts:
                store.save_firsts(batch.firsts, self._clock())
        except (StoreError, ValueError) as error:
            if _is_refusal(error):
                raise RefusedBatchError(str(error)) from error
            self._noted_at = float("-inf")  # say at once when the database is back
            raise

    def say_alive(self) -> None:
        """Tell the database at the start what the settings say, and then every minute that this program runs.

        Raises:
            StoreError: the database is away; try again later.
        """
        store = self._current_store()
        if time.monotonic() - self._noted_at >= NOTED_EVERY_S:
            self._say_clock(store.note_heard(self._config))
            self._noted_at = time.monotonic()

    def _say_clock(self, clocks: Clocks) -> None:
        """Say once when this computer's clock is not the server's, and once when it is again."""
        apart = is_apart(clocks.ahead_s)
        if apart and not self._clock_was_apart:
            self._log.warning(clock_trouble("this computer's clock", clocks.ahead_s), ahead_s=clocks.ahead_s)
        if self._clock_was_apart and not apart:
            self._log.info("this computer's clock is that of the database server again")
        self._clock_was_apart = apart

    def _current_store(self) -> Store:
        """Open the database, again after the settings changed, and tell it the configured sites and cameras."""
        with self._guard:
            config, changed, self._changed = self._config, self._changed, False
        try:
            if changed or self._engine is None:
                self.close()
                url = config.database_url.get_secret_value()
                self._engine = open_database(url, answer_within_s=ANSWER_WITHIN_S)
                Store(self._engine, self._clock).sync(config, whole=self._whole)
                for told in machine_troubles(self._engine, but=box_name(config)):
                    self._log.warning(told)
            return Store(self._engine, self._clock)
        except BaseException:
            self._changed = True
            raise


def _is_refusal(error: Exception) -> bool:
    """Tell a record that can never be stored from a database that is away, full or busy."""
    cause = error.__cause__
    if not isinstance(error, StoreError):
        return True
    if cause is None:  # the program's own refusal, as for a camera that is not in the database
        return True
    never = isinstance(cause, DataError | IntegrityError)
    return never or type(cause) is StatementError
