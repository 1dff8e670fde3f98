"""Trends: days, weeks and months, beside an earlier range, with the events that explain them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

import pandas as pd
import streamlit as st

from analytics.completeness import COMPLETE_SHARE
from dashboard.charts.trends import COMPARED_NAME, UNIQUE_NAME, WEEKDAY_NAMES, trend_chart, weekday_hours_chart
from dashboard.choose_range import choose_range
from dashboard.edit_events import show_events
from dashboard.layout import chart_card, empty_state, heading, page_ink
from dashboard.numbers.periods import Comparing, Step, compared_days, days_frame, periods_frame
from dashboard.numbers.reading import Reader
from dashboard.numbers.special_days import range_words, with_holidays
from dashboard.numbers.unique import unique_days
from dashboard.numbers.weekdays import weekday_hours
from dashboard.page import open_page
from dashboard.weather_card import show_weather
from dashboard.wording import change, count, day_range, percent

HEAT_DAYS = 91


@dataclass(frozen=True, slots=True)
class Choice:
    """What the page shows: which days, put together how, beside which others."""

    first_day: date
    last_day: date
    step: Step
    comparing: Comparing


def show() -> None:
    """Show the page."""
    reader = open_page()
    title = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first, last = choose_range(reader.site, "trends")
        step = st.segmented_control("By", get_args(Step), default="Day", required=True, key="trends-step")
        comparing = st.selectbox("Compare with", get_args(Comparing), key="trends-compare", width=190)
    choice = Choice(first, last, step, comparing)
    with title:
        heading("Trends", day_range(first, last), reader.site.label, f"local time of {reader.site.zone.key}")
    days = _days(reader, choice)
    events = with_holidays(reader.events(first, last), reader.site, first, last)
    if days["visits"].sum() == 0:
        empty_state("No visits in this range", "Choose other days above, or look at Cameras to see who was watching.")
    else:
        _show_sums(days, choice)
        _show_trend(reader, days, events, choice)
        show_weather(reader, first, last)
        _show_weekdays(reader, choice)
    show_events(reader)


def _days(reader: Reader, choice: Choice) -> pd.DataFrame:
    first, last = choice.first_day, choice.last_day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    compared = {day: compared_days(day, first, last, choice.step, choice.comparing) for day in days}
    others = [other for several in compared.values() for other in several or ()]
    visits = reader.daily(first, last, ("day",)).set_index("day")["visits"]
    if others:
        earlier = reader.daily(min(others), max(others), ("day",)).set_index("day")["visits"]
        visits = pd.concat([earlier[~earlier.index.isin(visits.index)], visits])
    observation = reader.observation(first, last, ("day",)).set_index("day")[["open_s", "observed_open_s"]]
    return days_frame(days, visits, observation, compared)


def _show_sums(days: pd.DataFrame, choice: Choice) -> None:
    total = int(days["visits"].sum())
    both = days[days["compared"].notna()]
    relative = change(float(both["visits"].sum()), float(both["compared"].sum())) if len(both) else None
    open_days = days[(days["open_s"] > 0) & (days["observed_open_s"] >= COMPLETE_SHARE * days["open_s"])]
    with st.container(horizontal=True, gap="small", key="metrics"):
        st.metric(
            "Visits",
            count(total),
            delta=relative,
            delta_color="blue",
            delta_arrow="off" if relative is None else ("up" if relative.startswith("+") else "down"),
            border=True,
            height="stretch",
            help=f"The change compares {len(both)} days with {choice.comparing}.",
        )
        _show_days(open_days)
        observed = days["observed_open_s"].sum() / days["open_s"].sum() if days["open_s"].sum() else None
        meaning = "Share of the opening time that was observed."
        st.metric("Observed", percent(observed), border=True, height="stretch", help=meaning)


def _show_days(open_days: pd.DataFrame) -> None:
    if open_days.empty:
        return
    meaning = "Of the open days that were fully observed."
    st.metric("Mean a day", count(open_days["visits"].mean()), border=True, height="stretch", help=meaning)
    ordered = open_days.sort_values("visits").to_dict("records")
    for name, row in (("Best day", ordered[-1]), ("Weakest day", ordered[0])):
        day, visits = row["day"], row["visits"]
        st.metric(
            name,
            f"{day.day} {day:%b}",
            delta=f"{day:%a}, {count(visits)} visits",
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help=meaning,
        )


def _show_trend(reader: Reader, days: pd.DataFrame, events: pd.DataFrame, choice: Choice) -> None:
    periods = periods_frame(days, choice.step)
    if choice.step == "Day":
        people = unique_days(reader, choice.first_day, choice.last_day)
        unique = [people[day].unique if day in people else None for day in days["day"]]
        periods["unique"] = pd.Series(unique, dtype="float64")
    marked = events.assign(
        start=pd.to_datetime(events["starts_on"], utc=True),
        end=pd.to_datetime(events["ends_on"], utc=True) + pd.Timedelta(days=1),
    )
    columns = {"label": choice.step, "visits": "Visits", "compared": COMPARED_NAME, "observed": "Observed"}
    if "unique" in periods and periods["unique"].notna().any():
        columns["unique"] = UNIQUE_NAME
    chart_card(
        f"Visits by {choice.step.lower()}",
        "trend",
        lambda: trend_chart(periods, marked, f"Visits a {choice.step.lower()}", reader.site.zone.key, page_ink()),
        periods[list(columns)].rename(columns=columns),
        note=" ".join(filter(None, [_how_compared(choice), _not_told(periods), *_special(reader, choice, days)])),
        formats={"Observed": "percent", COMPARED_NAME: "%d"},
    )


def _special(reader: Reader, choice: Choice, days: pd.DataFrame) -> list[str]:
    """Return what makes the comparison lame; days without numbers to compare with are not in it."""
    first, last = choice.first_day, choice.last_day
    with_numbers = list(days.loc[days["compared"].notna(), "day"])
    compared = [compared_days(day, first, last, choice.step, choice.comparing) or () for day in with_numbers]
    return range_words(reader, list(days["day"]), [day for several in compared for day in several])


def _how_compared(choice: Choice) -> str:
    if choice.comparing == "nothing":
        return ""
    if choice.comparing == "a year before" and choice.step == "Month":
        return "Compared by the calendar: a whole month with the same whole month."
    return "Compared day by day: weekday with weekday."


def _not_told(periods: pd.DataFrame) -> str:
    """Return on how many days with visits the line of unique visitors has a hole; empty without a line, or a hole."""
    if "unique" not in periods or periods["unique"].notna().sum() == 0:
        return ""
    holes = int((periods["unique"].isna() & (periods["visits"] > 0)).sum())
    days = "1 day" if holes == 1 else f"{holes} days"
    return f"Unique visitors are not told for {days}; Overview says why." if holes else ""


def _show_weekdays(reader: Reader, choice: Choice) -> None:
    first = max(choice.first_day, choice.last_day - timedelta(days=HEAT_DAYS - 1))
    cells, hours = weekday_hours(reader, first, choice.last_day)
    table = cells.pivot(index="weekday", columns="hour", values="visits").reset_index()
    table["weekday"] = [WEEKDAY_NAMES[int(number)] for number in table["weekday"]]
    chart_card(
        "Weekday by hour",
        "weekdays",
        lambda: weekday_hours_chart(cells, hours, reader.site.zone.key, page_ink()),
        table.rename(columns={"weekday": "Weekday"}),
        note=f"Mean of the fully observed hours, {day_range(first, choice.last_day)}. "
        "A triangle marks hours that were not fully observed on some day.",
        formats=dict.fromkeys(hours, "%.1f"),
    )


if __name__ == "__main__":
    show()
