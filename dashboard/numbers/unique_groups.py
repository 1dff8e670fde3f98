"""Unique visitors by gender and age group over a range of days, as far as they may be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.unique_days import UniqueDay, is_small, rounded, rounded_to_total
from dashboard.numbers.ground import ground
from dashboard.numbers.group_days import GroupDays
from dashboard.numbers.groups import DayFilter, GroupVisits
from dashboard.numbers.reading import Reader
from dashboard.numbers.unique import unique_days
from footfall.local_time import overlap_s

GROUP = ["gender", "age_group"]


@dataclass(frozen=True, slots=True)
class GroupUnique:
    """Unique visitors of a filter, everybody counted once a day.

    `by_group`: gender, age_group, visits (here: people who may be told of), hidden. `total` counts everybody on the
    `days` days that are told, of `visited_days` with visits.
    """

    by_group: pd.DataFrame
    total: int
    days: int
    visited_days: int


def group_unique(reader: Reader, chosen: DayFilter, visits: GroupVisits) -> GroupUnique:
    """Return the unique visitors of the same filter and groups as `visits`.

    A camera of which a count is hidden on a day, or would have to be of these, tells no group of that day: who came in
    is a direction, which beside gender and age would give hidden counts away.
    """
    people = unique_days(reader, chosen.first_day, chosen.last_day)
    told = {day: people[day] for day in chosen.days() if day in people and people[day].unique is not None}
    rows = _rows(reader, chosen, told)
    hiding = _hiding(reader.group_days(chosen.first_day, chosen.last_day))
    if ground().config.report.small_cell > 1:
        hiding |= _small(rows)
    is_hidden = [cell in hiding for cell in zip(rows["camera"], rows["day"], strict=True)]
    hidden = pd.Series(is_hidden, rows.index, dtype=bool)
    total = rounded(float(rows["people"].sum()))
    shown = rows[~hidden].groupby(GROUP)["people"].sum()
    groups = pd.MultiIndex.from_frame(visits.by_group[GROUP])
    counts = shown.reindex(groups, fill_value=0.0).to_numpy("float64")
    whole = rounded_to_total(counts, total if not hidden.any() else rounded(float(counts.sum())))
    by_group = visits.by_group[GROUP].assign(visits=whole, hidden=bool(hidden.any()))
    return GroupUnique(by_group, total, len(told), visits.days)


def _rows(reader: Reader, chosen: DayFilter, told: dict[date, UniqueDay]) -> pd.DataFrame:
    """Return camera, day, gender, age_group and people (float64) of the days and hours that the filter lets through."""
    hour = ("hour_start",) if chosen.open_only else ()
    rows = reader.firsts(chosen.first_day, chosen.last_day, ("camera", "day", *hour, *GROUP))
    rows = rows[rows["day"].isin(list(told))]
    if chosen.open_only:
        opened = {
            pd.Timestamp(hour.start)
            for day in told
            for hour in reader.site.hours(day)
            if overlap_s(hour.start, hour.end, reader.site.opening(day)) > 0
        }
        rows = rows[rows["hour_start"].isin(list(opened))]
    per_sum = rows["day"].map({day: one.people_per_sum for day, one in told.items()}).astype("float64")
    return rows.assign(people=rows["first_sum"] * per_sum)


def _hiding(cells: GroupDays) -> set[tuple[str, date]]:
    """Return the cameras and days of which a count is hidden."""
    rows = np.flatnonzero(cells.hours_hidden.any(axis=(1, 2)) | cells.sums_hidden.any(axis=1))
    return {(str(cells.cameras[row]), cells.days[row]) for row in rows}


def _small(rows: pd.DataFrame) -> set[tuple[str, date]]:
    """Return the cameras and days on which a group has few unique visitors, returns or staff."""
    sums = rows.groupby(["camera", "day", *GROUP])[["people", "told", "staff_arrivals"]].sum().reset_index()
    returns = sums["told"] - sums["staff_arrivals"] - sums["people"]
    numbers = pd.concat([sums["people"], returns, sums["staff_arrivals"]], axis=1).to_numpy("float64")
    found = sums[is_small(numbers, ground().config.report.small_cell).any(axis=1)]
    return set(zip(found["camera"], found["day"], strict=True))
