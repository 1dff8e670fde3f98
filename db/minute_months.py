"""Minutes by month: on PostgreSQL the table of camera minutes may be parted, so that retention drops a month at once.

`part` moves a table that is in use: it becomes the first partition as it stands, and no row is copied. Who stores waits
for a moment then, not for the time in which a long table is read. Months to come are made ahead; what belongs to none
of them, because a clock was wrong or nobody made them, is in the partition `camera_minutes_other` and as good as any
other row.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, text

from db.failures import masked
from db.session import reading, transact
from footfall.errors import StoreError

TABLE = "camera_minutes"
BEFORE = f"{TABLE}_before"
OTHER = f"{TABLE}_other"
BOUND_CHECK = f"ck_{TABLE}_before"
MONTHS_AHEAD = 3
# Whoever stores waits behind this program while it waits for a lock; it gives up sooner than that would be noticed.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '800ms'"
NEWEST = (
    f"SELECT max(newest) FROM cameras c, LATERAL (SELECT max(minute) FROM {TABLE} WHERE camera_id = c.id) m (newest)"
)


def is_parted(connection: Connection) -> bool:
    """Return whether the minutes of this database are kept by month."""
    if connection.dialect.name != "postgresql":
        return False
    kind = connection.execute(text("SELECT relkind FROM pg_class WHERE oid = to_regclass(:name)"), {"name": TABLE})
    return str(kind.scalar_one()) == "p"


def part(engine: Engine, now: datetime) -> bool:
    """Keep the minutes by month from now on; return whether that was new.

    While the old table is checked, which takes as long as reading it once, everybody reads and stores. It may be done
    again after it was cut short.

    Raises:
        StoreError: the database is no PostgreSQL, or somebody held the table too long; nothing is half-moved.
    """
    if engine.dialect.name != "postgresql":
        raise StoreError(f"{masked(engine.url)}: only PostgreSQL keeps minutes by month; a single file needs no months")
    with reading(engine) as connection:
        known = is_parted(connection)
    if not known:
        bound = month_after(month_of(now), 1)
        if transact(engine, _promise, bound):
            transact(engine, _keep_promise)
        transact(engine, _move, bound)
    make_ahead(engine, now)
    return not known


def make_ahead(engine: Engine, now: datetime) -> None:
    """Make the months up to MONTHS_AHEAD after that of `now`, where the minutes are kept by month.

    Raises:
        StoreError: somebody held the table too long; until the next try, rows go to the partition of others.
    """
    until = month_after(month_of(now), MONTHS_AHEAD + 1)
    while transact(engine, _make_next, until):
        pass


def whole_months(connection: Connection, before: datetime) -> list[tuple[str, datetime]]:
    """Return the partitions of which every minute lies before `before`, and where each ends; the oldest first."""
    return [(name, end) for name, end in _ends(connection) if end <= before]


def drop(connection: Connection, name: str) -> None:
    """Drop a partition; it is the caller's to know that nothing in it is needed."""
    connection.execute(text(LOCK_TIMEOUT))
    connection.execute(text(f"DROP TABLE {name}"))


def hold(connection: Connection) -> None:
    """Let no partition be dropped until the end of the transaction; to be called before its first question."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {TABLE} IN ACCESS SHARE MODE"))


def month_of(moment: datetime) -> datetime:
    """Return the beginning of the UTC month that holds `moment`."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_after(month: datetime, number: int) -> datetime:
    """Return the beginning of the month that is so many months later."""
    months = month.year * 12 + month.month - 1 + number
    return month.replace(year=months // 12, month=months % 12 + 1)


def _promise(connection: Connection, bound: datetime) -> bool:
    """Let the table take no minute from `bound` on, unless it holds some; return whether it does not.

    Until the move, which follows at once, a minute of so strange a time is refused, and its machine keeps it.
    """
    connection.execute(text(LOCK_TIMEOUT))
    connection.execute(text(f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {BOUND_CHECK}"))
    if _newest(connection) >= bound:
        return False
    check = f"CHECK (minute < '{bound.isoformat()}') NOT VALID"
    connection.execute(text(f"ALTER TABLE {TABLE} ADD CONSTRAINT {BOUND_CHECK} {check}"))
    return True


def _keep_promise(connection: Connection) -> None:
    """Read the table once to see that it holds no such minute; everybody goes on meanwhile."""
    connection.execute(text(f"ALTER TABLE {TABLE} VALIDATE CONSTRAINT {BOUND_CHECK}"))


def _move(connection: Connection, bound: datetime) -> None:
    """Put a parted table in the place of the old one, which becomes its first partition.

    Its keys to cameras and recordings become those of the whole, for which these are locked too, in the writers' order.
    """
    cameras, recordings = (f"fk_{TABLE}_{column}" for column in ("camera_id_cameras", "recording_id_recordings"))
    connection.execute(text(LOCK_TIMEOUT))
    connection.execute(text(f"LOCK TABLE cameras, recordings, {TABLE} IN ACCESS EXCLUSIVE MODE"))
    strange = _newest(connection) >= bound
    for statement in (
        f"ALTER TABLE {TABLE} RENAME TO {BEFORE}",
        f"ALTER TABLE {BEFORE} RENAME CONSTRAINT pk_{TABLE} TO pk_{BEFORE}",
        f"ALTER INDEX ix_{TABLE}_recording_id RENAME TO ix_{BEFORE}_recording_id",
        f"CREATE TABLE {TABLE} (LIKE {BEFORE}) PARTITION BY RANGE (minute)",
        f"ALTER TABLE {TABLE} ADD CONSTRAINT pk_{TABLE} PRIMARY KEY (camera_id, minute, run)",
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {cameras} FOREIGN KEY (camera_id) REFERENCES cameras (id)",
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {recordings} FOREIGN KEY (recording_id) REFERENCES recordings (id)",
        f"CREATE INDEX ix_{TABLE}_recording_id ON {TABLE} (recording_id)",
        f"CREATE TABLE {OTHER} PARTITION OF {TABLE} DEFAULT",
    ):
        connection.execute(text(statement))
    if strange:
        moved = f"DELETE FROM {BEFORE} WHERE minute >= '{bound.isoformat()}' RETURNING *"
        connection.execute(text(f"WITH moved AS ({moved}) INSERT INTO {OTHER} SELECT * FROM moved"))
    connection.execute(
        text(f"ALTER TABLE {TABLE} ATTACH PARTITION {BEFORE} FOR VALUES FROM (MINVALUE) TO ('{bound.isoformat()}')")
    )
    connection.execute(text(f"ALTER TABLE {BEFORE} DROP CONSTRAINT IF EXISTS {BOUND_CHECK}"))


def _make_next(connection: Connection, until: datetime) -> bool:
    """Make the month after the last one, with what the partition of others has of it; False from `until` on."""
    month = _ends(connection)[-1][1] if is_parted(connection) else until
    if month >= until:
        return False
    end, name = month_after(month, 1), f"{TABLE}_{month:%Y_%m}"
    since, to = f"'{month.isoformat()}'", f"'{end.isoformat()}'"
    moved = f"DELETE FROM {OTHER} WHERE minute >= {since} AND minute < {to} RETURNING *"
    for statement in (
        LOCK_TIMEOUT,
        f"LOCK TABLE {OTHER} IN ACCESS EXCLUSIVE MODE",
        f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING INDEXES)",
        f"WITH moved AS ({moved}) INSERT INTO {name} SELECT * FROM moved",
        f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM ({since}) TO ({to})",
    ):
        connection.execute(text(statement))
    return True


def _newest(connection: Connection) -> datetime:
    found: datetime | None = connection.execute(text(NEWEST)).scalar_one()
    return found or datetime.min.replace(tzinfo=UTC)


def _ends(connection: Connection) -> list[tuple[str, datetime]]:
    """Return every partition but that of others, and where it ends, the oldest first."""
    query = """SELECT c.relname,
        substring(pg_get_expr(c.relpartbound, c.oid) from $$TO \\('([^']+)'\\)$$)::timestamptz AS ends
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass(:name) AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT' ORDER BY ends"""
    return [(row.relname, row.ends) for row in connection.execute(text(query), {"name": TABLE})]
