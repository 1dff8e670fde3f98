"""Who is signed in, kept on the server: a browser holds a random token and nothing else."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

TICKET_LIFETIME = timedelta(seconds=60)
TOKEN_BYTES = 32
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose session it is: the account's name, and the credential that it was opened with."""

    name: str
    credential: str


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Value]):
    value: Value
    until: datetime


class Sessions:
    """Signed-in browsers of one server process; a restart signs everybody out.

    A token belongs to one credential of one account until it expires or is closed; whoever asks compares the credential
    with the account's, so that another password, or the same name added anew, ends the session. A ticket stands for a
    token for one minute and can be redeemed once: the page hands it to the browser, which trades it for a cookie that
    scripts cannot read.
    """

    def __init__(self, lifetime: timedelta, clock: Callable[[], datetime]) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, _Entry[Holder]] = {}
        self._tickets: dict[str, _Entry[str]] = {}

    @property
    def lifetime(self) -> timedelta:
        """How long a browser stays signed in."""
        return self._lifetime

    def open(self, holder: Holder, lifetime: timedelta | None = None) -> str:
        """Return a new token for `holder`; another `lifetime` than that of all is what is left of another sign-in."""
        return self._put(self._tokens, holder, self._lifetime if lifetime is None else lifetime)

    def holder_of(self, token: str | None) -> Holder | None:
        """Return whom `token` belongs to, None when it is unknown or has expired."""
        return self._get(self._tokens, token)

    def close(self, token: str | None) -> None:
        """Forget `token`: whoever holds it is signed out."""
        with self._lock:
            self._tokens.pop(token or "", None)

    def ticket(self, token: str) -> str:
        """Return a ticket for `token`."""
        return self._put(self._tickets, token, TICKET_LIFETIME)

    def redeem(self, ticket: str) -> str | None:
        """Return the token behind `ticket` and void the ticket; None when it is unknown, used or too old."""
        token = self._get(self._tickets, ticket)
        with self._lock:
            self._tickets.pop(ticket, None)
        return token if self.holder_of(token) else None

    def _put(self, entries: dict[str, _Entry[Value]], value: Value, lifetime: timedelta) -> str:
        now = self._clock()
        key = secrets.token_urlsafe(TOKEN_BYTES)
        with self._lock:
            for old in [old for old, entry in entries.items() if entry.until <= now]:
                del entries[old]
            entries[key] = _Entry(value, now + lifetime)
        return key

    def _get(self, entries: dict[str, _Entry[Value]], key: str | None) -> Value | None:
        with self._lock:
            entry = entries.get(key or "")
        return entry.value if entry is not None and entry.until > self._clock() else None
