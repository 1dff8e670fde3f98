"""Who came: visits by gender and age group, what may be shown of them, and how they add up.

Everything that is shown about groups, in reports (`released`) and on pages (dashboard.group_days), is a sum over the
same cells of cameras and hours, hidden by the same rule, so that hidden ones cannot be found by comparing two views.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pandas as pd

from analytics.age_groups import age_group_labels, age_group_order
from analytics.suppression import Counts, Mask, hide_small
from footfall.types import UNKNOWN_AGE_GROUP, Gender

GENDERS = tuple(gender.value for gender in (Gender.FEMALE, Gender.MALE, Gender.UNKNOWN))
PLACE = ["site", "entrance", "camera"]
GROUP = ["gender", "age_group"]
FOUR_DIGITS = Decimal("0.0001")


def share_of(part: int, whole: int) -> float | None:
    """Return `part` / `whole` to four digits, half to even, the same on every machine; None when `whole` is 0."""
    if whole == 0:
        return None
    return float((Decimal(part) / Decimal(whole)).quantize(FOUR_DIGITS, ROUND_HALF_EVEN))


def group_labels(visits: pd.DataFrame, starts: Sequence[int]) -> tuple[str, ...]:
    """Return the configured age groups and any other that `visits` holds from earlier settings, youngest first."""
    found = set(visits["age_group"]) | set(age_group_labels(starts))
    return tuple(sorted(found, key=age_group_order))


def released(hourly: pd.DataFrame, starts: Sequence[int], small_cell: int) -> pd.DataFrame:
    """Return what may be shown of one day or more: every camera, hour and group, empty ones too.

    hourly: site, entrance, camera, day, hour_start, gender, age_group, visits (db.queries.hourly; direction summed).
    Returns the same columns with `visits` Int64, missing where hidden, and the rows of whole days, whose hour_start
    is missing. A day is the sum of its hours, but is hidden less often.
    """
    groups = pd.MultiIndex.from_product([GENDERS, group_labels(hourly, starts)], names=GROUP)
    keys = [*PLACE, "day", "hour_start"]
    places = hourly[keys].drop_duplicates().sort_values(keys, ignore_index=True)
    counts = np.zeros((len(places), len(groups)), np.int64)
    rows = pd.MultiIndex.from_frame(places).get_indexer(pd.MultiIndex.from_frame(hourly[keys]))
    np.add.at(counts, (rows, groups.get_indexer(pd.MultiIndex.from_frame(hourly[GROUP]))), hourly["visits"].to_numpy())
    days = places.groupby(keys[:-1], sort=False).ngroup().to_numpy()
    firsts = np.flatnonzero(np.diff(days, prepend=-1))
    hidden = np.vstack([_hidden(part, small_cell) for part in np.split(counts, firsts)[1:]] or [counts > 0])
    # Each camera and day begins with the row of its sum, whose hour is missing.
    table = places.loc[np.insert(np.arange(len(places)), firsts, firsts)].reset_index(drop=True)
    sums = np.add.reduceat(counts, firsts) if len(firsts) else counts
    values = np.insert(counts, firsts, sums, axis=0)
    table.loc[firsts + np.arange(len(firsts)), "hour_start"] = pd.NaT
    cells = table.loc[table.index.repeat(len(groups))].reset_index(drop=True)
    for number, name in enumerate(GROUP):
        cells[name] = np.tile(groups.get_level_values(number).to_numpy(), len(table))
    return cells.assign(visits=pd.Series(values.ravel(), dtype="Int64").mask(hidden.ravel()))


def unknown_of(visits: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows are about visits whose gender or age could not be judged."""
    return (visits["gender"] == Gender.UNKNOWN.value) | (visits["age_group"] == UNKNOWN_AGE_GROUP)


def _hidden(counts: Counts, small_cell: int) -> Mask:
    """Return what to hide of one camera and day, bool (1 + H, G): the sums first, then the hours."""
    hidden = hide_small(counts, small_cell)
    return np.vstack([hidden.day, hidden.hours])
