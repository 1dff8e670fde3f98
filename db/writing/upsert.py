"""`INSERT ... ON CONFLICT` for the database at hand: the same clause, which SQLAlchemy keeps in two dialects."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from db.base import Base


def insert_into(connection: Connection, table: type[Base]) -> postgresql.Insert:
    """Return an insert into `table` that offers on_conflict_do_nothing and on_conflict_do_update."""
    if connection.dialect.name == "sqlite":
        # Both classes have the same clauses; typing them as one saves every caller the distinction.
        return cast(postgresql.Insert, sqlite.insert(table))
    return postgresql.insert(table)
