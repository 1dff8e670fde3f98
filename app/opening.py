"""Opens the database that the settings name, for every command; those that count nothing load no network for it."""

from __future__ import annotations

from sqlalchemy import Engine

from db.session import open_database
from db.store import Store
from footfall.config import Config


def open_engine(config: Config, *, whole: bool = True) -> Engine:
    """Open the database, make its tables when it is empty, and write into it what `config` says of sites and cameras.

    Without `whole`, `config` is a part of this machine's settings, as for one camera only.

    Raises:
        StoreError: it cannot be reached, written or is at another migration.
    """
    engine = open_database(config.database_url.get_secret_value())
    Store(engine).sync(config, whole=whole)
    return engine


def open_store(config: Config, *, whole: bool = True) -> Store:
    """Open the database as `open_engine` does, and return its writing side."""
    return Store(open_engine(config, whole=whole))
