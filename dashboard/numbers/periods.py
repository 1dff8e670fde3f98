"""Days put together to weeks and months, beside the days they are compared with; pure functions on frames."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import pandas as pd

from dashboard.wording import day_range, short_day

Step = Literal["Day", "Week", "Month"]
Comparing = Literal["the weeks before", "a year before", "nothing"]
# 52 weeks, so that Mondays meet Mondays; months are compared by the calendar.
YEAR_OF_WEEKS = timedelta(days=364)


def compared_days(
    day: date, first_day: date, last_day: date, step: Step, comparing: Comparing
) -> tuple[date, ...] | None:
    """Return the days whose visits stand beside those of `day` of the range, None for nothing.

    A whole month of the range stands beside the whole month a year before: 28 February 2029 beside the 28th and the
    29th of 2028. 29 February stands beside no day of its own: it adds nothing to what its month is compared with.
    """
    if comparing == "nothing":
        return None
    if comparing == "a year before":
        return _year_before(day, first_day) if step == "Month" else (day - YEAR_OF_WEEKS,)
    weeks = -(-((last_day - first_day).days + 1) // 7)
    return (day - timedelta(weeks=weeks),)


def _year_before(day: date, first_day: date) -> tuple[date, ...] | None:
    if (day.month, day.day) == (2, 29):
        return () if first_day < day else None
    same = day.replace(year=day.year - 1)
    following = same + timedelta(days=1)
    whole = first_day <= day.replace(day=1)
    ends_earlier = (day + timedelta(days=1)).month != day.month and following.month == day.month
    return (same, following) if whole and ends_earlier else (same,)


def days_frame(
    days: list[date], visits: pd.Series, observation: pd.DataFrame, compared: dict[date, tuple[date, ...] | None]
) -> pd.DataFrame:
    """Return one row a day: day, visits, open_s, observed_open_s, compared (NaN where there is no such number).

    Args:
        days: the days of the range.
        visits: visits by day, of the range and of the days it is compared with.
        observation: open_s, observed_open_s by day (its index).
        compared: the days that each day is compared with; none of them is 0 visits.
    """
    seconds = observation.reindex(days).fillna(0.0)
    known: dict[object, int] = visits.to_dict()
    unknown = float("nan")
    return pd.DataFrame(
        {
            "day": days,
            "visits": [int(known.get(day, 0)) for day in days],
            "open_s": seconds["open_s"].to_numpy("float64"),
            "observed_open_s": seconds["observed_open_s"].to_numpy("float64"),
            "compared": [
                unknown if others is None else float(sum(known.get(other, unknown) for other in others))
                for others in map(compared.get, days)
            ],
        }
    )


def periods_frame(days: pd.DataFrame, step: Step) -> pd.DataFrame:
    """Return days put together: start, end (midnight UTC, `end` exclusive), label, visits, compared, observed, days.

    `compared` is missing unless every open day of the period has a number to compare with.
    """
    lacking = days["compared"].isna()
    parts = days.assign(
        period=[_start(day, step) for day in days["day"]], lacking=lacking, broken=lacking & (days["visits"] > 0)
    ).groupby("period", sort=True)
    sums = parts[["visits", "compared", "open_s", "observed_open_s"]].sum()
    firsts, lasts = parts["day"].min(), parts["day"].max()
    missing = parts["broken"].any() | parts["lacking"].all()
    observed = (sums["observed_open_s"] / sums["open_s"].where(sums["open_s"] > 0)).clip(upper=1.0)
    spans = list(zip(sums.index, firsts, lasts, strict=True))
    return pd.DataFrame(
        {
            "start": pd.to_datetime(firsts.to_list(), utc=True),
            "end": pd.to_datetime(lasts.to_list(), utc=True) + pd.Timedelta(days=1),
            "label": [_label(start, first, last, step) for start, first, last in spans],
            "visits": sums["visits"].to_numpy("int64"),
            "compared": sums["compared"].where(~missing).to_numpy("float64"),
            "observed": observed.to_numpy("float64"),
            "days": parts.size().to_numpy("int64"),
        }
    )


def _start(day: date, step: Step) -> date:
    if step == "Week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "Month" else day


def _label(start: date, first: date, last: date, step: Step) -> str:
    if step == "Day":
        return f"{short_day(first)} {first.year}"
    if step == "Week":
        return f"Week {first.isocalendar().week}, {day_range(first, last)}"
    return f"{first:%B %Y}" if first.day == 1 and (last + timedelta(days=1)).day == 1 else day_range(first, last)
