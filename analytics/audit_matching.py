"""Makes the comparison of an audit: who of those who were tapped was counted, and what of the counts was nobody.

Taps without a visit were missed, visits without a tap are false (analytics.audit_pairs); how many of both are hidden in
a crowd is in the tally (analytics.audit_blur).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.audit_blur import ALL, blurs_of
from analytics.audit_pairs import by_camera, by_hand, paired
from analytics.audits import AGE_GROUPS, AGE_STARTS, Comparison, MinuteTally, Tally
from footfall.local_time import Interval
from footfall.types import UNKNOWN_AGE_GROUP, Gender

MINUTE = timedelta(minutes=1)


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
    hand, camera = by_hand(people, precision_s), by_camera(visits)
    found = paired(hand, camera)
    middle = visits["entered_at"] + (visits["left_at"] - visits["entered_at"]) / 2
    counted = _within(middle, windows)
    counted[found[found >= 0]] = True
    pairs = pd.DataFrame({"tap": np.flatnonzero(found >= 0), "visit": found[found >= 0]})
    same = people["kind"].to_numpy()[pairs["tap"]] == visits["direction"].to_numpy()[pairs["visit"]]
    seconds = sum((window.end - window.start).total_seconds() for window in windows)
    both = _pairs(people, visits, pairs)
    blurs = blurs_of(hand, camera, windows)
    inward, outward = (_of_direction(name, people, visits[counted], pairs[same], seconds) for name in ("in", "out"))
    return Comparison(
        total=Tally(len(people), int(counted.sum()), len(pairs), seconds, blurs[ALL]),
        inward=replace(inward, blur_s=blurs["in"]),
        outward=replace(outward, blur_s=blurs["out"]),
        genders=_confusion(both, "gender", "judged_gender"),
        ages=_confusion(both, "age_group", "judged_age"),
        by_minute=_by_minute(people, middle[counted], pairs, windows, blurs[ALL]),
        watched_share=watched_share,
        missed={name: int((people.loc[found < 0, "kind"] == name).sum()) for name in ("in", "out")},
    )


def people_of(taps: pd.DataFrame, windows: Sequence[Interval]) -> pd.DataFrame:
    """Return the taps that are people who came within the windows, in their order."""
    wanted = taps["kind"].isin(("in", "out")) & ~taps["undone"].astype("bool")
    people = taps[wanted]
    return people[_within(people["tapped_at"], windows)].reset_index(drop=True)


def matched_rows(people: pd.DataFrame, visits: pd.DataFrame, precision_s: int = 1) -> npt.NDArray[np.intp]:
    """Return for each tap the position of the visit that is the same person, -1 where it was missed; intp (N,)."""
    return paired(by_hand(people, precision_s), by_camera(visits))


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
        "missed": dict(comparison.missed),
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
        missed=document.get("missed", {}),
    )


def _numbers(tally: Tally) -> list[float]:
    return [tally.tapped, tally.counted, tally.matched, tally.seconds, tally.blur_s]


def _within(moments: pd.Series, windows: Sequence[Interval]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(moments), dtype=np.bool_)
    for window in windows:
        inside |= ((moments >= window.start) & (moments < window.end)).to_numpy()
    return inside


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
    people: pd.DataFrame, counted: pd.Series, pairs: pd.DataFrame, windows: Sequence[Interval], blur_s: float
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
        tally = Tally(int(all_tapped.get(minute, 0)), both + int(false.get(minute, 0)), both, seconds, blur_s)
        found.append(MinuteTally(minute, tally))
    return tuple(found)
