"""Days put together to weeks and months, beside the days they are compared with; pure functions on frames."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import pandas as pd

from dashboard.numbers.basis import TOO_LITTLE, Basis, enough_observed
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
    days: list[date], counts: pd.DataFrame, observation: pd.DataFrame, compared: dict[date, tuple[date, ...] | None]
) -> pd.DataFrame:
    """Return one row a day: day, came_in, visits (passages, whichever way), open_s, observed_open_s, compared (who came
    in on the other days, NaN where there is no such number), comparable (whether enough of both was observed).

    Args:
        days: the days of the range.
        counts: came_in and visits by day (its index), of the range and of the days it is compared with.
        observation: open_s, observed_open_s by day (its index), of both.
        compared: the days that each day is compared with; none of them is nobody.
    """
    seconds = observation.reindex(days).fillna(0.0)
    known: dict[object, int] = counts["came_in"].to_dict()
    passages: dict[object, int] = counts["visits"].to_dict()
    shares: dict[object, float] = (observation["observed_open_s"] / observation["open_s"]).to_dict()
    unknown = float("nan")
    frame = pd.DataFrame(
        {
            "day": days,
            "came_in": [int(known.get(day, 0)) for day in days],
            "visits": [int(passages.get(day, 0)) for day in days],
            "open_s": seconds["open_s"].to_numpy("float64"),
            "observed_open_s": seconds["observed_open_s"].to_numpy("float64"),
            "compared": [
                unknown if others is None else float(sum(known.get(other, unknown) for other in others))
                for others in map(compared.get, days)
            ],
        }
    )
    watched = [enough_observed(*(shares.get(one) for one in (day, *(compared.get(day) or ())))) for day in days]
    return frame.assign(comparable=frame["compared"].notna() & pd.Series(watched, frame.index, "bool"))


def basis_of(days: pd.DataFrame) -> Basis:
    """Return what a comparison of these rows of `days_frame` rests on; without any row that is nothing."""
    return _bases(days.assign(period=0))[0] if len(days) else Basis(0.0, 0.0, 0, 0)


def change_words(basis: Basis) -> str:
    """Return the change for a table: '+4%', with the days it rests on where some are missing, or why there is none."""
    if not basis.compared:
        return "–"
    change = basis.change or "–" if basis.is_enough else TOO_LITTLE
    return change if basis.compared == basis.days else f"{change} ({basis.compared} of {basis.days} days)"


def periods_frame(days: pd.DataFrame, step: Step) -> pd.DataFrame:
    """Return days put together: start, end (midnight UTC, `end` exclusive), label, came_in, visits, compared, observed,
    days, change (words).

    `compared` is missing unless every open day of the period has a number to compare with.
    """
    lacking = days["compared"].isna()
    days = days.assign(
        period=[_start(day, step) for day in days["day"]], lacking=lacking, broken=lacking & (days["visits"] > 0)
    )
    parts = days.groupby("period", sort=True)
    sums = parts[["came_in", "visits", "compared", "open_s", "observed_open_s"]].sum()
    firsts, lasts = parts["day"].min(), parts["day"].max()
    missing = parts["broken"].any() | parts["lacking"].all()
    observed = (sums["observed_open_s"] / sums["open_s"].where(sums["open_s"] > 0)).clip(upper=1.0)
    spans = list(zip(sums.index, firsts, lasts, strict=True))
    return pd.DataFrame(
        {
            "start": pd.to_datetime(firsts.to_list(), utc=True),
            "end": pd.to_datetime(lasts.to_list(), utc=True) + pd.Timedelta(days=1),
            "label": [_label(start, first, last, step) for start, first, last in spans],
            "came_in": sums["came_in"].to_numpy("int64"),
            "visits": sums["visits"].to_numpy("int64"),
            "compared": sums["compared"].where(~missing).to_numpy("float64"),
            "observed": observed.to_numpy("float64"),
            "days": parts.size().to_numpy("int64"),
            "change": [change_words(basis) for basis in _bases(days)],
        }
    )


def _bases(days: pd.DataFrame) -> list[Basis]:
    """Return what the comparison of each `period` of the days rests on, in order."""
    counting = days["comparable"] | (days["open_s"] > 0) | (days["visits"] > 0)
    sums = pd.DataFrame(
        {
            "now": days["came_in"].where(days["comparable"], 0),
            "before": days["compared"].where(days["comparable"], 0.0),
            "compared": days["comparable"].astype("int64"),
            "days": counting.astype("int64"),
        }
    )
    sums = sums.groupby(days["period"], sort=True).sum()
    return [Basis(*row) for row in sums.itertuples(index=False, name=None)]


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
