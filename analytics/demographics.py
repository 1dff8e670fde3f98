"""Who came: visits by gender and age group, what may be shown of them, and how they add up.

Everything that is shown about groups, on pages and in reports, is a sum over the cells that `released` gives, so that
the same numbers appear everywhere and hidden ones cannot be found by comparing two views.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pandas as pd

from analytics.age_groups import age_group_labels, age_group_order
from analytics.suppression import hide_small
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
    labels = group_labels(hourly, starts)
    groups = pd.MultiIndex.from_product([GENDERS, labels], names=GROUP)
    parts = [
        _camera_day(part, dict(zip([*PLACE, "day"], key, strict=True)), groups, small_cell)
        for key, part in hourly.groupby([*PLACE, "day"], sort=True)
    ]
    columns = [*PLACE, "day", "hour_start", *GROUP, "visits"]
    if not parts:
        return pd.DataFrame(columns=columns).astype({"visits": "Int64", "hour_start": "datetime64[us, UTC]"})
    return pd.concat(parts, ignore_index=True)[columns]


def shown_totals(cells: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return `by`, visits (sum of the cells that are shown, Int64) and hidden (whether any cell of the sum is not).

    cells: what `released` gave, filtered: either rows of days (hour_start missing) or rows of hours, never both.
    """
    marked = cells.assign(hidden=cells["visits"].isna(), visits=cells["visits"].fillna(0))
    return marked.groupby(list(by), sort=True).agg(visits=("visits", "sum"), hidden=("hidden", "any")).reset_index()


def unknown_of(visits: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows are about visits whose gender or age could not be judged."""
    return (visits["gender"] == Gender.UNKNOWN.value) | (visits["age_group"] == UNKNOWN_AGE_GROUP)


def _camera_day(part: pd.DataFrame, place: dict[str, object], groups: pd.MultiIndex, small_cell: int) -> pd.DataFrame:
    table = part.pivot_table(
        index="hour_start", columns=GROUP, values="visits", aggfunc="sum", fill_value=0, observed=True
    ).reindex(columns=groups, fill_value=0)
    counts = table.to_numpy(np.int64)
    hidden = hide_small(counts, small_cell)
    values = np.vstack([counts.sum(axis=0), counts])
    masks = np.vstack([hidden.day, hidden.hours])
    hours = pd.Series([pd.NaT, *table.index], dtype="datetime64[us, UTC]")
    visits = pd.Series(values.ravel(), dtype="Int64").mask(masks.ravel())
    return pd.DataFrame(
        {
            **place,
            "hour_start": hours.repeat(len(groups)).to_numpy(),
            "gender": np.tile(groups.get_level_values(0).to_numpy(), len(hours)),
            "age_group": np.tile(groups.get_level_values(1).to_numpy(), len(hours)),
            "visits": visits,
        }
    ).astype({"hour_start": "datetime64[us, UTC]"})
