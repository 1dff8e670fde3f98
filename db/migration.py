"""Which migration a database is at, and bringing it to the newest; Alembic without an alembic.ini."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from db.models import Base

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"
UPGRADE_LOCK = 0x466F6F7466616C6C  # "Footfall" in ASCII: the key of the lock that lets one process upgrade at a time


class State(Enum):
    """How a database stands to this program; the values are advice for the user."""

    EMPTY = "is empty"
    CURRENT = "is up to date"
    OLDER = "is from an older version of this program; run `footfall db upgrade`"
    NEWER = "this program is older than the database; install the newer version of the program"
    FOREIGN = "holds tables of another program; point database_url at another database"


def state(connection: Connection) -> State:
    """Return how the database behind `connection` stands to this program.

    Every start asks, so it is answered without Alembic, which takes long to load: the files of the migrations begin
    with their revisions.
    """
    tables = set(inspect(connection).get_table_names())
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")) if VERSION_TABLE in tables else None
    revision = None if found is None else found.scalar()
    if revision is None:
        foreign = tables if connection.dialect.name == "sqlite" else tables & set(Base.metadata.tables)
        return State.FOREIGN if foreign - {VERSION_TABLE} else State.EMPTY
    known = revisions()
    if revision not in known:
        return State.NEWER
    return State.CURRENT if revision == known[-1] else State.OLDER


def revisions() -> list[str]:
    """Return the revisions of this program's migrations, oldest first."""
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def upgrade(connection: Connection) -> None:
    """Apply every missing migration inside the transaction of `connection`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def alembic_config() -> Config:
    """Return the settings that Alembic's commands need to find the migrations."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
