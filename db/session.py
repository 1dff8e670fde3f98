"""Engines for the two databases that are supported, and their transactions.

SQLite: write-ahead log, so that readers never wait; every writing transaction begins with BEGIN IMMEDIATE, because a
reader that becomes a writer half-way fails at once with "database is locked" however long the timeout is;
synchronous=FULL, because a worker forgets a visit once it is committed here, and a power cut must not undo that.
PostgreSQL: psycopg 3, connections are tested before use, and a dead server is noticed. A pooler that gives a connection
to whoever has a transaction (PgBouncer, pool_mode = transaction) may stand before it: no statement stays prepared on
the server, locks and settings end with their transaction, and the one that does not, the time zone, is one that such
a pooler keeps for each client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from db import migration
from db.failures import is_transient, masked, translated
from db.silence import AttentiveConnection
from footfall.errors import StoreError
from footfall.secrets import place_of

BUSY_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 5
ANSWER_WITHIN_S = 3600.0
"""No statement takes that long, migrations aside; somebody who hangs would hang for ever."""
ATTEMPTS = 5
NO_WRITE_AHEAD_LOG = (
    "lies where no write-ahead log can be kept, as on a network share; writers and readers would block each other and "
    "a power cut could damage it; put the file on a disk of this computer, or use PostgreSQL"
)
Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")
# A server that vanished without closing the connection is given up after half a minute; one that is silent: db.silence.
POSTGRES_CONNECT = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "prepare_threshold": None,
    "application_name": "footfall",
}


def open_database(url: str, *, pooled: bool = True, answer_within_s: float = ANSWER_WITHIN_S) -> Engine:
    """Return an engine for `url`, creating the tables when the database is still empty.

    Without `pooled`, a connection to PostgreSQL is closed after each transaction: for many processes that write seldom.
    One whose server is silent for `answer_within_s` in the middle of a transaction is given up.

    Raises:
        StoreError: unreachable, not writable, not a database of this program, or at another migration; the message
            says what to do and holds no password.
    """
    engine = make_engine(url, pooled=pooled, answer_within_s=answer_within_s)
    try:
        with translated(engine.url):
            _prepare(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _prepare(engine: Engine) -> None:
    """Make the tables of an empty database; refuse one at another migration."""
    with reading(engine) as connection:
        state = migration.state(connection)
    if state is migration.State.EMPTY:
        with writing(engine) as connection:
            migration.upgrade(connection)
    elif state is not migration.State.CURRENT:
        raise StoreError(f"{masked(engine.url)}: {state.value}")


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest migration; nothing happens when it is there.

    Raises:
        StoreError: unreachable, not writable, another program's database, or newer than this program.
    """
    engine = make_engine(url)
    try:
        with translated(engine.url), writing(engine) as connection:
            state = migration.state(connection)
            if state in (migration.State.FOREIGN, migration.State.NEWER):
                raise StoreError(f"{masked(engine.url)}: {state.value}")
            migration.upgrade(connection)
    finally:
        engine.dispose()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection inside one writing transaction, committed at the end, undone on any error."""
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one snapshot: numbers read one after another belong together."""
    isolated = (
        engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")
    )
    with translated(engine.url), isolated.connect() as connection:
        yield connection


def transact(
    engine: Engine,
    work: Callable[Concatenate[Connection, Arguments], Result],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Result:
    """Call `work(connection, ...)` in one writing transaction, again when it lost a race, and return its result.

    Raises:
        StoreError: the database refused or is away; nothing of `work` was kept.
    """
    attempts = Retrying(
        retry=retry_if_exception(is_transient),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.05, max=1.0),
        reraise=True,
    )

    def attempt() -> Result:
        with writing(engine) as connection:
            return work(connection, *args, **kwargs)

    with translated(engine.url):
        return attempts(attempt)


def make_engine(url: str, *, pooled: bool = True, answer_within_s: float | None = None) -> Engine:
    """Return an engine for `url` without connecting; without `answer_within_s`, a statement may take for ever.

    Raises:
        StoreError: `url` is malformed or of an unsupported kind.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(_wanted("is not a database URL")) from None
    kind = parsed.get_backend_name()
    if kind != "sqlite" and not _is_place(url, parsed):
        raise StoreError(_wanted("names no host that can be; percent-encode the password"))
    if kind == "sqlite":
        return _sqlite_engine(parsed)
    if kind in ("postgresql", "postgres"):
        return _postgres_engine(parsed, pooled=pooled, answer_within_s=answer_within_s)
    raise StoreError(_wanted(f"cannot be of kind {kind!r}"))


def _is_place(url: str, parsed: URL) -> bool:
    """Return whether the host is one: an unencoded password leaves a part of itself there, which would be looked up."""
    plain = f"{parsed.host or ''}:{parsed.port or 1}".strip("[]")
    return url.count("@") <= 1 and (":" in (parsed.host or "") or bool(place_of(f"{parsed.drivername}://{plain}")))


def _wanted(problem: str) -> str:
    return f"database_url {problem}; write sqlite:///footfall.db, or for PostgreSQL what docs/data-model.md shows"


def _postgres_engine(url: URL, *, pooled: bool, answer_within_s: float | None) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        poolclass=QueuePool if pooled else NullPool,
        pool_pre_ping=pooled,
        connect_args=POSTGRES_CONNECT,
        hide_parameters=True,
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, _args: Any, options: dict[str, Any]) -> AttentiveConnection | None:
        if answer_within_s is None:
            return None
        made = AttentiveConnection.connect(**options)
        made.answer_within_s = answer_within_s
        return made

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.execute("SET TIME ZONE 'UTC'")  # as a parameter of the start, a pooler would refuse it
        connection.commit()

    return engine


def _sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StoreError(_wanted("names no file"))
    if Path(url.database).is_dir():
        raise StoreError(f"{url.database}: is a folder; database_url must name a file")
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"), connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver shall not begin transactions of its own
        cursor = connection.cursor()
        for setting in ("foreign_keys=ON", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {setting}")
        journal = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        cursor.close()
        if journal != "wal":
            raise StoreError(f"{url.database}: {NO_WRITE_AHEAD_LOG}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
