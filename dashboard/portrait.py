"""Shares of groups, their change, and the sentence that sums them up; pure functions on `GroupVisits`."""

from __future__ import annotations

import pandas as pd

from dashboard.charts.people import GENDER_NAMES
from dashboard.numbers.basis import enough_days
from dashboard.numbers.groups import GroupVisits
from dashboard.wording import count, percent, points

NOTABLE_POINTS = 0.01
UNKNOWN = "unknown"


def group_shares(now: GroupVisits, before: GroupVisits, *, spread: bool = False) -> pd.DataFrame:
    """Return one row an age group: group, share and before in [0, 1] (NaN where hidden), change in points.

    `spread`: shares of those whose age is known, as if the others were like them. The change is NaN where the range
    before has too few days to compare with.
    """
    labels = [label for label in now.labels if not (spread and label == UNKNOWN)]
    share = _shares(now, "age_group", spread).reindex(labels)
    earlier = _shares(before, "age_group", spread).reindex(labels)
    points_apart = 100 if enough_days(before.days, now.days) else float("nan")
    return pd.DataFrame(
        {
            "group": labels,
            "share": share.to_numpy("float64"),
            "before": earlier.to_numpy("float64"),
            "change": points_apart * (share - earlier).to_numpy("float64"),
        }
    )


def gender_shares(now: GroupVisits, before: GroupVisits, before_name: str, *, spread: bool = False) -> pd.DataFrame:
    """Return range, gender, share, visits for this range and, when it has visits, the one before.

    `spread`: shares of those whose gender is known, as if the others were like them.
    """
    names = [name for name in GENDER_NAMES if not (spread and name == UNKNOWN)]
    parts = []
    for name, visits in (("This range", now), (before_name, before)):
        sums = visits.by_group.groupby("gender")["visits"].sum().reindex(names)
        whole = int(sums.sum()) if spread else visits.total
        if whole:
            parts.append(
                pd.DataFrame(
                    {
                        "range": name,
                        "gender": names,
                        "share": (sums / whole).to_numpy("float64"),
                        "visits": sums.to_numpy("int64"),
                    }
                )
            )
    return (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["range", "gender", "share", "visits"])
    )


def portrait(now: GroupVisits, before: GroupVisits) -> list[str]:
    """Return who came, in plain sentences."""
    genders = now.by_group.groupby("gender")["visits"].sum() / now.total
    least = "at least " if now.anything_hidden else ""
    sentences = [
        f"{count(now.total)} visits: {least}{percent(genders.get('female'))} female, "
        f"{percent(genders.get('male'))} male, {percent(genders.get('unknown'))} of unknown gender."
    ]
    ages = group_shares(now, before)
    known = ages[(ages["group"] != "unknown") & ages["share"].notna()]
    if len(known):
        most = known.sort_values("share").iloc[-1]
        sentences.append(f"The largest age group is {most['group']} ({percent(most['share'])}).")
    changed = known[known["change"].abs() >= 100 * NOTABLE_POINTS]
    if before.total and len(changed) and not (now.anything_hidden or before.anything_hidden):
        largest = changed.sort_values("change", key=pd.Series.abs).iloc[-1]
        sentences.append(
            f"Against the range before, {largest['group']} changed most: {points(largest['share'], largest['before'])}."
        )
    return sentences


def _shares(visits: GroupVisits, column: str, spread: bool = False) -> pd.Series:
    sums = visits.by_group.groupby(column).agg(visits=("visits", "sum"), hidden=("hidden", "any"))
    whole = int(sums["visits"].drop(UNKNOWN, errors="ignore").sum()) if spread else visits.total
    if not whole:
        return pd.Series(dtype="float64")
    return (sums["visits"] / whole).where(~sums["hidden"] | (sums["visits"] > 0))
