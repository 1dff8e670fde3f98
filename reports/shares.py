"""Corrected shares as rows of the daily report, and how many came by audits beside the count of the site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from analytics.share_sums import coarser, runs_that_can_be_told
from analytics.shares import Shares
from db.estimates import AGE, GENDER, WHOLE_SITE, StoredEstimate
from reports.audits import DayEstimate
from reports.estimating import OPTIONS, shares_of, told
from reports.unique import ALL, ENTRANCE_TOTAL, SITE_TOTAL

SHARE, COARSER = "share", "coarser share"
ESTIMATE_COLUMNS = ("estimate", "low", "high", "coverage")
NOTHING = {"visits": None, "share": None, "unknown": None, "unique": None, "unique_low": None, "unique_high": None,
           "returns": None, "staff": None, "in": None, "out": None, "unseen": None, "inside": None, "inside_low": None,
           "inside_high": None}  # fmt: skip


def with_estimates(
    table: pd.DataFrame, estimates: Sequence[StoredEstimate], came: DayEstimate | None, *, by_hour: bool
) -> pd.DataFrame:
    """Return a finished report with ESTIMATE_COLUMNS, float64, and by day with rows of shares behind the totals.

    A share that cannot be told has no number; neighbouring age groups that can be told together follow as COARSER.
    """
    filled = table.assign(**dict.fromkeys(ESTIMATE_COLUMNS, float("nan")))
    if by_hour:
        return filled
    if came is not None and came.whole:
        site = filled["row"] == SITE_TOTAL
        for name, value in (("estimate", came.came.estimate), ("low", came.came.low), ("high", came.came.high)):
            filled.loc[site, name] = float(round(value))
    order = (GENDER, AGE)
    rows = []
    for one in sorted(
        estimates, key=lambda one: (one.entrance != WHOLE_SITE, one.entrance, order.index(one.dimension))
    ):
        rows += list(_rows(filled, one))
    if not rows:
        return filled
    return pd.concat([filled, pd.DataFrame(rows, columns=filled.columns).astype(filled.dtypes)], ignore_index=True)


def age_span(labels: Sequence[str]) -> str:
    """Return neighbouring age groups as one, like "18-34" of "18-24" and "25-34"."""
    first, last = labels[0].split("-")[0].rstrip("+"), labels[-1]
    return f"{first}+" if last.endswith("+") else f"{first}-{last.split('-')[1]}"


def coarse(shares: Shares) -> Shares | None:
    """Return the finest neighbouring groups that can be told, None where there are none."""
    runs = runs_that_can_be_told(shares, OPTIONS.widest)
    if runs is None:
        return None
    labels = [age_span(shares.groups[run.start : run.stop]) for run in runs]
    return coarser(shares, labels, runs, OPTIONS.widest)


def _rows(table: pd.DataFrame, one: StoredEstimate) -> Iterator[dict[str, Any]]:
    shares = shares_of(one)
    of_site = table["row"] == SITE_TOTAL
    here = (table["row"] == ENTRANCE_TOTAL) & (table["entrance"] == one.entrance)
    total = table[of_site if one.entrance == WHOLE_SITE else here]
    if shares is None or total.empty:
        return
    first = {str(name): value for name, value in total.iloc[0].items()}
    base = first | NOTHING | {"coverage": round(one.judged / one.visits, 4)}
    shown = told(shares, one.left_out)
    yield from _told_rows(base | {"row": SHARE}, one.dimension, shown, range(len(shown.groups)))
    if one.dimension == AGE and not shown.told.all():
        joined = coarse(shares)
        if joined is not None:
            shown = told(joined, one.left_out)
            places = [place for place, group in enumerate(joined.groups) if group not in shares.groups]
            yield from _told_rows(base | {"row": COARSER}, AGE, shown, [at for at in places if shown.told[at]])


def _told_rows(
    base: dict[str, Any], dimension: str, shares: Shares, places: Sequence[int] | range
) -> Iterator[dict[str, Any]]:
    for place in places:
        numbers = (shares.estimate[place], shares.low[place], shares.high[place])
        known = [round(float(number), 4) if shares.told[place] else None for number in numbers]
        group = shares.groups[place]
        names = {"gender": group, "age_group": ALL} if dimension == GENDER else {"gender": ALL, "age_group": group}
        yield base | names | dict(zip(ESTIMATE_COLUMNS[:3], known, strict=True))
