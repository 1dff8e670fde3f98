"""Corrected shares as rows of the daily report, and how many came by audits beside the count of the site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analytics.share_sums import runs_that_can_be_told
from analytics.shares import Shares
from db.estimates import AGE, GENDER, WHOLE_SITE, StoredEstimate
from reports.audits import DayEstimate
from reports.estimating import age_audits, shares_of, told
from reports.hour_sums import four_ages, hours_by, in_runs, shares_of_hours
from reports.unique import ALL, ENTRANCE_TOTAL, SITE_TOTAL

SHARE, COARSER = "share", "coarser share"
ESTIMATE_COLUMNS = ("estimate", "low", "high", "coverage")
AUDIT_COLUMNS = ("audits", "taps")
NOTHING = {"visits": None, "share": None, "unknown": None, "unique": None, "unique_low": None, "unique_high": None,
           "returns": None, "staff": None, "in": None, "out": None, "unseen": None, "inside": None, "inside_low": None,
           "inside_high": None, "came_in": None}  # fmt: skip


def with_estimates(
    table: pd.DataFrame, estimates: Sequence[StoredEstimate], came: DayEstimate | None, *, by_hour: bool, widest: float
) -> pd.DataFrame:
    """Return a finished report with ESTIMATE_COLUMNS, float64, and by day with rows of shares behind the totals.

    AUDIT_COLUMNS, Int64, say how many audits an estimate rests on, and how many of their taps where it is a share.
    A share whose 95 % interval is wider than `widest` has no number; neighbouring age groups that can be told together
    follow as COARSER.
    """
    filled = table.assign(**dict.fromkeys(ESTIMATE_COLUMNS, float("nan")))
    filled = filled.assign(**{name: pd.Series(pd.NA, table.index, "Int64") for name in AUDIT_COLUMNS})
    if by_hour:
        return _with_rows(filled, list(_hour_rows(filled, estimates, widest)))
    if came is not None:
        _put_who_came(filled, came)
    order = (GENDER, AGE)
    rows = []
    for one in sorted(
        estimates, key=lambda one: (one.entrance != WHOLE_SITE, one.entrance, order.index(one.dimension))
    ):
        rows += list(_rows(filled, one, widest))
    return _with_rows(filled, rows)


def _put_who_came(filled: pd.DataFrame, came: DayEstimate) -> None:
    """Put how many came into the totals of audited entrances, and of the site where that is all of them.

    `coverage` of the site total says how many of the entrances are audited.
    """
    site, entrances = filled["row"] == SITE_TOTAL, filled["row"] == ENTRANCE_TOTAL
    places = [(entrances & (filled["entrance"] == name), rate) for name, rate in came.by_entrance.items()]
    if came.whole:
        places.append((site, came.came))
    for chosen, rate in places:
        for name, value in (("estimate", rate.estimate), ("low", rate.low), ("high", rate.high)):
            filled.loc[chosen, name] = float(round(value))
    if came.whole:
        filled.loc[site, "audits"] = came.audits
    filled.loc[site, "coverage"] = round(len(came.by_entrance) / came.entrances, 4)


def _with_rows(filled: pd.DataFrame, rows: list[dict[str, Any]]) -> pd.DataFrame:
    if not rows:
        return filled
    return pd.concat([filled, pd.DataFrame(rows, columns=filled.columns).astype(filled.dtypes)], ignore_index=True)


def _hour_rows(table: pd.DataFrame, estimates: Sequence[StoredEstimate], widest: float) -> Iterator[dict[str, Any]]:
    """Yield the rows of the whole site's hours: both genders, and the four ages as groups put together."""
    totals = table[table["row"] == SITE_TOTAL]
    hours = {hour: datetime.fromisoformat(hour).astimezone(UTC).isoformat() for hour in totals["hour"]}
    found = []
    for dimension in (GENDER, AGE):
        mine = [one for one in estimates if (one.entrance, one.dimension) == (WHOLE_SITE, dimension)]
        groups = next((one.shares["groups"] for one in mine if one.shares), ())
        found.append((dimension, hours_by(mine, groups, lambda _, start: start.isoformat())))
    for place, hour in enumerate(totals["hour"]):
        first = {str(name): value for name, value in totals.iloc[place].items()} | NOTHING
        for dimension, by_hour in found:
            mine_then = by_hour.get(hours[hour])
            words = f"{first['site']} {hour} {dimension}"
            shares = None if mine_then is None else shares_of_hours(mine_then, words, widest)
            if mine_then is None or shares is None:
                continue
            in_groups = shares if dimension == GENDER else in_runs(shares, four_ages(shares.groups))
            shown = told(in_groups, mine_then.left_out)
            names = {"row": SHARE if dimension == GENDER else COARSER}
            base = first | names | {"coverage": round(mine_then.judged / mine_then.visits, 4)}
            yield from _told_rows(base, dimension, shown, range(len(shown.groups)))


def coarse(shares: Shares) -> Shares | None:
    """Return the finest neighbouring groups that can be told, None where there are none."""
    runs = runs_that_can_be_told(shares)
    return None if runs is None else in_runs(shares, runs)


def _rows(table: pd.DataFrame, one: StoredEstimate, widest: float) -> Iterator[dict[str, Any]]:
    shares = shares_of(one, widest)
    of_site = table["row"] == SITE_TOTAL
    here = (table["row"] == ENTRANCE_TOTAL) & (table["entrance"] == one.entrance)
    total = table[of_site if one.entrance == WHOLE_SITE else here]
    if shares is None or total.empty:
        return
    first = {str(name): value for name, value in total.iloc[0].items()}
    base = first | NOTHING | {"coverage": round(one.judged / one.visits, 4)}
    taps = age_audits([one])
    base |= {"audits": len(taps) or None, "taps": sum(taps.values()) or None}
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
