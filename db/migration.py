"""Which migration a database is at, and bringing it to the newest; Alembic without an alembic.ini."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from db.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x466F6F7466616C6C  # "Footfall" in ASCII: the key of the lock that lets one process upgrade at a time


class State(Enum):
    """How a database stands to this program; the values are advice for the user."""

    EMPTY = "is empty"
    CURRENT = "is up to date"
    OLDER = "is from an older version of this program; run `footfall db upgrade`"
    NEWER = "this program is older than the database; install the newer version of the program"
    FOREIGN = "holds tables of another program; point database_url at another database"


def state(connection: Connection) -> State:
    """Return how the database behind `connection` stands to this program."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        tables = set(inspect(connection).get_table_names())
        foreign = tables if connection.dialect.name == "sqlite" else tables & set(Base.metadata.tables)
        return State.FOREIGN if foreign - {"alembic_version"} else State.EMPTY
    known = [script.revision for script in _scripts().walk_revisions()]
    if revision not in known:
        return State.NEWER
    return State.CURRENT if revision == known[0] else State.OLDER


def upgrade(connection: Connection) -> None:
    """Apply every missing migration inside the transaction of `connection`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def alembic_config() -> Config:
    """Return the settings that Alembic's commands need to find the migrations."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())
