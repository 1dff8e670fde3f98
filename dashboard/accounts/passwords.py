"""Passwords: how they are hashed, and whether one is right. Nobody's name is known here."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from footfall.errors import ConfigError

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 512


def hash_password(password: str) -> str:
    """Return the Argon2id hash of `password` with its salt and parameters (RFC 9106).

    Raises:
        ConfigError: the password is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ConfigError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    return _hasher().hash(_normal(password))


def is_right(password: str, password_hash: str | None) -> bool:
    """Return whether `password` belongs to `password_hash`; None, of somebody who has no password, fits none.

    It costs one hash whatever is asked, so that the time it takes tells nothing.
    """
    fits = len(password) <= LONGEST_PASSWORD
    try:
        right = _hasher().verify(password_hash or _nobody(), _normal(password if fits else ""))
    except (VerificationError, InvalidHashError):
        return False
    return right and fits and bool(password_hash)


def hashed_anew(password: str, password_hash: str) -> str | None:
    """Return another hash of `password` where `password_hash` was made with older parameters, else None."""
    return _hasher().hash(_normal(password)) if _hasher().check_needs_rehash(password_hash) else None


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """Return a hash that no password of a person has, to spend the same time on unknown names."""
    return _hasher().hash("")


def _normal(password: str) -> str:
    # Keyboards write the same letter with one or two code points.
    return unicodedata.normalize("NFC", password)
