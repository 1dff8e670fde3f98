"""Hostile text, and how many cases a property is tried with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NASTY = st.sampled_from(
    ["';DROP TABLE visits;--", "=cmd|'/c calc'!A1", '"', ",", "\n", "\r", "\x00", "\udc80", "é", "☃", "%", "{}"]
)
TEXT = st.lists(st.one_of(NASTY, st.text(max_size=8)), max_size=6).map("".join)


def check(cases: int, **strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], None]:
    """Return a decorator that runs a property over so many cases, at once."""

    def run(holds: Callable[..., None]) -> None:
        quiet = settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        quiet(given(**strategies)(holds))()

    return run


def memory_folder() -> str | None:
    """Return a folder in memory, where there is one: syncing thousands of files to a disk takes hours."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
