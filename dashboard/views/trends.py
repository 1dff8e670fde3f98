"""Trends: days, weeks and months, beside an earlier range, with the events that explain them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import get_args

import pandas as pd
import streamlit as st

from analytics.completeness import COMPLETE_SHARE
from analytics.unique_days import UniqueDay
from dashboard.charts.trends import (
    BARS_NAME,
    COMPARED_NAME,
    UNIQUE_NAME,
    WEEKDAY_NAMES,
    trend_chart,
    weekday_hours_chart,
)
from dashboard.choose_range import choose_range
from dashboard.edit_events import show_events
from dashboard.glossary import meaning
from dashboard.layout import chart_card, empty_state, heading, page_ink
from dashboard.numbers.basis import TOO_LITTLE
from dashboard.numbers.came_in import with_came_in
from dashboard.numbers.passages import watched
from dashboard.numbers.periods import Comparing, Step, basis_of, compared_days, days_frame, periods_frame
from dashboard.numbers.reading import Reader
from dashboard.numbers.special_days import range_words, with_holidays
from dashboard.numbers.unique import unique_days
from dashboard.numbers.weekdays import weekday_hours
from dashboard.page import open_page
from dashboard.weather_card import show_weather
from dashboard.wording import count, day_range, percent, plain
from db.reading.arrivals import WAYS

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
        empty_state(
            "Nobody was counted in this range", "Choose other days above, or look at Cameras to see who was watching."
        )
    else:
        people = unique_days(reader, first, last)
        _show_sums(days, people, choice, reader.site.today())
        _show_trend(reader, days, people, events, choice)
        show_weather(reader, first, last)
        _show_weekdays(reader, choice)
    show_events(reader)


def _days(reader: Reader, choice: Choice) -> pd.DataFrame:
    first, last = choice.first_day, choice.last_day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    compared = {day: compared_days(day, first, last, choice.step, choice.comparing) for day in days}
    others = [other for several in compared.values() for other in several or ()]
    ranges = [(first, last)] + ([(min(others), max(others))] if others else [])
    counts, observation = zip(*(_read(reader, *one) for one in ranges), strict=True)
    frame = days_frame(days, _joined(counts), _joined(observation), compared)
    runs_on = frame["day"] == reader.site.today()  # a part is no day to compare; Overview compares its hours
    return frame.assign(compared=frame["compared"].mask(runs_on), comparable=frame["comparable"] & ~runs_on)


def _read(reader: Reader, first: date, last: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return came_in and visits, and open_s and observed_open_s, by day; those of today until now."""
    visits = with_came_in(reader.daily(first, last, WAYS))  # the answer that Reader.arrivals rests on, too
    names = ["open_s", "observed_open_s"]
    seconds = reader.observation(first, last, ("day",)).set_index("day")[names]
    today = reader.site.today()
    if first <= today <= last:
        seconds.loc[today] = watched(reader, [today])[names].sum()
    return visits.groupby("day")[["came_in", "visits"]].sum(), seconds


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of frames by day, those of the first where several have the day."""
    together = pd.concat(frames)
    return together[~together.index.duplicated()]


def _show_sums(days: pd.DataFrame, people: dict[date, UniqueDay], choice: Choice, today: date) -> None:
    basis = basis_of(days[days["day"] != today])
    is_compared = choice.comparing != "nothing" and basis.days > 0
    change, words = (basis.change, basis.words) if is_compared else (None, None)
    if words and not basis.is_enough:
        change = TOO_LITTLE
    observed = days["observed_open_s"].sum() / days["open_s"].sum() if days["open_s"].sum() else None
    with st.container(horizontal=True, gap="small", key="metrics"):
        st.metric(
            "Came in",
            count(int(days["came_in"].sum())),
            delta=change,
            delta_color="off" if change == TOO_LITTLE else "blue",
            delta_arrow="off" if change in (None, TOO_LITTLE) else ("up" if str(change).startswith("+") else "down"),
            delta_description=words if change else None,
            border=True,
            height="stretch",
            help=f"{meaning('came in')} The change is that of the days that can be compared with {choice.comparing}.",
        )
        _show_unique(people)
        _show_days(days[(days["open_s"] > 0) & (days["observed_open_s"] >= COMPLETE_SHARE * days["open_s"])])
        st.metric("Observed", percent(observed), border=True, height="stretch", help=meaning("observed"))


def _show_unique(people: dict[date, UniqueDay]) -> None:
    told = [day.unique for day in people.values() if day.unique is not None]
    if told:
        days = "1 day" if len(told) == 1 else f"{len(told)} days"
        help_text = f"{meaning('unique visitor')} The mean of the {days} of which it is told."
        st.metric(f"{UNIQUE_NAME} a day", count(sum(told) / len(told)), border=True, height="stretch", help=help_text)


def _show_days(open_days: pd.DataFrame) -> None:
    if open_days.empty:
        return
    about = "Of the open days that were fully observed."
    st.metric("Mean a day", count(open_days["came_in"].mean()), border=True, height="stretch", help=about)
    ordered = open_days.sort_values("came_in").to_dict("records")
    for name, row in (("Best day", ordered[-1]), ("Weakest day", ordered[0])):
        day, came = row["day"], row["came_in"]
        st.metric(
            name,
            f"{day.day} {day:%b}",
            delta=f"{day:%a}, {count(came)} came in",
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help=about,
        )


def _show_trend(
    reader: Reader, days: pd.DataFrame, people: dict[date, UniqueDay], events: pd.DataFrame, choice: Choice
) -> None:
    periods = periods_frame(days, choice.step)
    if choice.step == "Day":
        unique = [people[day].unique if day in people else None for day in days["day"]]
        periods["unique"] = pd.Series(unique, dtype="float64")
    marked = events.assign(
        start=pd.to_datetime(events["starts_on"], utc=True),
        end=pd.to_datetime(events["ends_on"], utc=True) + pd.Timedelta(days=1),
    )
    columns = {"label": choice.step, "came_in": BARS_NAME}
    if choice.comparing != "nothing":
        columns |= {"compared": COMPARED_NAME, "change": "Change"}
    if "unique" in periods and periods["unique"].notna().any():
        columns["unique"] = UNIQUE_NAME
    columns |= {"visits": "All passages", "observed": "Observed"}
    special = [plain(words) for words in _special(reader, choice, days)]
    chart_card(
        f"Came in by {choice.step.lower()}",
        "trend",
        partial(trend_chart, periods, marked, f"Came in a {choice.step.lower()}", reader.site.zone.key, page_ink()),
        periods[list(columns)].rename(columns=columns),
        note=" ".join(filter(None, [_how_compared(choice), _not_told(periods), *special])),
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
    table = cells.pivot(index="weekday", columns="hour", values="came_in").reset_index()
    table["weekday"] = [WEEKDAY_NAMES[int(number)] for number in table["weekday"]]
    chart_card(
        "Weekday by hour",
        "weekdays",
        partial(weekday_hours_chart, cells, hours, reader.site.zone.key, page_ink()),
        table.rename(columns={"weekday": "Weekday"}),
        note=f"Mean of the fully observed hours, {day_range(first, choice.last_day)}. "
        "A triangle marks hours that were not fully observed on some day.",
        formats=dict.fromkeys(hours, "%.1f"),
    )


if __name__ == "__main__":
    show()
