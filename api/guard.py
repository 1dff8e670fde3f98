"""Who may ask, and how often: tokens, limits by token and by address, and a brake for whoever guesses tokens."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections.abc import Callable
from datetime import datetime

from cachetools import TTLCache
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Engine

from api.problems import ProblemError
from dashboard.accounts.person import Person
from db.tokens import digest_of, find_token

WRONG_TOKENS_PER_MINUTE = 10
TOKENS_BEHIND_AN_ADDRESS = 5
"""An address may ask so many times as often as a token: several programs of one machine, or of one proxy."""
TRUSTED_S = 3600.0
NO_TOKEN = "Send a token, as `Authorization: Bearer ff_...`; `footfall users token NAME` makes one."
WRONG = "This token is unknown, or its user was removed; `footfall users token NAME` makes another."
REVOKED = "This token was revoked; `footfall users token NAME` makes another."
EXPIRED = "This token has expired; `footfall users token NAME` makes another."


class Guard:
    """Knows whom a token belongs to, and lets nobody ask too often. One for each process; asked from many threads."""

    def __init__(self, engine: Engine, requests_per_minute: int, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._by_token = RateLimitItemPerMinute(requests_per_minute)
        self._by_address = RateLimitItemPerMinute(TOKENS_BEHIND_AN_ADDRESS * requests_per_minute)
        self._wrong = RateLimitItemPerMinute(WRONG_TOKENS_PER_MINUTE)
        self._right: TTLCache[str, bool] = TTLCache(1000, TRUSTED_S)
        self._lock = threading.Lock()

    def knock(self, address: str) -> None:
        """Count a request of `address`, whatever it asks for.

        Raises:
            ProblemError: 429, it asked too often.
        """
        self._count(self._by_address, "address", neighbourhood(address), "This address")

    def person(self, token: str | None, address: str) -> Person:
        """Return in whose name `token` asks, as a viewer of the user's sites.

        Whoever sent many wrong tokens in the last minute is not listened to, unless with a token that was right before,
        so that somebody else behind the same address goes on undisturbed.

        Raises:
            ProblemError: 401, it opens nothing, or 429, it or the address asked too often.
        """
        if not token:
            raise ProblemError(401, NO_TOKEN, {"WWW-Authenticate": "Bearer"})
        key, place = digest_of(token), neighbourhood(address)
        with self._lock:
            is_known = key in self._right
        if not is_known and not self._limiter.test(self._wrong, "wrong", place):
            raise self._too_often(self._wrong, "wrong", place, "This address sent wrong tokens and")
        found = find_token(self._engine, token)
        now = self._clock()
        if found is None or not found[0].holds(now):
            with self._lock:
                self._right.pop(key, None)
            self._limiter.hit(self._wrong, "wrong", place)
            why = WRONG if found is None else EXPIRED if found[0].revoked_at is None else REVOKED
            raise ProblemError(401, why, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        with self._lock:
            self._right[key] = True
        self._count(self._by_token, "token", key, "This token")
        return Person(found[1].name, "viewer", found[1].sites)

    def _count(self, limit: RateLimitItemPerMinute, kind: str, key: str, who: str) -> None:
        if not self._limiter.hit(limit, kind, key):
            raise self._too_often(limit, kind, key, who)

    def _too_often(self, limit: RateLimitItemPerMinute, kind: str, key: str, who: str) -> ProblemError:
        free_at = self._limiter.get_window_stats(limit, kind, key).reset_time
        seconds = max(1, math.ceil(free_at - time.time()))
        detail = f"{who} asked more than {limit.amount} times in a minute; ask again in {seconds} s."
        return ProblemError(429, detail, {"Retry-After": str(seconds)})


def neighbourhood(address: str) -> str:
    """Return whom an address stands for: itself, and of IPv6 the network of 64 bits that one customer has."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(known) if known.version == 4 else str(ipaddress.ip_network(f"{known}/64", strict=False))
