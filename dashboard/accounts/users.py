"""People who may sign in to the dashboard: added, listed and removed from the command line, checked at the door."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine

from dashboard.accounts.hashing import hashing_queue
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
from footfall.errors import ConfigError

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 512
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


def hash_password(password: str) -> str:
    """Return the Argon2id hash of `password` with its salt and parameters (RFC 9106).

    Raises:
        ConfigError: the password is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ConfigError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    return _hasher().hash(_normal(password))


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
    password_hash = account.password_hash if account is not None and account.password_hash else _nobody()
    fits = len(password) <= LONGEST_PASSWORD
    right = _verify(password_hash, password if fits else "") and fits
    if not (may_try and right and account is not None and account.password_hash):
        return None
    end_attempt(engine, name)
    if _hasher().check_needs_rehash(password_hash):
        set_password_hash(engine, name, _hasher().hash(_normal(password)))
        return find_account(engine, name)
    return account


def _possible_name(name: str) -> str:
    """Return `name` as accounts have it, and "", which no account has, for what no account can be called."""
    name = name[: 2 * LONGEST_NAME].strip()
    return name if len(name) <= LONGEST_NAME and name == storable(name) else ""


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """Return a hash that no password of a person has, to spend the same time on unknown names."""
    return _hasher().hash("")


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    # Keyboards write the same letter with one or two code points.
    return unicodedata.normalize("NFC", password)
