"""Dates and times as people type them on the command line."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import typer

from footfall.errors import ConfigError

CLOCKS_APART = timedelta(minutes=10)  # of a recorder and this computer
NEARLY_A_YEAR = timedelta(days=350)


def require_likely(moment: datetime, now: datetime, zone: ZoneInfo, where: str = "--started-at", *, yes: bool) -> None:
    """Ask at a terminal whether a recording is really of `moment` when that looks like a slip; scripts say `yes`.

    Who writes last year's number by habit is about a year too early, however new the recording is: so whatever is
    nearly a year old is asked about, and archives are taken with `yes`. Nothing was recorded in the future.
    `where` says where the moment is written.

    Raises:
        ConfigError: it is in the future, or nobody said yes.
    """
    shown = f"{moment.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
    if moment > now + CLOCKS_APART:
        raise ConfigError(
            f"{where}: {shown} is in the future, now it is {now.astimezone(zone):%Y-%m-%d %H:%M}; write the "
            "right date, or put this computer's clock right"
        )
    if yes or now - moment < NEARLY_A_YEAR:
        return
    old = f"{shown} is {(now - moment).days} days ago"
    if not sys.stdin.isatty():
        raise ConfigError(f"{where}: {old}; if the recording is really that old, add --yes")
    if not typer.confirm(f"{where}: {old}. Is the recording really that old?"):
        raise ConfigError("nothing was counted; write the right date")


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
