"""The row of numbers on top of the overview, each with its change and its last four weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import pandas as pd
import streamlit as st

from analytics.completeness import COMPLETE_SHARE
from analytics.unique_days import NotTold
from dashboard.numbers.comparison import Comparison
from dashboard.numbers.reading import Reader
from dashboard.numbers.unique import unique_days
from dashboard.wording import NOT_SHOWN, change, count, percent, points, short_day

SPARKLINE_DAYS = 28
Colour = Literal["blue", "green", "orange", "gray", "red"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number: label, value and change as text, the column of its sparkline, its colour and an explanation."""

    label: str
    value: str
    change: str | None
    column: str
    colour: Colour
    meaning: str


def show_metrics(reader: Reader, compared: Comparison) -> None:
    """Show the numbers of the day."""
    # A day that still runs would end each small chart with a fall.
    last_day = compared.day - timedelta(days=1) if compared.so_far else compared.day
    history = _history(reader, last_day - timedelta(days=SPARKLINE_DAYS - 1), last_day)
    scope = f", both until {compared.until}" if compared.until else ""
    with st.container(horizontal=True, gap="small", key="metrics"):
        for metric in _metrics(compared):
            st.metric(
                metric.label,
                metric.value,
                delta=metric.change,
                delta_color=metric.colour,
                delta_arrow=_arrow(metric.change),
                delta_description=f"vs {compared.before_day.day} {compared.before_day:%b}" if metric.change else None,
                chart_data=history[metric.column],
                chart_type="area" if metric.column != "observed" else "bar",
                border=True,
                help=f"{metric.meaning} Compared with {short_day(compared.before_day)}{scope}. The small chart shows "
                f"{SPARKLINE_DAYS} days; those that were closed or not fully observed are left out.",
                height="stretch",
            )


def _metrics(compared: Comparison) -> list[Metric]:
    now, basis, before = compared.totals, compared.basis, compared.before

    def seen(number: int) -> str:
        # Nobody counted while nobody watched is no count of nobody.
        return count(number) if now.visits or now.observed_share else NOT_SHOWN

    both = basis is not None and before is not None
    pairs = {
        name: (getattr(basis, name), getattr(before, name)) if both else (None, None)
        for name in ("visits", "entered", "left", "unknown_share", "observed_share")
    }
    return [
        *_unique(compared),
        Metric("Visits", seen(now.visits), change(*pairs["visits"]), "visits", "blue", "People seen by the cameras."),
        Metric("In", seen(now.entered), change(*pairs["entered"]), "entered", "green", "Crossed a line inwards."),
        Metric("Out", seen(now.left), change(*pairs["left"]), "left", "orange", "Crossed a line outwards."),
        Metric(
            "Unknown",
            percent(now.unknown_share),
            points(*pairs["unknown_share"]),
            "unknown_share",
            "gray",
            "Visits whose gender or age group could not be judged; they are never guessed.",
        ),
        Metric(
            "Observed",
            percent(now.observed_share),
            points(*pairs["observed_share"]),
            "observed",
            "blue",
            "Share of the opening time during which the cameras really watched. Below 100% the counts are too low.",
        ),
    ]


def _unique(compared: Comparison) -> list[Metric]:
    """Return the number of unique visitors, none where nobody compared visits."""
    day = compared.people.day
    if day.not_told is NotTold.NOT_COMPARED:
        return []
    between = "" if day.low is None else f" Between {count(day.low)} and {count(day.high)} in 19 cases of 20."
    meaning = f"People who came in, each counted once a day; staff are left out.{between}"
    relative = change(compared.unique_basis, compared.unique_before)
    return [Metric("Unique visitors", count(day.unique), relative, "unique", "red", meaning)]


def _arrow(text: str | None) -> Literal["up", "down", "off"]:
    if not text or text.startswith(("+0%", "+0.0")):
        return "off"
    return "up" if text.startswith("+") else "down"


def _history(reader: Reader, first_day: date, last_day: date) -> pd.DataFrame:
    days = [first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)]
    visits = reader.daily(first_day, last_day, ("day", "direction", "gender", "age_group"))
    observation = reader.observation(first_day, last_day, ("day",)).set_index("day").reindex(days)
    unknown = visits[(visits["gender"] == "unknown") | (visits["age_group"] == "unknown")]
    by_direction = visits.groupby(["day", "direction"])["visits"].sum().unstack(fill_value=0).reindex(days)
    history = pd.DataFrame(
        {
            "visits": visits.groupby("day")["visits"].sum().reindex(days).astype("float64"),
            "entered": by_direction.get("in"),
            "left": by_direction.get("out"),
        },
        index=days,
    ).astype("float64")
    people = unique_days(reader, first_day, last_day)
    history["unique"] = pd.Series({day: told.unique for day, told in people.items()}, days, "float64")
    history["unknown_share"] = unknown.groupby("day")["visits"].sum().reindex(days) / history["visits"]
    observed = observation["observed_open_s"] / observation["open_s"].where(observation["open_s"] > 0)
    history.loc[~(observed >= COMPLETE_SHARE), ["visits", "entered", "left", "unique", "unknown_share"]] = None
    return history.assign(observed=observed)
