"""Times as people read them from a clock on the wall, of the mall's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from footfall.errors import ConfigError


def as_utc(moment: datetime, zone: ZoneInfo, named: str) -> datetime:
    """Return `moment` as aware UTC; without an offset it is local to `zone`.

    Raises:
        ConfigError: the clock skipped it, or showed it twice, when it was moved; `named` says where it was written.
    """
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    aware = moment.replace(tzinfo=zone).astimezone(UTC)
    if aware.astimezone(zone).replace(tzinfo=None) != moment:
        raise ConfigError(f"{named} does not exist in {zone.key}: the clock was put forward over it")
    second = moment.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if second != aware:
        both = " or ".join(one.astimezone(zone).isoformat(timespec="minutes") for one in (aware, second))
        raise ConfigError(f"{named} came twice in {zone.key}, as the clock was put back: write {both}")
    return aware


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
