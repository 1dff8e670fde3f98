"""The row of numbers on top of the overview, each with its change and its last four weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import pandas as pd
import streamlit as st

from analytics.completeness import COMPLETE_SHARE
from dashboard.glossary import meaning
from dashboard.numbers.basis import TOO_LITTLE
from dashboard.numbers.came_in import CAME_IN, with_came_in
from dashboard.numbers.comparison import Comparison
from dashboard.numbers.day_row import CAME_IN_NAME, OBSERVED_NAME, UNIQUE_NAME, UNKNOWN_NAME, day_row
from dashboard.numbers.reading import Reader
from dashboard.numbers.unique import unique_days
from dashboard.wording import count, percent, short_day

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
    history = day_history(reader, compared)
    with st.container(horizontal=True, gap="small", key="metrics"):
        for metric in _metrics(compared):
            st.metric(
                metric.label,
                metric.value,
                delta=metric.change,
                delta_color=metric.colour,
                delta_arrow=_arrow(metric.change),
                delta_description=f"vs {compared.before_day.day} {compared.before_day:%b}" if metric.change else None,
                chart_data=sparkline(history[metric.column]),
                chart_type="bar",
                border=True,
                help=f"{metric.meaning} {_basis(compared)} The small chart shows {SPARKLINE_DAYS} days; those that "
                "were closed or not fully observed are holes in it.",
                height="stretch",
            )


def sparkline(values: pd.Series) -> list[float]:
    """Return the numbers of a small bar chart; a day without one is a hole in it, never a line across or a zero."""
    # The chart begins at its lowest number: without the zero in front, the weakest day would have no bar.
    return [0.0, *values.astype("float64").tolist()] if values.notna().any() else []


def _basis(compared: Comparison) -> str:
    """Return what the changes rest on."""
    before = short_day(compared.before_day)
    if compared.pair is None:
        return f"There are no numbers of {before} to compare with."
    now, then = (percent(one.observed_share) for one in compared.pair)
    scope = f", both until {compared.until}" if compared.until else ""
    return f"Compared with {before}{scope}; {now} and {then} of the opening time were observed."


def _metrics(compared: Comparison) -> list[Metric]:
    day = compared.people.day
    between = "" if day.low is None else f" Between {count(day.low)} and {count(day.high)} in 19 cases of 20."
    shown: dict[str, tuple[str, Colour, str]] = {
        CAME_IN_NAME: (CAME_IN, "blue", meaning("came in")),
        UNIQUE_NAME: ("unique", "red", meaning("unique visitor") + between),
        UNKNOWN_NAME: ("unknown_share", "gray", meaning("unknown")),
        OBSERVED_NAME: ("observed", "blue", meaning("observed")),
    }
    return [Metric(one.name, one.value, one.change, *shown[one.name]) for one in day_row(compared)]


def _arrow(text: str | None) -> Literal["up", "down", "off"]:
    if not text or text == TOO_LITTLE or text.startswith(("+0%", "+0.0")):
        return "off"
    return "up" if text.startswith("+") else "down"


def day_history(reader: Reader, compared: Comparison) -> pd.DataFrame:
    """Return the numbers of the small charts by day, NaN where a day was closed or not fully observed."""
    # A day that still runs would end each small chart with a fall.
    last_day = compared.day - timedelta(days=1) if compared.so_far else compared.day
    first_day = last_day - timedelta(days=SPARKLINE_DAYS - 1)
    days = [first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)]
    visits = with_came_in(reader.daily(first_day, last_day, ("camera", "day", "direction", "gender", "age_group")))
    observation = reader.observation(first_day, last_day, ("day",)).set_index("day").reindex(days)
    unknown = visits[(visits["gender"] == "unknown") | (visits["age_group"] == "unknown")]
    sums = visits.groupby("day")[[CAME_IN, "visits"]].sum().reindex(days).astype("float64")
    people = unique_days(reader, first_day, last_day)
    history = pd.DataFrame(
        {
            CAME_IN: sums[CAME_IN],
            "unique": pd.Series({day: told.unique for day, told in people.items()}, days, "float64"),
            "unknown_share": unknown.groupby("day")["visits"].sum().reindex(days) / sums["visits"],
        },
        index=days,
    )
    observed = observation["observed_open_s"] / observation["open_s"].where(observation["open_s"] > 0)
    history.loc[~(observed >= COMPLETE_SHARE)] = float("nan")
    return history.assign(observed=observed)
