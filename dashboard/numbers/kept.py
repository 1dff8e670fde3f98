"""Answers that are kept for a while, in whichever program asks: pages, interface or mail."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from threading import Lock, RLock
from typing import Any, ParamSpec, TypeVar

from cachetools import Cache, LRUCache, TTLCache
from cachetools.keys import hashkey

P = ParamSpec("P")
R = TypeVar("R")

_caches: list[tuple[Cache[Any, Any], RLock]] = []


def kept(max_entries: int, ttl_s: float | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that keeps answers by the positional arguments; keyword arguments are not part of the key.

    Whoever asks gets a copy and may change it. Who asks for an answer that is being made waits for it.

    Args:
        max_entries: how many answers are kept.
        ttl_s: for how many seconds; None until others push them out.
    """

    def decorate(answer: Callable[P, R]) -> Callable[P, R]:
        cache: Cache[Any, R] = LRUCache(max_entries) if ttl_s is None else TTLCache(max_entries, ttl_s)
        lock = RLock()
        asking: dict[Any, Lock] = {}
        _caches.append((cache, lock))

        @functools.wraps(answer)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            key = hashkey(*args)
            with lock:
                if key in cache:
                    return copy.deepcopy(cache[key])
                turn = asking.setdefault(key, Lock())
            with turn:
                with lock:
                    if key in cache:
                        return copy.deepcopy(cache[key])
                try:
                    found = answer(*args, **kwargs)
                    with lock:
                        cache[key] = found
                finally:  # also when there is no answer: a question is asked under a new key every few seconds
                    with lock:
                        asking.pop(key, None)
            return copy.deepcopy(found)

        return asked

    return decorate


def forget_kept() -> None:
    """Forget every kept answer, as a program that was started anew would."""
    for cache, lock in _caches:
        with lock:
            cache.clear()
