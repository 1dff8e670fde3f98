"""How many were inside a site by hour, or why that is not told, from a day's passages and what was watched of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from analytics.completeness import COMPLETE_SHARE
from analytics.occupancy import Balance, Flow, Inside, Numbers, inside_of_day, inside_so_far
from analytics.occupancy_gaps import MOST_GUESSED, flow_with_gaps
from db.reading.arrivals import crosses_a_line
from footfall.local_time import LocalHour
from footfall.types import Direction

PASSAGE_COLUMNS = ("camera", "day", "hour_start", "direction")
LEAST_BALANCE = 0.6
MOST_UNSEEN = 0.5
LEAST_WITHOUT = 20
LEAST_OF_DAY = 50
"""From so many passages on a day says something of the balance of its directions."""


class NotInside(StrEnum):
    """Why nobody can say how many are inside."""

    NO_LINE = "directions are not seen"
    NOBODY = "nobody was counted"
    OPEN_AT_MIDNIGHT = "open at midnight"
    UNWATCHED = "too little was watched"
    UNBALANCED = "the directions differ too much"
    UNSEEN = "most crossed no line"
    UNSURE = "too unsure"


@dataclass(frozen=True, slots=True)
class DayInside:
    """How many were inside at the end of each hour; `inside` is None where `not_told` says why, `cameras` which ones
    see no directions. `watched` is the share of the time to be watched by hour, NaN where there is none, float64 (N,).
    """

    hours: tuple[LocalHour, ...]
    inside: Inside | None
    watched: Numbers
    not_told: NotInside | None = None
    cameras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayPassages:
    """What a site's day is judged by.

    passages: camera, day, hour_start, direction, visits (db.reading.queries), staff too: they are inside as well.
    observation: camera, hour_start, open_s, observed_open_s (db.reading.observation), until now where the day goes on.
    hours: those of the day, or of it until now.
    without_line: cameras that saw nobody cross a line.
    open_after: whether the site is open at the midnight after a day that is over (db.reading.observation).
    """

    passages: pd.DataFrame
    observation: pd.DataFrame
    hours: tuple[LocalHour, ...]
    without_line: tuple[str, ...]
    open_after: bool = False


def cameras_without_line(passages: pd.DataFrame) -> tuple[str, ...]:
    """Return the cameras that saw people and nobody cross a line (db.reading.arrivals), by name.

    `passages` (camera, direction, visits) of several days are taken together. Of fewer than LEAST_WITHOUT people it may
    be chance that none of them crossed.
    """
    together = passages.assign(day=0)
    people = together[~crosses_a_line(together)].groupby("camera")["visits"].sum()
    return tuple(sorted(people[people >= LEAST_WITHOUT].index))


def day_inside(day: DayPassages, balance: Balance | None = None) -> DayInside:
    """Return how many were inside on a day that is over, or, with the balance of past days, on one that goes on."""
    watched = _watched(day.observation.groupby("hour_start")[["open_s", "observed_open_s"]].sum(), day.hours)
    found = DayInside(day.hours, None, watched, cameras=day.without_line)
    if day.open_after or _is_open_at_midnight(day):
        return _because(found, NotInside.OPEN_AT_MIDNIGHT)
    if day.without_line:
        return _because(found, NotInside.NO_LINE)
    if day.passages.empty:
        return _because(found, NotInside.NOBODY)
    by_direction = day.passages.groupby("direction")["visits"].sum()
    if by_direction.get(Direction.NONE.value, 0) > MOST_UNSEEN * by_direction.sum():
        return _because(found, NotInside.UNSEEN)
    flow = _flow(day)
    if flow.guessed > MOST_GUESSED:
        return _because(found, NotInside.UNWATCHED)
    if balance is None and _unbalanced(flow):
        return _because(found, NotInside.UNBALANCED)
    inside = inside_of_day(flow) if balance is None else inside_so_far(flow, balance)
    if not inside.is_sure:
        return _because(found, NotInside.UNSURE)
    return DayInside(day.hours, inside, watched)


def balances(passages: pd.DataFrame, observation: pd.DataFrame) -> list[tuple[float, float]]:
    """Return (entries, exits) of each past day that was wholly watched and had enough people, oldest first.

    Args:
        passages: day, direction, visits.
        observation: day, open_s, observed_open_s.
    """
    seen = observation[observation["open_s"] > 0]
    whole = set(seen.loc[seen["observed_open_s"] >= COMPLETE_SHARE * seen["open_s"], "day"])
    found = passages[passages["day"].isin(whole)].groupby(["day", "direction"])["visits"].sum().unstack(fill_value=0)
    found = found.reindex(columns=[Direction.IN.value, Direction.OUT.value], fill_value=0).astype("float64")
    enough = found[found.sum(axis=1) >= LEAST_OF_DAY]
    return [(float(came), float(went)) for came, went in enough.itertuples(index=False, name=None)]


def _because(found: DayInside, reason: NotInside) -> DayInside:
    return DayInside(found.hours, None, found.watched, reason, found.cameras)


def _is_open_at_midnight(day: DayPassages) -> bool:
    first = day.observation["hour_start"] == (day.hours[0].start if day.hours else None)
    return bool((day.observation.loc[first, "open_s"] > 0).any())


def _unbalanced(flow: Flow) -> bool:
    entries, exits = float(flow.entries.sum()), float(flow.exits.sum())
    return entries + exits >= LEAST_OF_DAY and min(entries, exits) < LEAST_BALANCE * max(entries, exits)


def _flow(day: DayPassages) -> Flow:
    cameras = sorted({*day.passages["camera"], *day.observation["camera"]})
    starts = _starts(day.hours)
    counts = {
        direction: _by_camera(day.passages[day.passages["direction"] == direction.value], "visits", cameras, starts)
        for direction in Direction
    }
    open_s, seen_s = (_by_camera(day.observation, name, cameras, starts) for name in ("open_s", "observed_open_s"))
    watched = _share_watched(open_s, seen_s)
    watched = np.where(np.isnan(watched), 1.0, watched)
    return flow_with_gaps(counts[Direction.IN], counts[Direction.OUT], counts[Direction.NONE], watched)


def _by_camera(table: pd.DataFrame, column: str, cameras: Sequence[str], starts: pd.DatetimeIndex) -> Numbers:
    """Return the sums of a column by camera and hour, float64 (C, N); 0 where there is nothing."""
    sums = table.groupby(["camera", "hour_start"])[column].sum().unstack(fill_value=0)
    return sums.reindex(index=list(cameras), columns=starts, fill_value=0).to_numpy("float64")


def _watched(sums: pd.DataFrame, hours: Sequence[LocalHour]) -> Numbers:
    """Return the share of the time to be watched that was, by hour; NaN where there was none to be watched."""
    found = sums.reindex(_starts(hours))
    return _share_watched(found["open_s"].to_numpy("float64"), found["observed_open_s"].to_numpy("float64"))


def _share_watched(open_s: Numbers, seen_s: Numbers) -> Numbers:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(open_s > 0, np.minimum(seen_s / open_s, 1.0), np.nan)


def _starts(hours: Sequence[LocalHour]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([hour.start for hour in hours])
