"""Corrected shares of a range as rows for a chart and its table, with the range before; pure functions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.age_groups import age_group_start
from analytics.share_sums import of_everybody
from analytics.shares import Shares
from dashboard.numbers.shares import ToldShares
from db.estimates import AGE
from reports.hour_sums import in_runs

ROW_COLUMNS = ["group", "estimate", "low", "high", "before"]
GENDER_WORDS = {"female": "Women", "male": "Men"}


def told_rows(now: ToldShares, before: ToldShares | None, dimension: str, *, spread: bool) -> pd.DataFrame:
    """Return ROW_COLUMNS, a row a group, from young to old: NaN where too few to say.

    Age groups that cannot be told are put together with their neighbours as far as that can be. `spread` counts the
    visits that could not be judged in: as if they were like the others, with limits that cover whatever they are.
    """
    shown = now.fine if now.fine.told.all() or now.coarse is None else now.coarse
    low, high = of_everybody(shown, now.visits - now.judged) if spread else (shown.low, shown.high)
    earlier = _before(shown, now.fine, before, dimension)
    rows = [
        (GENDER_WORDS.get(group, group), shown.estimate[place], low[place], high[place], earlier[place])
        if shown.told[place]
        else (GENDER_WORDS.get(group, group), np.nan, np.nan, np.nan, earlier[place])
        for place, group in enumerate(shown.groups)
    ]
    return pd.DataFrame(rows, columns=ROW_COLUMNS).astype({name: "float64" for name in ROW_COLUMNS[1:]})


def _before(
    shown: Shares, fine: Shares, before: ToldShares | None, dimension: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if before is None or before.fine.groups != fine.groups:
        return np.full(len(shown.groups), np.nan)
    same = before.fine
    if dimension == AGE and shown.groups != fine.groups:
        firsts = [age_group_start(group) for group in shown.groups]
        places = np.digitize([age_group_start(group) for group in fine.groups], firsts) - 1
        same = in_runs(same, [range(*_ends(places == place)) for place in range(len(firsts))])
    return np.where(same.told, same.estimate, np.nan)


def _ends(chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[int, int]:
    found = np.flatnonzero(chosen)
    return int(found[0]), int(found[-1]) + 1
