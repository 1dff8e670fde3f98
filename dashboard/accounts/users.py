"""People who may sign in to the dashboard: added, listed and removed from the command line, checked at the door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine

from dashboard.accounts.hashing_queue import hashing_queue
from dashboard.accounts.passwords import hash_password, hashed_anew, is_right
from db.users import (
    Account,
    Lockout,
    Role,
    add_account,
    begin_attempt,
    end_attempt,
    find_account,
    set_password_hash,
)
from db.writing.registry import storable

LONGEST_NAME = 200


def add_user(
    engine: Engine, name: str, password: str | None, role: Role, sites: Sequence[str], now: datetime
) -> Account:
    """Add a person and return the account; without a password only OIDC signs this person in, by e-mail address.

    `sites` empty means every site.

    Raises:
        ConfigError: the password is too short or too long.
        StoreError: the name is taken, or a site is unknown.
    """
    password_hash = None if password is None else hash_password(password)
    account = Account(name.strip(), role, tuple(sites), password_hash)
    add_account(engine, account, now)
    return account


def change_password(engine: Engine, name: str, password: str) -> None:
    """Give a person another password and end a lockout.

    Raises:
        ConfigError: the password is too short or too long.
        StoreError: there is no such person.
    """
    set_password_hash(engine, name, hash_password(password))


def sign_in(engine: Engine, name: str, password: str, lockout: Lockout, now: datetime) -> Account | None:
    """Return the account of whoever knows its password; None when wrong, unknown or locked, all alike.

    Every attempt is counted before the password is looked at, and costs one hash and one written row whatever the name
    and however long the password, so that the time it takes tells nothing.

    Raises:
        BusyError: too many sign-ins at this moment; this one was not counted.
        StoreError: the database is away.
    """
    with hashing_queue().turn():
        return _sign_in(engine, _possible_name(name), password, lockout, now)


def _sign_in(engine: Engine, name: str, password: str, lockout: Lockout, now: datetime) -> Account | None:
    account = find_account(engine, name)
    may_try = begin_attempt(engine, name, now, lockout)
    password_hash = account.password_hash if account is not None else None
    if not (is_right(password, password_hash) and may_try):
        return None
    end_attempt(engine, name)
    if password_hash and (newer := hashed_anew(password, password_hash)):
        set_password_hash(engine, name, newer)
        return find_account(engine, name)
    return account


def _possible_name(name: str) -> str:
    """Return `name` as accounts have it, and "", which no account has, for what no account can be called."""
    name = name[: 2 * LONGEST_NAME].strip()
    return name if len(name) <= LONGEST_NAME and name == storable(name) else ""
