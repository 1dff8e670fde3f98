"""Who came in, went out or was only seen, by day and by hour, beside how much of it was observed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd

from analytics.completeness import is_complete, observed_share
from dashboard.numbers.came_in import with_came_in
from dashboard.numbers.day import seen_until
from dashboard.numbers.ground import ground
from dashboard.numbers.reading import Reader
from db.reading.arrivals import crosses_a_line
from footfall.local_time import LocalHour
from footfall.types import Direction

COUNTS = ["visits", "came_in", "went_out", "unseen"]
SECONDS = ["open_s", "observed_open_s", "observed_s"]


def passages(reader: Reader, first_day: date, last_day: date, by: Sequence[str]) -> pd.DataFrame:
    """Return `by` (of day, hour_start, entrance, camera), COUNTS (int64) and directed (bool), one row a value of `by`.

    `visits` are all, `came_in` is footfall (db.reading.arrivals), `unseen` were seen crossing no line. Not `directed`
    are rows of which some camera saw nobody cross a line that day: whoever it saw going out is in `came_in`.
    """
    keys = tuple(dict.fromkeys([*by, "camera", "day"]))
    asked = reader.hourly if "hour_start" in by else reader.daily
    rows = asked(first_day, last_day, (*keys, "direction"))
    rows = with_came_in(rows).assign(
        went_out=rows["visits"].where(rows["direction"] == Direction.OUT.value, 0),
        unseen=rows["visits"].where(rows["direction"] == Direction.NONE.value, 0),
        directed=crosses_a_line(rows),
    )
    how = dict.fromkeys(COUNTS, "sum") | {"directed": "all"}
    return rows.groupby(list(by), sort=True).agg(how).reset_index().astype(dict.fromkeys(COUNTS, "int64"))


def day_numbers(reader: Reader, days: Sequence[date]) -> pd.DataFrame:
    """Return COUNTS, directed, observed_share and complete of `days` (its index; one after the other, up to today).

    Counts are missing (Int64) where nobody watched, since nobody counted is not a count of nobody. A day that still
    runs is observed up to now, and not complete.
    """
    if not days:
        return _finished(pd.DataFrame(columns=[*COUNTS, "directed", *SECONDS]))
    counts = passages(reader, days[0], days[-1], ("day",)).set_index("day")
    seen = watched(reader, days).groupby("day")[SECONDS].sum()
    running = days[-1] if days[-1] == reader.site.today() else None
    return _finished(counts.reindex(list(days)).join(seen), running)


def watched(reader: Reader, days: Sequence[date]) -> pd.DataFrame:
    """Return day, camera, entrance and SECONDS of `days` (one after the other, up to today), of today up to now."""
    by = ["day", "camera", "entrance"]
    today = reader.site.today()
    seen = reader.observation(days[0], days[-1], tuple(by))
    if days[-1] == today:
        running = reader.observation(today, today, (*by, "hour_start"))
        so_far = seen_until(running, reader.site.opening(today), ground().clock())
        seen = pd.concat([seen[seen["day"] != today], so_far.groupby(by, as_index=False)[SECONDS].sum()])
    return seen[[*by, *SECONDS]].reset_index(drop=True)


def hour_numbers(reader: Reader, hours: Sequence[LocalHour], days: Sequence[date]) -> pd.DataFrame:
    """Return the same by local hour, the index being its start (aware UTC); `hours`, one or more, lie within `days`."""
    counts = passages(reader, days[0], days[-1], ("hour_start",)).set_index("hour_start")
    now = ground().clock()
    running = hours[-1].start if hours[-1].end > now else None
    seen = reader.observation(days[0], days[-1], ("hour_start",))[["hour_start", *SECONDS]]
    if running is not None:
        present = reader.observation(days[-1], days[-1], ("camera", "hour_start"))
        present = present[present["hour_start"] == running]
        so_far = seen_until(present, reader.site.opening(days[-1]), now)
        so_far = so_far.groupby("hour_start", as_index=False)[SECONDS].sum()
        seen = pd.concat([seen[seen["hour_start"] != running], so_far])
    starts = pd.Index([hour.start for hour in hours], dtype="datetime64[us, UTC]")
    return _finished(counts.reindex(starts).join(seen.set_index("hour_start")), running)


def _finished(rows: pd.DataFrame, running: date | datetime | None = None) -> pd.DataFrame:
    """Turn seconds into shares, and counts of what nobody watched into missing ones."""
    rows = rows.fillna({"open_s": 0.0, "observed_open_s": 0.0, "observed_s": 0.0})
    watched = rows["observed_s"].astype("float64") > 0
    counts = {name: rows[name].astype("Int64").mask(~watched & rows[name].isna()) for name in COUNTS}
    counts = {name: numbers.mask(watched & numbers.isna(), 0) for name, numbers in counts.items()}
    shares = [
        observed_share(seen, opened) for seen, opened in zip(rows["observed_open_s"], rows["open_s"], strict=True)
    ]
    over = rows.index != running if running is not None else [True] * len(rows)
    complete = [is_complete(share) and bool(past) for share, past in zip(shares, over, strict=True)]
    return pd.DataFrame(
        {
            **counts,
            "directed": rows["directed"].astype("boolean").fillna(True).astype(bool),
            "observed_share": pd.Series(shares, rows.index, dtype="float64"),
            "complete": pd.Series(complete, rows.index, dtype="bool"),
        }
    )
