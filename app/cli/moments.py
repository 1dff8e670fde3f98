"""Dates and times as people type them on the command line."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.wall_clock import as_utc
from footfall.errors import ConfigError


def parse_moment(text: str, zone: ZoneInfo, option: str) -> datetime:
    """Return `text` as aware UTC; without an offset it is local to `zone`.

    Raises:
        ConfigError: it is no date and time, or one that the clock skipped when it was put forward, or showed twice
            when it was put back.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option} {text!r} is no date and time; write it like 2026-03-28T09:00") from None
    return as_utc(moment, zone, f"{option} {text!r}")


def parse_day(text: str, option: str, today: date) -> date:
    """Return `text` as a date; "today" and "yesterday" are those of `today`.

    Raises:
        ConfigError: it is no date, or one that does not exist.
    """
    names = {"today": today, "yesterday": date.fromordinal(today.toordinal() - 1)}
    if text in names:
        return names[text]
    try:
        if len(text) != len("2026-03-28"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option} {text!r} is not a day that exists; write it like 2026-03-28") from None
