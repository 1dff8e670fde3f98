"""Which way people went in the daily report, and how many were inside.

A group tells directions only for cameras of which no count is hidden on that day, and none of these numbers would have
to be, as it tells unique visitors (reports.unique). Totals tell them always.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from db.reading.arrivals import who_came_in
from footfall.types import Direction
from reports.occupancy import DayInside
from reports.unique import KINDS, SITE_TOTAL, gives_away, shown_where, sums_of

CAME_IN = "came_in"
DIRECTION_COLUMNS = ("in", "out", "unseen")
INSIDE_COLUMNS = ("inside", "inside_low", "inside_high")
NAMES = {Direction.IN.value: "in", Direction.OUT.value: "out", Direction.NONE.value: "unseen"}


def with_directions(
    table: pd.DataFrame, passages: pd.DataFrame, hiding: frozenset[str], keys: Sequence[str], small_cell: int
) -> pd.DataFrame:
    """Return the rows of a report with CAME_IN, told in totals, and DIRECTION_COLUMNS, missing where hidden; Int64.

    Args:
        table: row, site, entrance, camera, gender, age_group and `keys`.
        passages: site, entrance, camera, day, hour_start, direction, gender, age_group, visits.
        hiding: cameras with a hidden count.
        keys: hour_start in a report by hour.
        small_cell: a camera of which a group has 1 to `small_cell` - 1 people in a direction tells none of its groups.
    """
    counts = {
        name: passages["visits"].where(passages["direction"] == direction, 0) for direction, name in NAMES.items()
    }
    came = passages["visits"].where(passages.index.isin(who_came_in(passages).index), 0)
    wanted = [CAME_IN, *DIRECTION_COLUMNS]
    sums = sums_of(table.reset_index(drop=True), passages.assign(**{CAME_IN: came}, **counts), list(keys), wanted)
    numbers = [sums[name].to_numpy("int64") for name in DIRECTION_COLUMNS]
    shown = ~((sums["row"] == KINDS[0]) & sums["camera"].isin(hiding)).to_numpy()
    shown &= ~gives_away(sums, numbers, small_cell)
    columns = zip(DIRECTION_COLUMNS, numbers, strict=True)
    footfall = shown_where(sums[CAME_IN].to_numpy("int64"), (sums["row"] != KINDS[0]).to_numpy())
    return table.assign(**{CAME_IN: footfall}, **{name: shown_where(values, shown) for name, values in columns})


def with_inside(table: pd.DataFrame, told: DayInside | None, keys: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a report with INSIDE_COLUMNS, Int64, told in the totals of the site.

    By hour it is how many were inside at its end, by day the most at the end of any hour.
    """
    nowhere = np.zeros(len(table), np.int64)
    if told is None or told.inside is None:
        return table.assign(**{name: shown_where(nowhere, nowhere > 0) for name in INSIDE_COLUMNS})
    estimate, low, high = told.inside.whole()
    place = np.full(len(table), int(estimate.argmax()))
    if keys:
        places = {hour.start: number for number, hour in enumerate(told.hours)}
        place = np.array([places[start] for start in table["hour_start"]], np.int64)
    of_site = (table["row"] == SITE_TOTAL).to_numpy()
    columns = zip(INSIDE_COLUMNS, (estimate, low, high), strict=True)
    return table.assign(**{name: shown_where(values[place], of_site) for name, values in columns})
