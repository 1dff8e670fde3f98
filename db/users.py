"""The people who may sign in to the dashboard. Passwords arrive here as hashes; counting failures is atomic."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Delete, Engine, Row, Select, Update, and_, case, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from db.models import AccessStateRow, SiteRow, UserRow
from db.session import reading, transact
from db.writing.registry import storable
from db.writing.upsert import insert_into
from footfall.errors import StoreError

Role = Literal["viewer", "auditor", "admin"]
Statement = Update | Delete


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in. `sites` empty means every site; without `password_hash` only OIDC signs in.

    An account that is still to be added has no `created_at`.
    """

    name: str
    role: Role
    sites: tuple[str, ...] = ()
    password_hash: str | None = None
    locked_until: datetime | None = None
    created_at: datetime | None = field(default=None, compare=False)

    @property
    def credential(self) -> str:
        """What a session belongs to: another one after a new password, and after removing and adding the name."""
        return hashlib.sha256(f"{self.created_at} {self.password_hash}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Lockout:
    """After `failures` attempts in a row without success an account is locked for `minutes`."""

    failures: int
    minutes: float


def accounts(engine: Engine) -> list[Account]:
    """Return all accounts by name."""
    with reading(engine) as connection:
        return [_account(row) for row in connection.execute(_columns().order_by(UserRow.name))]


def find_account(engine: Engine, name: str) -> Account | None:
    """Return the account called `name`, None when there is none."""
    with reading(engine) as connection:
        row = connection.execute(_columns().where(UserRow.name == name)).first()
    return None if row is None else _account(row)


def had_users(engine: Engine) -> bool:
    """Return whether there is or ever was a user, so that removing the last one opens nothing."""
    with reading(engine) as connection:
        return connection.execute(select(AccessStateRow.id)).first() is not None


def add_account(engine: Engine, account: Account, now: datetime) -> None:
    """Add an account.

    Raises:
        StoreError: the name is taken or empty, or a site is unknown.
    """
    transact(engine, _add, account, now)


def remove_account(engine: Engine, name: str) -> None:
    """Remove an account.

    Raises:
        StoreError: there is none of this name.
    """
    transact(engine, _changed_one, delete(UserRow).where(UserRow.name == name), name)


def set_password_hash(engine: Engine, name: str, password_hash: str) -> None:
    """Give an account another password, and free it when it was locked.

    Raises:
        StoreError: there is none of this name.
    """
    values = {"password_hash": password_hash, "failures": 0, "locked_until": None}
    transact(engine, _changed_one, update(UserRow).where(UserRow.name == name).values(**values), name)


def begin_attempt(engine: Engine, name: str, now: datetime, lockout: Lockout) -> bool:
    """Count an attempt to sign in before its password is looked at; return whether it may be.

    False when the account is locked or unknown. Counting first means that attempts made at the same moment cannot
    slip past the limit together; a success takes the count back with `end_attempt`. Every attempt writes a row, so
    that the time it takes does not tell which names exist.
    """
    expired = and_(UserRow.locked_until.is_not(None), UserRow.locked_until <= now)
    failures = case((expired, 1), else_=UserRow.failures + 1)
    until = now + timedelta(minutes=lockout.minutes)
    statement = (
        update(UserRow)
        .where(UserRow.name == name, or_(UserRow.locked_until.is_(None), expired))
        .values(failures=failures, locked_until=case((failures >= lockout.failures, until), else_=None))
    )
    return transact(engine, _begin, statement)


def end_attempt(engine: Engine, name: str) -> None:
    """Forget earlier failures after a success."""
    transact(engine, _count, update(UserRow).where(UserRow.name == name).values(failures=0, locked_until=None))


def _columns() -> Select[*tuple[Any, ...]]:
    return select(
        UserRow.name, UserRow.role, UserRow.sites, UserRow.password_hash, UserRow.locked_until, UserRow.created_at
    )


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(row.name, row.role, tuple(row.sites), row.password_hash, row.locked_until, row.created_at)


def _add(connection: Connection, account: Account, now: datetime) -> None:
    if not account.name.strip() or account.name != storable(account.name):
        raise StoreError("a user's name has 1 to 200 characters")
    known = set(connection.execute(select(SiteRow.name)).scalars())
    if unknown := [site for site in account.sites if site not in known]:
        raise StoreError(f"no site {unknown[0]!r} in the database; there are: {', '.join(sorted(known)) or 'none'}")
    values = {"name": account.name, "role": account.role, "sites": list(account.sites)}
    try:
        connection.execute(
            insert(UserRow).values(**values, password_hash=account.password_hash, failures=0, created_at=now)
        )
    except IntegrityError:
        raise StoreError(f"there is a user {account.name!r} already; remove it first or choose another name") from None
    state = insert_into(connection, AccessStateRow).values(id=1, closed_at=now, attempts=0)
    connection.execute(state.on_conflict_do_nothing())


def _begin(connection: Connection, statement: Statement) -> bool:
    connection.execute(update(AccessStateRow).values(attempts=AccessStateRow.attempts + 1))
    return _count(connection, statement) == 1


def _changed_one(connection: Connection, statement: Statement, name: str) -> None:
    if _count(connection, statement) == 0:
        raise StoreError(f"no user {name!r}; `footfall users list` shows who there is")


def _count(connection: Connection, statement: Statement) -> int:
    return connection.execute(statement).rowcount
