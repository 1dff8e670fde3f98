"""Tokens with which programs read the numbers in the name of a user: given out once, kept as a hash.

A token is 256 random bits, so that one round of SHA-256 keeps it as safe as a slow hash keeps a password.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, insert, select, update

from db.models import UserRow
from db.session import reading, transact
from db.token_models import ApiTokenRow
from db.users import Account, Role
from db.writing.registry import storable
from footfall.errors import StoreError

PREFIX = "ff_"  # so that scanners for secrets, and people, know one when they see it
TOKEN_BYTES = 32
LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown: whose it is, what for, and until when. `number` names it in `users revoke`."""

    number: int
    user: str
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Return whether it opens anything at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def add_token(engine: Engine, user: str, label: str, days: int | None, now: datetime) -> str:
    """Make a token for `user` that expires after `days` (None: never), and return it: the only time it is seen.

    Raises:
        StoreError: there is no such user, or the label is too long.
    """
    label = label.strip()
    if len(label) > LONGEST_LABEL or label != storable(label):
        raise StoreError(f"the label of a token has at most {LONGEST_LABEL} characters")
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = None if days is None else now + timedelta(days=days)
    values = {"label": label, "token_hash": digest_of(token), "created_at": now, "expires_at": expires_at}
    transact(engine, _add, user, values)
    return token


def tokens(engine: Engine) -> list[Token]:
    """Return all tokens, those of one user together, oldest first."""
    with reading(engine) as connection:
        return [_token(row) for row in connection.execute(_columns().order_by(UserRow.name, ApiTokenRow.id))]


def revoke_token(engine: Engine, number: int, now: datetime) -> Token:
    """Make a token worthless from now on and return it; one that is revoked already stays as it is.

    Raises:
        StoreError: there is no token of this number.
    """
    return transact(engine, _revoke, number, now)


def find_token(engine: Engine, token: str) -> tuple[Token, Account] | None:
    """Return a token, be it expired or revoked, and the account it belongs to; None for what never was a token."""
    columns = _columns().add_columns(UserRow.role, UserRow.sites)
    with reading(engine) as connection:
        row = connection.execute(columns.where(ApiTokenRow.token_hash == digest_of(token))).first()
    if row is None:
        return None
    role: Role = row.role
    return _token(row), Account(row.user, role, tuple(row.sites))


def digest_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _columns() -> Select[*tuple[Any, ...]]:
    row = ApiTokenRow
    return select(row.id, UserRow.name.label("user"), row.label, row.created_at, row.expires_at, row.revoked_at).join(
        UserRow, UserRow.id == row.user_id
    )


def _token(row: Row[*tuple[Any, ...]]) -> Token:
    return Token(row.id, row.user, row.label, row.created_at, row.expires_at, row.revoked_at)


def _add(connection: Connection, user: str, values: dict[str, Any]) -> None:
    user_id = connection.execute(select(UserRow.id).where(UserRow.name == user)).scalar_one_or_none()
    if user_id is None:
        raise StoreError(f"no user {user!r}; `footfall users list` shows who there is, `footfall users add` adds one")
    connection.execute(insert(ApiTokenRow).values(user_id=user_id, **values))


def _revoke(connection: Connection, number: int, now: datetime) -> Token:
    row = ApiTokenRow
    connection.execute(update(row).where(row.id == number, row.revoked_at.is_(None)).values(revoked_at=now))
    found = connection.execute(_columns().where(row.id == number)).first()
    if found is None:
        raise StoreError(f"no token {number}; `footfall users tokens` lists them with their numbers")
    return _token(found)
