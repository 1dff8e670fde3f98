"""One local day hour by hour, beside the day it is compared with; pure functions on frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from footfall.local_time import Interval, LocalHour, overlap_s


@dataclass(frozen=True, slots=True)
class DayTotals:
    """The sums of a day, or of its part until some hour.

    `came_in` is the footfall (dashboard.numbers.came_in). `visits` are passages, whichever way: `entered` and `left`
    over a line, `unseen` without one. `unknown_share` is the share of visits whose gender or age group is unknown,
    `observed_share` the share of the opening hours that was observed; both None where there is nothing to divide by.
    """

    came_in: int
    visits: int
    entered: int
    left: int
    unseen: int
    unknown_share: float | None
    observed_share: float | None


def day_totals(visits: pd.DataFrame, observation: pd.DataFrame) -> DayTotals:
    """Return the sums of rollup rows.

    Args:
        visits: `direction`, `gender`, `age_group`, `visits`, `came_in`.
        observation: `open_s` and `observed_open_s`, one row a camera and hour, a day, or any sum of them.
    """
    total = int(visits["visits"].sum())
    by_direction = visits.groupby("direction")["visits"].sum()
    unknown = visits.loc[(visits["gender"] == "unknown") | (visits["age_group"] == "unknown"), "visits"].sum()
    open_s = float(observation["open_s"].sum())
    return DayTotals(
        came_in=int(visits["came_in"].sum()),
        visits=total,
        entered=int(by_direction.get("in", 0)),
        left=int(by_direction.get("out", 0)),
        unseen=int(by_direction.get("none", 0)),
        unknown_share=float(unknown) / total if total else None,
        observed_share=min(1.0, float(observation["observed_open_s"].sum()) / open_s) if open_s else None,
    )


def hours_frame(
    hours: Sequence[LocalHour],
    now: pd.DataFrame,
    compared_hours: Sequence[LocalHour],
    before: pd.DataFrame,
    unique: pd.Series | None = None,
) -> pd.DataFrame:
    """Return one row a local hour: `start`, `label`, `came_in`, `compared`, `visits`, `observed`, `before_observed`,
    `unique`; `compared` is who came in on the compared day, `visits` are passages, whichever way.

    The hours of both days are matched by what the clock shows, so that an hour that only one of them has (the clock
    was changed) is compared with nothing.

    Args:
        hours: the hours of the day.
        now: the day, as `by_hour` gives it.
        compared_hours: the hours of the compared day.
        before: the compared day, empty when there is nothing to compare with.
        unique: unique visitors who came first in each hour, by hour start; None where they are not told.
    """
    matched = {hour.label: hour.start for hour in compared_hours} if len(before) else {}

    def then(column: str, usual: float) -> pd.Series:
        starts = [matched.get(hour.label) for hour in hours]
        values = [None if start is None else before[column].get(start, usual) for start in starts]
        return pd.Series(values, dtype="float64")

    return pd.DataFrame(
        {
            "start": [hour.start for hour in hours],
            "label": [hour.label for hour in hours],
            "came_in": [int(now["came_in"].get(hour.start, 0)) for hour in hours],
            "compared": then("came_in", 0.0),
            "visits": [int(now["visits"].get(hour.start, 0)) for hour in hours],
            "observed": pd.Series([now["observed"].get(hour.start) for hour in hours], dtype="float64"),
            "before_observed": then("observed", float("nan")),
            "unique": pd.Series(
                [None if unique is None else unique.get(hour.start) for hour in hours], dtype="float64"
            ),
        }
    )


def busy_part(hours: pd.DataFrame, opening: Sequence[Interval], spans: Sequence[LocalHour]) -> pd.DataFrame:
    """Return the rows worth drawing: the opening hours, one hour around them, and every hour with visits."""
    hours = hours.copy()
    open_hours = [overlap_s(hour.start, hour.end, opening) > 0 for hour in spans]
    closed = ~pd.Series(open_hours, index=hours.index, dtype=bool)
    # Nobody expects visitors of a closed hour; a mark at zero would look like a count.
    hours.loc[closed & (hours["compared"] == 0), "compared"] = None
    wanted = ~closed | (hours["visits"] > 0) | (hours["compared"] > 0)
    positions = [position for position, is_wanted in enumerate(wanted) if is_wanted]
    if not positions:
        return hours
    return hours.iloc[max(0, positions[0] - 1) : positions[-1] + 2].reset_index(drop=True)


def seen_until(hours: pd.DataFrame, opening: Sequence[Interval], now: datetime) -> pd.DataFrame:
    """Return the observation of a day that is not over: hours to come dropped, the present one cut at `now`.

    Args:
        hours: `hour_start`, `open_s`, one row a camera and hour.
        opening: when the site is open on that day.
        now: the present moment.
    """
    past = hours[hours["hour_start"] < now]
    starts: list[datetime] = list(past["hour_start"])
    hour = timedelta(hours=1)
    open_s = [
        seconds if start <= now - hour else min(seconds, overlap_s(start, now, opening))
        for start, seconds in zip(starts, past["open_s"], strict=True)
    ]
    return past.assign(open_s=pd.Series(open_s, past.index, "float64"))


def by_hour(visits: pd.DataFrame, observation: pd.DataFrame) -> pd.DataFrame:
    """Return `came_in`, `visits` and `observed` (share of the expected time, NaN without any) by hour start (index)."""
    sums = visits.groupby("hour_start")[["came_in", "visits"]].sum()
    both = sums.join(observed_by_hour(observation).rename("observed"), how="outer")
    return both.fillna({"came_in": 0, "visits": 0})


def observed_by_hour(observation: pd.DataFrame) -> pd.Series:
    """Return the observed share of each hour's opening time, by hour start; hours outside it are left out."""
    sums = observation.groupby("hour_start")[["open_s", "observed_open_s"]].sum()
    sums = sums[sums["open_s"] > 0]
    return (sums["observed_open_s"] / sums["open_s"]).clip(upper=1.0)
