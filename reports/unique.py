"""Unique visitors in the daily report: whole numbers that add up from the site's total down to the groups.

A group is told only for cameras of which no count is hidden on that day, and none of these numbers would have to be.
Unique visitors are those who came in, and direction beside gender and age would give hidden counts away
(analytics.suppression).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.demographics import GROUP, PLACE
from analytics.unique_days import UniqueDay, is_small, rounded_to_total

ALL = "all"
CAMERA_TOTAL, ENTRANCE_TOTAL, SITE_TOTAL = "camera total", "entrance total", "site total"
KINDS = ("group", CAMERA_TOTAL, ENTRANCE_TOTAL, SITE_TOTAL)
UNIQUE_COLUMNS = ("unique", "unique_low", "unique_high", "returns", "staff")
NOT_SHARED = "not_shared"
"""Behind all others, and only of days on which boxes of the site shared their signatures."""
SUMS = ["told", "first_sum", "staff_arrivals"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the register said of a site's day.

    firsts: site, entrance, camera, day, hour_start, gender, age_group and the sums of db.reading.firsts.
    """

    firsts: pd.DataFrame
    day: UniqueDay


def with_unique(
    table: pd.DataFrame, judged: Judged | None, hiding: frozenset[str], keys: Sequence[str], small_cell: int = 0
) -> pd.DataFrame:
    """Return the rows of a report with UNIQUE_COLUMNS, Int64, missing where they are not told or hidden.

    Args:
        table: row, site, entrance, camera, gender, age_group and `keys`.
        judged: None where nobody compared the visits.
        hiding: cameras with a hidden count.
        keys: hour_start in a report by hour.
        small_cell: a camera of which a group has 1 to `small_cell` - 1 of unique, returns or staff tells no group of
            them: they add up to who came in, so one that is hidden alone could be computed.
    """
    empty = table.assign(**{name: pd.array([None] * len(table), "Int64") for name in UNIQUE_COLUMNS})
    if judged is None or not judged.day.told:
        return empty
    sums = sums_of(table.reset_index(drop=True), judged.firsts, list(keys), SUMS)
    shown = ~((sums["row"] == KINDS[0]) & sums["camera"].isin(hiding)).to_numpy()
    staff = sums["staff_arrivals"].to_numpy()
    day = judged.day
    if day.unique is None:
        return empty.assign(staff=shown_where(staff, shown & ~gives_away(sums, [staff], small_cell)))
    unique = _rounded(sums, sums["first_sum"].to_numpy("float64") * day.people_per_sum, day.unique, list(keys))
    returns = sums["told"].to_numpy() - staff - unique
    shown &= ~gives_away(sums, [unique, returns, staff], small_cell)
    filled = empty.assign(staff=shown_where(staff, shown))
    if day.told < day.arrivals:  # nothing told is not nobody where some were not judged
        shown &= (sums["told"] > 0).to_numpy()
    filled = filled.assign(unique=shown_where(unique, shown), returns=shown_where(returns, shown))
    if day.low is not None and not keys:
        site = filled["row"] == SITE_TOTAL
        filled.loc[site, "unique_low"], filled.loc[site, "unique_high"] = day.low, day.high
    return filled


def with_sharing(table: pd.DataFrame, judged: Judged | None) -> pd.DataFrame:
    """Return the rows of a report with NOT_SHARED, Int64, told in the site total; as they are where no box shares."""
    if judged is None or judged.day.not_shared is None:
        return table
    site = (table["row"] == SITE_TOTAL).to_numpy()
    return table.assign(**{NOT_SHARED: shown_where(np.full(len(table), judged.day.not_shared), site)})


def gives_away(sums: pd.DataFrame, numbers: Sequence[npt.NDArray[np.int64]], small_cell: int) -> npt.NDArray[np.bool_]:
    """Return bool (N,), the groups of cameras of which a group has a small one of these `numbers`, int64 (N,) each."""
    is_group = (sums["row"] == KINDS[0]).to_numpy()
    small = is_group & np.logical_or.reduce([is_small(number, small_cell) for number in numbers])
    return np.asarray(is_group & sums["camera"].isin(sums.loc[small, "camera"]).to_numpy(), np.bool_)


def sums_of(table: pd.DataFrame, firsts: pd.DataFrame, keys: list[str], columns: list[str]) -> pd.DataFrame:
    """Return the rows of a report with the sums of `columns` (int64) of what each of them is about."""
    parts = []
    for kind, by in zip(KINDS, ([*PLACE, *GROUP], PLACE, PLACE[:2], PLACE[:1]), strict=True):
        sums = firsts.groupby([*by, *keys])[columns].sum().reset_index()
        whole = {name: ALL for name in (*PLACE, *GROUP) if name not in by}
        parts.append(sums.assign(row=kind, **whole))
    by = ["row", *PLACE, *GROUP, *keys]
    merged = table[by].merge(pd.concat(parts, ignore_index=True), on=by, how="left")
    return merged.fillna(dict.fromkeys(columns, 0)).astype(dict.fromkeys(columns, "int64"))


def _rounded(sums: pd.DataFrame, people: npt.NDArray[np.float64], total: int, keys: list[str]) -> npt.NDArray[np.int64]:
    """Return whole numbers: hours of the site add up to the day, its entrances to it, their cameras, their groups."""
    whole = np.zeros(len(sums), np.int64)
    site = np.flatnonzero(sums["row"] == SITE_TOTAL)
    whole[site] = rounded_to_total(people[site], total)
    steps = zip((SITE_TOTAL, ENTRANCE_TOTAL, CAMERA_TOTAL), KINDS[2::-1], range(1, 4), strict=True)
    for above, below, depth in steps:
        by = [*PLACE[:depth], *keys]
        totals = {row: int(whole[at]) for at, row in _rows(sums, above, by)}
        members: dict[tuple[Hashable, ...], list[int]] = {}
        for at, row in _rows(sums, below, by):
            members.setdefault(row, []).append(at)
        for key, positions in members.items():
            whole[positions] = rounded_to_total(people[positions], totals[key])
    return whole


def _rows(sums: pd.DataFrame, kind: str, by: list[str]) -> zip[tuple[int, tuple[Hashable, ...]]]:
    positions = np.flatnonzero(sums["row"] == kind)
    rows = sums.loc[positions, by].itertuples(index=False, name=None)
    return zip(positions.tolist(), rows, strict=True)


def shown_where(values: npt.NDArray[np.int64], shown: npt.NDArray[np.bool_]) -> pd.arrays.IntegerArray:
    """Return `values` as Int64, missing where they are not `shown`."""
    return pd.arrays.IntegerArray(values.astype(np.int64), ~shown)
