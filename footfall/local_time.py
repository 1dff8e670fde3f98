"""Days and hours as the mall's clocks show them, whatever the zone does with its offset.

A local day is the time from the first instant of its date to the first instant of the next one: 23, 25 or 23.5 hours
when the clock changes, nothing when a zone skips the date. A local hour is a stretch with one clock hour and one UTC
offset; an hour that the clock repeats is two hours, the second labelled "02:00 (2nd)".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from footfall.types import require_aware

# A day's bounds may lie this far from its date's midnight in UTC: offsets reach +14 h, and the date line moves by 24 h.
SEARCH_SPAN = timedelta(hours=38)
SECOND = timedelta(seconds=1)
ORDINALS = ("", "", " (2nd)", " (3rd)", " (4th)")


class Interval(NamedTuple):
    """A stretch of time, aware UTC, `end` not included."""

    start: datetime
    end: datetime


class LocalHour(NamedTuple):
    """One hour on the mall's clock: aware UTC bounds, `end` not included, and a label like "02:00" or "02:00 (2nd)"."""

    start: datetime
    end: datetime
    label: str


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the mall-local day that `moment` (aware) belongs to."""
    day = require_aware(moment).astimezone(zone).date()
    # The clock may return to yesterday's date just after midnight; the new day has begun all the same.
    return day + timedelta(days=1) if moment >= day_bounds(day, zone).end else day


@lru_cache(maxsize=4096)
def day_bounds(day: date, zone: ZoneInfo) -> Interval:
    """Return the aware UTC instants at which `day` begins and ends in `zone`; equal when the zone skips the date."""
    following = day + timedelta(days=1)
    return Interval(
        _instant(datetime.combine(day, time()), zone, last=False),
        _instant(datetime.combine(following, time()), zone, last=False),
    )


@lru_cache(maxsize=4096)
def hours_of_day(day: date, zone: ZoneInfo) -> tuple[LocalHour, ...]:
    """Return the local hours of `day` in order; they join without gap from the day's first to its last instant."""
    bounds = day_bounds(day, zone)
    hours: list[LocalHour] = []
    seen: dict[int, int] = {}
    start = bounds.start
    while start < bounds.end:
        clock = start.astimezone(zone)
        rest = timedelta(hours=1) - timedelta(minutes=clock.minute, seconds=clock.second)
        end = min(start + rest, bounds.end)
        changed = _change_between(start, end - SECOND, zone)
        end = end if changed is None else changed
        seen[clock.hour] = seen.get(clock.hour, 0) + 1
        hours.append(LocalHour(start, end, f"{clock.hour:02}:00{ORDINALS[seen[clock.hour]]}"))
        start = end
    return tuple(hours)


def hour_of(moment: datetime, zone: ZoneInfo) -> LocalHour:
    """Return the local hour that `moment` (aware) lies in."""
    hours = hours_of_day(local_day(moment, zone), zone)
    return hours[bisect_right(hours, moment, key=lambda hour: hour.start) - 1]


@lru_cache(maxsize=4096)
def opening_intervals(day: date, zone: ZoneInfo, hours_by_weekday: tuple[str, ...]) -> tuple[Interval, ...]:
    """Return when the mall is open within `day`, joined and in order.

    `hours_by_weekday` has seven texts, Monday first, like "09:00-21:00", "10:00-02:00" (past midnight: the rest
    belongs to the next day) or "closed". An opening time that the clock skips or repeats means its first instant, a
    closing time its last.
    """
    bounds = day_bounds(day, zone)
    found: list[Interval] = []
    for began in (day - timedelta(days=1), day):
        text = hours_by_weekday[began.weekday()]
        if text == "closed":
            continue
        opens, closes = (timedelta(hours=int(part[:2]), minutes=int(part[3:])) for part in text.split("-"))
        midnight = datetime.combine(began, time())
        start = _instant(midnight + opens, zone, last=False)
        end = _instant(midnight + closes + timedelta(days=1 if closes <= opens else 0), zone, last=True)
        start, end = max(start, bounds.start), min(end, bounds.end)
        if start < end and found and start <= found[-1].end:
            found[-1] = Interval(found[-1].start, max(end, found[-1].end))
        elif start < end:
            found.append(Interval(start, end))
    return tuple(found)


def overlap_s(start: datetime, end: datetime, intervals: Iterable[Interval]) -> float:
    """Return how many seconds between `start` and `end` lie inside `intervals` (which do not overlap each other)."""
    return sum(max(0.0, (min(end, one.end) - max(start, one.start)).total_seconds()) for one in intervals)


def _instant(wall: datetime, zone: ZoneInfo, *, last: bool) -> datetime:
    """Return the first (or last) UTC instant at which the clock shows or has passed the naive time `wall`.

    Assumes at most one change of the offset within the search span, which holds for every zone since 1970.
    """
    around = wall.replace(tzinfo=UTC)
    before, after = _offset(around - SEARCH_SPAN, zone), _offset(around + SEARCH_SPAN, zone)
    if before == after:
        return around - before
    change = _change_between(around - SEARCH_SPAN, around + SEARCH_SPAN, zone)
    assert change is not None
    early, late = around - before, around - after
    if last:
        return late if late >= change else min(early, change)
    return early if early < change else max(late, change)


def _change_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first whole second in (low, high] that has the offset of `high`, None when the ends agree."""
    if _offset(low, zone) == _offset(high, zone):
        return None
    target = _offset(high, zone)
    while high - low > SECOND:
        middle = low + timedelta(seconds=(high - low) // SECOND // 2)
        if _offset(middle, zone) == target:
            high = middle
        else:
            low = middle
    return high


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
