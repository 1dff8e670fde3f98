"""Sales and staff beside who came in: conversion and its relatives, from one definition for page and export.

Ratios rest on who came in (db.reading.arrivals) and are told only where the cameras watched long enough
(analytics.completeness). Where a day's figures are told by entrance, the site's are their sum if every entrance that
was to be watched is told, else nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, Engine

from analytics.completeness import COMPLETE_SHARE, observed_share
from db.reading.arrivals import arrivals
from db.reading.figures import currency_of, figures
from db.reading.observation import observation
from db.reading.operation import time_zones
from db.reading.selection import Selection
from db.session import reading
from footfall.errors import StoreError
from footfall.figures import MONEY_UNITS, STAFF_UNITS, WHOLE_DAY, WHOLE_SITE

MEASURES = ("transactions", "sales", "staff")
RATIOS = ("conversion", "per_visitor", "ticket", "per_staff_hour")
ALL = "all"
Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class SalesSums:
    """What rows come to together. `rows` were observed enough and counted; `left_out` had figures and were not.

    Each ratio is one of sums, over the rows in which both its numbers are known; None where there is none. Amounts are
    in ten-thousandths, staff in seconds.
    """

    rows: int
    left_out: int
    came_in: int
    transactions: int
    sales: int
    staff: int
    conversion: float | None
    per_visitor: float | None
    ticket: float | None
    per_staff_hour: float | None


def sales_frame(
    connection: Connection, site: str, zone: ZoneInfo, days: Days, *, by_hour: bool, with_staff: bool
) -> pd.DataFrame:
    """Return day, hour (clock hour; with `by_hour`), entrance (empty: the whole site), came_in (int64), observed_share,
    complete, transactions, sales and staff (Int64, missing where not told), and RATIOS (float64).

    There is a row for each day (and hour) that any figure speaks of, for the site and for each entrance that is told.
    Who works there is among those who came in only `with_staff`.
    """
    selection = Selection(*days, sites=(site,))
    keys = ["day", "hour"] if by_hour else ["day"]
    told = figures(connection, selection)
    told = told[told["hour"] != WHOLE_DAY] if by_hour else told
    counted = _counted(connection, selection, zone, keys, with_staff=with_staff)
    entered = told[told["entrance"] != WHOLE_SITE]
    whole = _wide(told[told["entrance"] == WHOLE_SITE], keys)
    summed = _wide(_of_all_entrances(entered, counted), keys)
    site_rows = whole.combine_first(summed).reindex(_index(told, keys)).reset_index()
    site_counts = counted.groupby(keys, as_index=False)[["came_in", "open_s", "observed_open_s"]].sum()
    rows = [site_rows.merge(site_counts, on=keys, how="left").assign(entrance=WHOLE_SITE)]
    if len(entered):
        by_entrance = _wide(entered, [*keys, "entrance"]).reset_index()
        rows.append(by_entrance.merge(counted, on=[*keys, "entrance"], how="left"))
    frame = pd.concat(rows, ignore_index=True).sort_values([*keys, "entrance"], ignore_index=True)
    return _with_ratios(frame, keys)


def sums(frame: pd.DataFrame) -> SalesSums:
    """Return what rows of `sales_frame` come to together."""
    told = frame[frame[list(MEASURES)].notna().any(axis=1)]
    good = told[told["complete"]]

    def of(column: str, where: pd.Series | None = None) -> int:
        rows = good if where is None else good[where]
        return int(rows[column].sum())

    def ratio(above: str, below: str, unit: float = 1.0) -> float | None:
        both = good[above].notna() & good[below].notna()
        divisor = of(below, both)
        return of(above, both) / divisor * unit if divisor > 0 else None

    return SalesSums(
        rows=len(good),
        left_out=len(told) - len(good),
        came_in=of("came_in"),
        transactions=of("transactions"),
        sales=of("sales"),
        staff=of("staff"),
        conversion=ratio("transactions", "came_in"),
        per_visitor=ratio("sales", "came_in"),
        ticket=ratio("sales", "transactions"),
        per_staff_hour=ratio("came_in", "staff", STAFF_UNITS),
    )


def sales_table(engine: Engine, site: str, days: Days, *, by_hour: bool, with_staff: bool) -> pd.DataFrame:
    """Return the export: site, day, hour (with `by_hour`), entrance ("all" for the site), came_in, observed_share,
    complete, transactions, sales (Decimal), currency, staff_hours, conversion, sales_per_visitor, average_ticket,
    visitors_per_staff_hour; empty where a number is not told.

    Raises:
        StoreError: the site is unknown.
    """
    with reading(engine) as connection:
        zones = time_zones(connection)
        if site not in zones:
            raise StoreError(f"no site {site!r} in the database")
        frame = sales_frame(connection, site, zones[site], days, by_hour=by_hour, with_staff=with_staff)
        currency = currency_of(connection, site)
    table = pd.DataFrame({"site": [site] * len(frame), "day": frame["day"]})
    if by_hour:
        table["hour"] = [f"{hour:02}:00" for hour in frame["hour"]]
    return table.assign(
        entrance=frame["entrance"].replace(WHOLE_SITE, ALL),
        came_in=frame["came_in"],
        observed_share=frame["observed_share"],
        complete=frame["complete"],
        transactions=frame["transactions"],
        sales=pd.Series(_amounts(frame["sales"]), frame.index, "object"),
        currency=currency,
        staff_hours=_rounded(frame["staff"] / STAFF_UNITS),
        conversion=_rounded(frame["conversion"]),
        sales_per_visitor=_rounded(frame["per_visitor"] / MONEY_UNITS),
        average_ticket=_rounded(frame["ticket"] / MONEY_UNITS),
        visitors_per_staff_hour=_rounded(frame["per_staff_hour"]),
    )


def _counted(
    connection: Connection, selection: Selection, zone: ZoneInfo, keys: list[str], *, with_staff: bool
) -> pd.DataFrame:
    """Return `keys`, entrance, came_in, open_s, observed_open_s: every entrance and day that was to be watched."""
    by_hour = "hour" in keys
    by = ("day", "entrance", "hour_start") if by_hour else ("day", "entrance")
    came = arrivals(connection, selection, by, with_staff=with_staff).rename(columns={"arrivals": "came_in"})
    watched = observation(connection, selection, by)[[*by, "open_s", "observed_open_s"]]
    both = came.merge(watched, on=list(by), how="outer")
    if by_hour:  # an hour that the clock shows twice is one, as a till writes it
        both["hour"] = both["hour_start"].dt.tz_convert(zone.key).dt.hour.astype("int64")
    both = both.fillna({"came_in": 0, "open_s": 0.0, "observed_open_s": 0.0})
    numbers = ["came_in", "open_s", "observed_open_s"]
    return both.groupby([*keys, "entrance"], as_index=False)[numbers].sum().astype({"came_in": "int64"})


def _wide(told: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return a column for each measure, Int64, missing where it is not told, by `keys`; sums are of whole numbers."""
    added = told.groupby([*keys, "measure"])["value"].sum().astype("Int64")
    return added.unstack("measure").reindex(columns=list(MEASURES)).astype("Int64")


def _index(told: pd.DataFrame, keys: list[str]) -> pd.Index:
    index: pd.Index = told.groupby(keys).size().index
    return index


def _of_all_entrances(entered: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """Return those figures by entrance whose measure is told on that day at every entrance that was to be watched."""
    if entered.empty:
        return entered
    open_ones = counted[(counted["open_s"] > 0) | (counted["came_in"] > 0)]
    watched: dict[object, set[str]] = open_ones.groupby("day")["entrance"].agg(set).to_dict()
    named: dict[object, set[str]] = entered.groupby(["day", "measure"])["entrance"].agg(set).to_dict()
    pairs = list(zip(entered["day"], entered["measure"], strict=True))
    return entered[[watched.get(day, set()) <= named[day, measure] for day, measure in pairs]]


def _with_ratios(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    frame = frame.fillna({"came_in": 0, "open_s": 0.0, "observed_open_s": 0.0}).astype({"came_in": "int64"})
    shares = [observed_share(seen, due) for seen, due in zip(frame["observed_open_s"], frame["open_s"], strict=True)]
    frame["observed_share"] = pd.Series(shares, frame.index, "float64")
    # Somebody sold and nobody was to watch: nothing is known of who came.
    frame["complete"] = frame["observed_share"] >= COMPLETE_SHARE
    numbers = {name: frame[name].astype("Float64") for name in MEASURES}
    came_in = frame["came_in"].where(frame["complete"] & (frame["came_in"] > 0)).astype("Float64")
    tickets, staff = (numbers[name].where(numbers[name] > 0) for name in ("transactions", "staff"))
    frame["conversion"] = _plain(numbers["transactions"] / came_in)
    frame["per_visitor"] = _plain(numbers["sales"] / came_in)
    frame["ticket"] = _plain(numbers["sales"] / tickets)
    frame["per_staff_hour"] = _plain(came_in / staff * STAFF_UNITS)
    return frame[[*keys, "entrance", "came_in", "observed_share", "complete", *MEASURES, *RATIOS]]


def _plain(numbers: pd.Series) -> pd.Series:
    return numbers.astype("float64")


def _rounded(numbers: pd.Series) -> pd.Series:
    return numbers.astype("float64").round(4)


def _amounts(units: pd.Series) -> list[Decimal | None]:
    return [None if pd.isna(one) else Decimal(int(one)) / MONEY_UNITS for one in units]
