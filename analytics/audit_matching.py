"""Finds which tap of a hand and which visit of a camera are the same person, and makes the comparison of it.

A tap and a visit can be the same person when the tap falls into the visit or lies within seconds of it. Of all ways to
pair them, the one with the least distance in time is taken (H. W. Kuhn, The Hungarian method, 1955), where leaving a
pair apart has a price: otherwise a person who was missed and a false count minutes later would be joined by a chain of
wrong pairs in between. Taps without a visit were missed, visits without a tap are false.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.audits import AGE_GROUPS, AGE_STARTS, Comparison, MinuteTally, Tally
from footfall.local_time import Interval
from footfall.types import UNKNOWN_AGE_GROUP, Gender

MATCH_WITHIN_S = 6.0  # a face leaves the picture before its owner reaches the door, and a thumb is slow
OTHER_DIRECTION_S = 3.0  # a pair of different directions has to be so much nearer
MIDDLE_WEIGHT = 0.1  # among visits that all hold the tap, the one whose middle is nearest
APART_S = 12.0
MINUTE = timedelta(minutes=1)

Floats = npt.NDArray[np.float64]


def windows_of(started_at: datetime, ended_at: datetime, taps: pd.DataFrame) -> list[Interval]:
    """Return when was counted: from start to end without the pauses among the taps, which have kind and tapped_at."""
    windows, begin = [], started_at
    running = True
    for kind, moment in taps.loc[taps["kind"].isin(("pause", "resume")), ["kind", "tapped_at"]].itertuples(index=False):
        moment = min(max(moment, started_at), ended_at)
        if kind == "pause" and running:
            windows.append(Interval(begin, moment))
        elif kind == "resume" and not running:
            begin = moment
        running = kind == "resume"
    if running:
        windows.append(Interval(begin, ended_at))
    return [window for window in windows if window.end > window.start]


def compare(
    taps: pd.DataFrame, visits: pd.DataFrame, windows: Sequence[Interval], precision_s: int, watched_share: float
) -> Comparison:
    """Return what an audit came to.

    Args:
        taps: number, kind, tapped_at, gender, age_group, undone; only in and out that are not undone are people.
        visits: entered_at, left_at, direction, gender, age_years of the cameras, also some seconds beyond the windows.
        windows: when was counted, see `windows_of`.
        precision_s: a tap lies within so many seconds from its moment on.
        watched_share: which share of the windows the cameras watched.
    """
    people = people_of(taps, windows)
    found = matched_rows(people, visits, precision_s)
    middle = visits["entered_at"] + (visits["left_at"] - visits["entered_at"]) / 2
    counted = _within(middle, windows)
    counted[found[found >= 0]] = True
    pairs = pd.DataFrame({"tap": np.flatnonzero(found >= 0), "visit": found[found >= 0]})
    same = people["kind"].to_numpy()[pairs["tap"]] == visits["direction"].to_numpy()[pairs["visit"]]
    seconds = sum((window.end - window.start).total_seconds() for window in windows)
    both = _pairs(people, visits, pairs)
    return Comparison(
        total=Tally(len(people), int(counted.sum()), len(pairs), seconds),
        inward=_of_direction("in", people, visits[counted], pairs[same], seconds),
        outward=_of_direction("out", people, visits[counted], pairs[same], seconds),
        genders=_confusion(both, "gender", "judged_gender"),
        ages=_confusion(both, "age_group", "judged_age"),
        by_minute=_by_minute(people, middle[counted], pairs, windows),
        watched_share=watched_share,
    )


def people_of(taps: pd.DataFrame, windows: Sequence[Interval]) -> pd.DataFrame:
    """Return the taps that are people who came within the windows, in their order."""
    wanted = taps["kind"].isin(("in", "out")) & ~taps["undone"].astype("bool")
    people = taps[wanted]
    return people[_within(people["tapped_at"], windows)].reset_index(drop=True)


def matched_rows(people: pd.DataFrame, visits: pd.DataFrame, precision_s: int = 1) -> npt.NDArray[np.intp]:
    """Return for each tap the position of the visit that is the same person, -1 where it was missed; intp (N,)."""
    from scipy.optimize import linear_sum_assignment  # takes long to load

    found = np.full(len(people), -1, dtype=np.intp)
    if people.empty or visits.empty:
        return found
    begin = _seconds(people["tapped_at"])
    entered, left = _seconds(visits["entered_at"]), _seconds(visits["left_at"])
    within_s = MATCH_WITHIN_S + precision_s - 1
    for taps, seen in _parts(begin, begin + precision_s - 1, entered, left, within_s):
        costs = _costs((begin[taps], precision_s - 1), (entered[seen], left[seen]), within_s)
        other = people["kind"].to_numpy()[taps, None] != visits["direction"].to_numpy()[seen]
        costs = np.where(costs < APART_S, np.minimum(costs + OTHER_DIRECTION_S * other, APART_S - 1e-6), costs)
        rows, columns = linear_sum_assignment(costs)
        near = costs[rows, columns] < APART_S
        found[taps[rows[near]]] = seen[columns[near]]
    return found


def to_document(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as it is kept in the database."""
    return {
        "total": _numbers(comparison.total),
        "in": _numbers(comparison.inward),
        "out": _numbers(comparison.outward),
        "genders": {tapped: dict(judged) for tapped, judged in comparison.genders.items()},
        "ages": {tapped: dict(judged) for tapped, judged in comparison.ages.items()},
        "by_minute": [[one.minute.isoformat(), *_numbers(one.tally)] for one in comparison.by_minute],
        "watched_share": comparison.watched_share,
    }


def from_document(document: Mapping[str, Any]) -> Comparison:
    """Return the comparison that `to_document` wrote."""
    return Comparison(
        total=Tally(*document["total"]),
        inward=Tally(*document["in"]),
        outward=Tally(*document["out"]),
        genders=document["genders"],
        ages=document["ages"],
        by_minute=tuple(MinuteTally(datetime.fromisoformat(row[0]), Tally(*row[1:])) for row in document["by_minute"]),
        watched_share=document["watched_share"],
    )


def _numbers(tally: Tally) -> list[float]:
    return [tally.tapped, tally.counted, tally.matched, tally.seconds]


def _seconds(moments: pd.Series) -> Floats:
    times: Floats = pd.to_datetime(moments, utc=True).to_numpy("datetime64[us]").astype(np.int64) / 1e6
    return times


def _within(moments: pd.Series, windows: Sequence[Interval]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(moments), dtype=np.bool_)
    for window in windows:
        inside |= ((moments >= window.start) & (moments < window.end)).to_numpy()
    return inside


def _costs(taps: tuple[Floats, int], seen: tuple[Floats, Floats], within_s: float) -> Floats:
    """Return seconds between taps and visits, float64 (T, V); APART_S where they cannot be the same person."""
    begin, length_s = taps
    entered, left = seen
    gap = np.maximum(entered[None] - begin[:, None] - length_s, begin[:, None] - left[None]).clip(min=0)
    middle = np.abs((entered + left)[None] / 2 - begin[:, None] - length_s / 2)
    # A tap that stands for a whole minute says nothing of seconds: the scale is that of a tap by phone.
    costs = (gap + MIDDLE_WEIGHT * middle.clip(max=within_s)) * MATCH_WITHIN_S / within_s
    return np.where(gap <= within_s, costs, APART_S)


def _parts(
    begin: Floats, end: Floats, entered: Floats, left: Floats, within_s: float
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Split taps and visits where nothing on one side can belong to anything on the other: small tables are quick."""
    starts, ends = np.concatenate([begin, entered]), np.concatenate([end, left])
    order = np.argsort(starts, kind="stable")
    reach = np.maximum.accumulate(ends[order])
    cuts = np.flatnonzero(starts[order][1:] - reach[:-1] > within_s) + 1
    parts = []
    for part in np.split(order, cuts):
        taps, seen = part[part < len(begin)], part[part >= len(begin)] - len(begin)
        if len(taps) and len(seen):
            parts.append((taps, seen))
    return parts


def _of_direction(name: str, people: pd.DataFrame, counted: pd.DataFrame, same: pd.DataFrame, seconds: float) -> Tally:
    taps = people["kind"] == name
    matched = int(taps.to_numpy()[same["tap"]].sum())
    return Tally(int(taps.sum()), int((counted["direction"] == name).sum()), matched, seconds)


def _pairs(people: pd.DataFrame, visits: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return gender and age_group as tapped (missing where not) beside judged_gender and judged_age of each pair."""
    seen = visits.iloc[pairs["visit"].to_numpy()]
    years = pd.to_numeric(seen["age_years"], errors="coerce").to_numpy("float64")
    groups = np.searchsorted(AGE_STARTS, np.nan_to_num(years), side="right") - 1
    judged_age = np.where(np.isnan(years), UNKNOWN_AGE_GROUP, np.array(AGE_GROUPS, dtype=object)[groups])
    tapped = people.iloc[pairs["tap"].to_numpy()][["gender", "age_group"]].reset_index(drop=True)
    return tapped.assign(judged_gender=seen["gender"].to_numpy(), judged_age=judged_age)


def _confusion(pairs: pd.DataFrame, tapped: str, judged: str) -> dict[str, dict[str, int]]:
    order = AGE_GROUPS if tapped == "age_group" else (Gender.FEMALE.value, Gender.MALE.value)
    said = pairs[pairs[tapped].notna()]
    counts = said.groupby([tapped, judged]).size()
    return {
        name: {column: int(counts.get((name, column), 0)) for column in (*order, Gender.UNKNOWN.value)}
        for name in order
        if (said[tapped] == name).any()
    }


def _by_minute(
    people: pd.DataFrame, counted: pd.Series, pairs: pd.DataFrame, windows: Sequence[Interval]
) -> tuple[MinuteTally, ...]:
    """Return the tally of each UTC minute: people and matches where they were tapped, false counts where they were."""
    tapped = pd.to_datetime(people["tapped_at"], utc=True).dt.floor("min")
    matched = tapped.iloc[pairs["tap"].to_numpy()].value_counts()
    others = counted.drop(index=counted.index.intersection(pd.Index(pairs["visit"])))
    false = pd.to_datetime(others, utc=True).dt.floor("min").value_counts()
    all_tapped = tapped.value_counts()
    tallies: dict[datetime, float] = {}
    for window in windows:
        minute = window.start.replace(second=0, microsecond=0)
        while minute < window.end:
            inside_s = (min(minute + MINUTE, window.end) - max(minute, window.start)).total_seconds()
            tallies[minute] = tallies.get(minute, 0.0) + inside_s
            minute += MINUTE
    found = []
    for minute, seconds in sorted(tallies.items()):
        both = int(matched.get(minute, 0))
        tally = Tally(int(all_tapped.get(minute, 0)), both + int(false.get(minute, 0)), both, seconds)
        found.append(MinuteTally(minute, tally))
    return tuple(found)
