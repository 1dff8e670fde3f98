"""Between the forwarder and the database: opens it when it can, and tells an impossible record from a bad moment."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.exc import DataError, IntegrityError, StatementError

from db.store import Store
from footfall.compose import open_store
from footfall.config import Config
from footfall.errors import StoreError
from ingest.forward import RefusedBatchError
from ingest.records import Batch


class StoreSink:
    """Stores batches in the database of `config`, which need not be reachable yet."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._store: Store | None = None

    def use(self, config: Config) -> None:
        """Take over changed settings before the next batch."""
        self._config = config
        self._store = None

    def __call__(self, batch: Batch) -> None:
        """Store `batch`; what is in the database already is stored once.

        Raises:
            RefusedBatchError: a record in it is impossible for this database.
            StoreError: the database is away; try again later.
        """
        store = self._store or open_store(self._config)
        self._store = store
        try:
            if batch.visits:
                store.save_visits(batch.visits, datetime.now(UTC))
            if batch.minutes:
                store.save_minutes(batch.minutes)
            if batch.outages:
                store.save_outages(batch.outages)
        except (StoreError, ValueError) as error:
            if _is_refusal(error):
                raise RefusedBatchError(str(error)) from error
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
