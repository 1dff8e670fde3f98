"""The cards of Demographics that show corrected shares: of the range, by hour, and how many could be judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from analytics.coverage import Difference, difference
from dashboard.charts.corrected import age_hours_chart, coverage_chart, gender_hours_chart, shares_with_limits_chart
from dashboard.layout import chart_card, page_ink
from dashboard.numbers.groups import DayFilter
from dashboard.numbers.hour_shares import HourShares, hour_shares
from dashboard.numbers.reading import Reader
from dashboard.numbers.shares import RangeShares, ToldShares, judged_by_entrance
from dashboard.numbers.told_rows import GENDER_WORDS, told_rows
from dashboard.share_words import difference_sentence
from dashboard.wording import plain
from db.estimates import AGE, GENDER

LIMIT_FORMATS = {name: "percent" for name in ("About", "From", "To")}
JUDGED = "Of those who could be judged."
LIMITS = "A bar is the 95% interval; ? stands where too few could be judged."
JOINED = "Hours with too few visits are put together."


def show_corrected(now: RangeShares, before: RangeShares, before_name: str, *, spread: bool) -> None:
    """Show women and men, and the ages, with limits, beside the range before."""
    left, right = st.columns([2, 3])
    with left:
        _show_shares("Women and men", "corrected-gender", now.gender, before.gender, (GENDER, before_name, spread))
    with right:
        _show_shares("Ages", "corrected-age", now.age, before.age, (AGE, before_name, spread))


def show_hours(reader: Reader, chosen: DayFilter) -> None:
    """Show the shares by hour of the day, and how many could be judged by hour and entrance."""
    told = hour_shares(reader, chosen)
    zone, ink = reader.site.zone.key, page_ink()
    if len(told.genders):
        chart_card(
            "Women and men by hour",
            "gender-hours",
            partial(gender_hours_chart, told.genders, zone, ink),
            _hours_table(told.genders.assign(group=told.genders["group"].map(GENDER_WORDS))),
            note=f"{JUDGED} {_joined(told.genders)}",
            formats=LIMIT_FORMATS,
        )
    if len(told.ages):
        chart_card(
            "Ages by hour",
            "corrected-age-hours",
            partial(age_hours_chart, told.ages, zone, ink),
            _hours_table(told.ages),
            note=f"{JUDGED} {LIMITS} {_joined(told.ages)}",
            formats=LIMIT_FORMATS,
        )
    _show_coverage(reader, chosen.days(), told)


def _show_shares(
    title: str, key: str, now: ToldShares | None, before: ToldShares | None, how: tuple[str, str, bool]
) -> None:
    dimension, before_name, spread = how
    if now is None:
        return
    rows = told_rows(now, before, dimension, spread=spread)
    axis = "" if dimension == GENDER else "Age (years)"
    names = {"group": "Group", "estimate": "About", "low": "From", "high": "To", "before": before_name}
    chart_card(
        title,
        key,
        partial(shares_with_limits_chart, rows, axis, before_name, page_ink()),
        rows.rename(columns=names),
        note=_tick(before, before_name) if rows["before"].notna().any() else "",
        formats=LIMIT_FORMATS | {before_name: "percent"},
    )


def _tick(before: ToldShares | None, name: str) -> str:
    days = 0 if before is None else before.days
    return (
        f"The line is the 95% interval, the upright one {name}, {'1 day' if days == 1 else f'{days} days'} with visits."
    )


def _joined(shares: pd.DataFrame) -> str:
    return JOINED if shares["period"].str.len().max() > len("00:00") else ""


def _hours_table(shares: pd.DataFrame) -> pd.DataFrame:
    names = {"period": "Time", "group": "Group", "estimate": "About", "low": "From", "high": "To", "judged": "Judged"}
    return shares[list(names)].rename(columns=names)


def _show_coverage(reader: Reader, days: Sequence[date], told: HourShares) -> None:
    """Show how many could be judged by hour and by entrance, and whether they differ from the others."""
    entrances = judged_by_entrance(reader, days)
    tables = [
        ("hour", told.hours.rename(columns={"hour": "place"}), told.by_hour),
        ("entrance", entrances.rename(columns={"entrance": "place"}), _test(entrances)),
    ]
    for (what, rows, test), place in zip(tables, st.columns(2), strict=True):
        rows = rows[rows["visits"] > 0].assign(share=lambda rows: rows["judged"] / rows["visits"])
        if rows.empty or (what == "entrance" and len(rows) < 2):
            continue
        with place:
            _coverage_card(what, rows, plain(difference_sentence(test, f"the {what}s")))


def _coverage_card(what: str, rows: pd.DataFrame, note: str) -> None:
    title = what.capitalize()
    columns = {"place": title, "share": "Could be judged", "judged": "Judged", "visits": "Visits"}
    chart_card(
        f"Could be judged, by {what}",
        f"coverage-{what}",
        partial(coverage_chart, rows, title, by_hour=what == "hour"),
        rows[list(columns)].rename(columns=columns),
        note=note,
        formats={"Could be judged": "percent"},
    )


def _test(rows: pd.DataFrame) -> Difference | None:
    judged = rows["judged"].to_numpy(np.int64)
    return difference(judged, rows["visits"].to_numpy(np.int64) - judged) if len(rows) > 1 else None
