"""How long to wait before the next attempt at what keeps failing."""

from __future__ import annotations

MOST_DOUBLINGS = 30
"""Twice as long so often is longer than any pause; a float cannot be doubled for ever."""


def doubled_pause_s(failures: int, first_s: float, longest_s: float) -> float:
    """Return the pause after the `failures`-th failure in a row: twice as long each time, `longest_s` at most."""
    return min(first_s * 2.0 ** min(failures - 1, MOST_DOUBLINGS), longest_s)
