"""Which way people went, beside the numbers of a table; pure functions on frames."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def with_ways(table: pd.DataFrame, starts: pd.Series, visits: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return `table`, one row an hour, with a column of visits for each direction (int64).

    Args:
        table: what a page shows of each hour.
        starts: when the hours of its rows begin (aware UTC).
        visits: hour_start, direction, visits.
        names: the columns' headings by direction, in their order.
    """
    sums = visits.groupby(["hour_start", "direction"])["visits"].sum().unstack(fill_value=0)
    counts = sums.reindex(index=list(starts), columns=list(names), fill_value=0)
    return table.assign(**{heading: counts[way].to_numpy("int64") for way, heading in names.items()})
