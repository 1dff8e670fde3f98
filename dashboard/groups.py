"""Visits by gender and age group over a range of days, with small counts hidden where the settings ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from analytics.demographics import group_labels, shown_totals
from dashboard.reading import Reader
from dashboard.wiring import wired
from footfall.local_time import overlap_s

GROUP = ["gender", "age_group"]


@dataclass(frozen=True, slots=True)
class DayFilter:
    """Local days from `first_day` to `last_day` that fall on `weekdays` (0 Monday), all hours or only opening hours."""

    first_day: date
    last_day: date
    weekdays: frozenset[int]
    open_only: bool

    def days(self) -> list[date]:
        """Return the days."""
        count = (self.last_day - self.first_day).days + 1
        days = (self.first_day + timedelta(days=number) for number in range(count))
        return [day for day in days if day.weekday() in self.weekdays]

    def before(self) -> DayFilter:
        """Return the filter of the same length right before, on whole weeks so that weekdays match."""
        weeks = -(-((self.last_day - self.first_day).days + 1) // 7)
        shift = timedelta(weeks=weeks)
        return DayFilter(self.first_day - shift, self.last_day - shift, self.weekdays, self.open_only)


@dataclass(frozen=True, slots=True)
class GroupVisits:
    """Visits of a filter.

    `by_group`: gender, age_group, visits (sum of what may be shown), hidden (whether some of it may not).
    `by_hour`: hour ("09:00"), age_group, visits, hidden, observed (share of the opening time in [0, 1] or NaN).
    `labels`: age groups, youngest first, "unknown" last. `total` counts every visit, hidden groups
    included, on `days` days with visits.
    """

    by_group: pd.DataFrame
    by_hour: pd.DataFrame
    labels: tuple[str, ...]
    hours: list[str]
    total: int
    days: int

    @property
    def anything_hidden(self) -> bool:
        """Whether a count was too small to be shown."""
        return bool(self.by_group["hidden"].any() or self.by_hour["hidden"].any())


def group_visits(reader: Reader, chosen: DayFilter, *, with_hours: bool = True) -> GroupVisits:
    """Return the visits of the days and hours that `chosen` lets through; `by_hour` stays empty unless asked for."""
    settings = wired().config.report
    clock, open_starts = _clock(reader, chosen)
    hours = _hour_cells(reader, chosen, settings.small_cell) if with_hours or chosen.open_only else _no_cells()
    hours = hours[hours["hour_start"].isin(list(clock))]
    if chosen.open_only:
        hours = hours[hours["hour_start"].isin(open_starts)]
    days = hours if chosen.open_only else _day_cells(reader, chosen, settings.small_cell)
    labels = group_labels(days, settings.age_group_starts)
    every_group = pd.MultiIndex.from_product([["female", "male", "unknown"], labels], names=GROUP)
    by_group = shown_totals(days, GROUP).set_index(GROUP).reindex(every_group).reset_index()
    by_hour = _filled(shown_totals(hours.assign(hour=hours["hour_start"].map(clock)), ["hour", "age_group"]))
    if with_hours:
        by_hour = by_hour.merge(_observed(reader, chosen, clock), on="hour", how="left")
    return GroupVisits(
        by_group=_filled(by_group),
        by_hour=by_hour,
        labels=labels,
        hours=sorted(by_hour["hour"].unique()),
        total=_total(reader, chosen, open_starts),
        days=int(days["day"].nunique()),
    )


def _no_cells() -> pd.DataFrame:
    columns = ["day", "hour_start", *GROUP, "visits"]
    return pd.DataFrame(columns=columns).astype({"visits": "Int64", "hour_start": "datetime64[us, UTC]"})


def _clock(reader: Reader, chosen: DayFilter) -> tuple[dict[pd.Timestamp, str], set[pd.Timestamp]]:
    """Return what the clock shows at each hour's start, and the starts of the hours with opening time."""
    clock: dict[pd.Timestamp, str] = {}
    open_starts: set[pd.Timestamp] = set()
    for day in chosen.days():
        opening = reader.site.opening(day)
        for hour in reader.site.hours(day):
            clock[pd.Timestamp(hour.start)] = hour.label[:5]
            if overlap_s(hour.start, hour.end, opening) > 0:
                open_starts.add(pd.Timestamp(hour.start))
    return clock, open_starts


def _hour_cells(reader: Reader, chosen: DayFilter, small_cell: int) -> pd.DataFrame:
    if small_cell > 1:
        cells = _released(reader, chosen)
        return cells[cells["hour_start"].notna()]
    by = ("day", "hour_start", *GROUP) if chosen.open_only else ("day", "hour_start", "age_group")
    cells = reader.hourly(chosen.first_day, chosen.last_day, by)
    return cells.astype({"visits": "Int64"})


def _day_cells(reader: Reader, chosen: DayFilter, small_cell: int) -> pd.DataFrame:
    if small_cell > 1:
        cells = _released(reader, chosen)
        return cells[cells["hour_start"].isna()]
    cells = reader.daily(chosen.first_day, chosen.last_day, ("day", *GROUP))
    return cells[cells["day"].isin(chosen.days())].astype({"visits": "Int64"})


def _released(reader: Reader, chosen: DayFilter) -> pd.DataFrame:
    parts = [reader.released(day) for day in chosen.days()]
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else reader.released(chosen.last_day)


def _total(reader: Reader, chosen: DayFilter, open_starts: set[pd.Timestamp]) -> int:
    if chosen.open_only:
        rows = reader.hourly(chosen.first_day, chosen.last_day, ("hour_start",))
        return int(rows.loc[rows["hour_start"].isin(open_starts), "visits"].sum())
    rows = reader.daily(chosen.first_day, chosen.last_day, ("day",))
    return int(rows.loc[rows["day"].isin(chosen.days()), "visits"].sum())


def _observed(reader: Reader, chosen: DayFilter, clock: dict[pd.Timestamp, str]) -> pd.DataFrame:
    now = wired().clock()
    rows = reader.observation(chosen.first_day, chosen.last_day, ("hour_start",))
    rows = rows[rows["hour_start"].isin(list(clock)) & (rows["hour_start"] + pd.Timedelta(hours=1) <= now)]
    sums = rows.assign(hour=rows["hour_start"].map(clock)).groupby("hour")[["open_s", "observed_open_s"]].sum()
    sums = sums[sums["open_s"] > 0]
    observed = (sums["observed_open_s"] / sums["open_s"]).clip(upper=1.0)
    return pd.DataFrame({"hour": observed.index.astype("str"), "observed": observed.to_numpy("float64")})


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    visits = frame["visits"].fillna(0).astype("int64")
    return frame.assign(visits=visits, hidden=frame["hidden"].astype("boolean").fillna(False).astype(bool))
