"""Who came in by weekday and hour of the day."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from analytics.completeness import COMPLETE_SHARE
from dashboard.numbers.came_in import CAME_IN, came_in
from dashboard.numbers.ground import ground
from dashboard.numbers.reading import Reader


def weekday_hours(reader: Reader, first_day: date, last_day: date) -> tuple[pd.DataFrame, list[str]]:
    """Return weekday, hour, came_in (mean of the fully observed hours, NaN without any), observed; and the hours.

    Only hours with opening time, or in which somebody came in, are there.
    """
    site, now = reader.site, ground().clock()
    rows = [
        (pd.Timestamp(hour.start), day.weekday(), hour.label[:5])
        for day in (first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1))
        for hour in site.hours(day)
        if hour.end <= now
    ]
    frame = pd.DataFrame(rows, columns=["hour_start", "weekday", "hour"])
    came = came_in(reader, first_day, last_day, ("hour_start",)).set_index("hour_start")[CAME_IN]
    seconds = reader.observation(first_day, last_day, ("hour_start",)).set_index("hour_start")
    frame[CAME_IN] = frame["hour_start"].map(came).fillna(0).astype("float64")
    for name in ("open_s", "observed_open_s"):
        frame[name] = frame["hour_start"].map(seconds[name]).fillna(0.0).astype("float64")
    frame = frame[(frame["open_s"] > 0) | (frame[CAME_IN] > 0)]
    complete = frame["observed_open_s"] >= COMPLETE_SHARE * frame["open_s"]
    sums = frame.groupby(["weekday", "hour"], as_index=False)[["open_s", "observed_open_s"]].sum()
    means = frame[complete].groupby(["weekday", "hour"], as_index=False)[CAME_IN].mean()
    cells = sums.merge(means, on=["weekday", "hour"], how="left")
    observed = (cells["observed_open_s"] / cells["open_s"].where(cells["open_s"] > 0)).clip(upper=1.0)
    return cells.assign(observed=observed)[["weekday", "hour", CAME_IN, "observed"]], sorted(cells["hour"].unique())
