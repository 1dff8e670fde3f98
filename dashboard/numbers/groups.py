"""Visits by gender and age group over a range of days, with small counts hidden where the settings ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.age_groups import age_group_labels, age_group_order
from analytics.suppression import Mask
from dashboard.numbers.ground import ground
from dashboard.numbers.group_days import GroupDays
from dashboard.numbers.reading import Reader
from footfall.local_time import overlap_s

HOUR_COLUMNS = ["hour", "age_group", "visits", "hidden", "observed"]


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


@dataclass(frozen=True, slots=True)
class _Clock:
    """The hours of the chosen days: clock label by UTC start, and the labels with opening time.

    `labels` (rows, hours) and `chosen` bool of the same shape describe the rows of some GroupDays: what the clock
    showed ("" for an hour that the day does not have), and whether the filter lets the hour through.
    """

    by_start: dict[pd.Timestamp, str]
    open_labels: set[str]
    labels: np.ndarray[tuple[int, int], np.dtype[np.str_]]
    chosen: Mask


def group_visits(reader: Reader, chosen: DayFilter, *, with_hours: bool = True) -> GroupVisits:
    """Return the visits of the days and hours that `chosen` lets through; `by_hour` stays empty unless asked for."""
    cells = reader.group_days(chosen.first_day, chosen.last_day)
    clock = _clock(reader, chosen, cells)
    rows = _rows(reader, chosen, cells)
    hours = clock.chosen & rows[:, np.newaxis]
    if chosen.open_only:
        visits, hidden = cells.hours[hours].sum(axis=0), cells.hours_hidden[hours].any(axis=0)
    else:
        visits, hidden = cells.sums[rows].sum(axis=0), cells.sums_hidden[rows].any(axis=0)
    by_group = pd.DataFrame(
        {"gender": cells.genders, "age_group": cells.ages, "visits": visits, "hidden": hidden}
    ).astype({"gender": "str", "age_group": "str"})
    labels = _labels(by_group)
    by_hour = pd.DataFrame(columns=HOUR_COLUMNS).astype({"hidden": "bool", "visits": "int64"})
    if with_hours:
        by_hour = _by_hour(cells, clock, hours, labels).merge(_observed(reader, chosen, clock), on="hour", how="left")
    totals = np.where(hours, cells.totals, 0)
    return GroupVisits(
        by_group=by_group[by_group["age_group"].isin(labels)].reset_index(drop=True),
        by_hour=by_hour,
        labels=labels,
        hours=sorted(by_hour["hour"].unique()),
        total=int(totals.sum()),
        days=len({day for day, visits in zip(cells.days, totals.sum(axis=1), strict=True) if visits}),
    )


def _rows(reader: Reader, chosen: DayFilter, cells: GroupDays) -> Mask:
    """Return which cameras and days the filter lets through."""
    rows = np.array([day.weekday() in chosen.weekdays for day in cells.days], bool)
    return rows if reader.entrances is None else rows & np.isin(cells.entrances, reader.entrances)


def _clock(reader: Reader, chosen: DayFilter, cells: GroupDays) -> _Clock:
    by_start: dict[pd.Timestamp, str] = {}
    open_labels: set[str] = set()
    width = cells.totals.shape[1]
    by_day: dict[date, tuple[list[str], list[bool]]] = {}
    for day in chosen.days():
        opening, hours = reader.site.opening(day), reader.site.hours(day)
        labels = [hour.label[:5] for hour in hours]
        is_open = [overlap_s(hour.start, hour.end, opening) > 0 for hour in hours]
        by_start |= {pd.Timestamp(hour.start): label for hour, label in zip(hours, labels, strict=True)}
        open_labels |= {label for label, opened in zip(labels, is_open, strict=True) if opened}
        missing = width - len(hours)
        let_through = is_open if chosen.open_only else [True] * len(hours)
        by_day[day] = labels + [""] * missing, let_through + [False] * missing
    nothing = [""] * width, [False] * width
    parts = [by_day.get(day, nothing) for day in cells.days]
    return _Clock(
        by_start=by_start,
        open_labels=open_labels,
        labels=np.array([names for names, _ in parts], dtype="U5").reshape(len(parts), width),
        chosen=np.array([let for _, let in parts], dtype=bool).reshape(len(parts), width),
    )


def _labels(by_group: pd.DataFrame) -> tuple[str, ...]:
    """Return the configured age groups, and those of earlier settings that have visits here."""
    found = set(by_group.loc[(by_group["visits"] > 0) | by_group["hidden"], "age_group"])
    return tuple(sorted(found | set(age_group_labels(ground().config.report.age_group_starts)), key=age_group_order))


def _by_hour(cells: GroupDays, clock: _Clock, hours: Mask, ages: tuple[str, ...]) -> pd.DataFrame:
    """Return hour, age_group, visits, hidden for every hour with opening time or visits, and every age group."""
    visited = set(clock.labels[hours & (cells.totals > 0)])
    members = [cells.ages == age for age in ages]
    parts = []
    for label in sorted(clock.open_labels | visited):
        wanted = hours & (clock.labels == label)
        visits, hidden = cells.hours[wanted].sum(axis=0), cells.hours_hidden[wanted].any(axis=0)
        parts.append(
            pd.DataFrame(
                {
                    "hour": label,
                    "age_group": list(ages),
                    "visits": [int(visits[member].sum()) for member in members],
                    "hidden": [bool(hidden[member].any()) for member in members],
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=HOUR_COLUMNS[:4])


def _observed(reader: Reader, chosen: DayFilter, clock: _Clock) -> pd.DataFrame:
    now = ground().clock()
    rows = reader.observation(chosen.first_day, chosen.last_day, ("hour_start",))
    rows = rows[rows["hour_start"].isin(list(clock.by_start)) & (rows["hour_start"] + pd.Timedelta(hours=1) <= now)]
    sums = rows.assign(hour=rows["hour_start"].map(clock.by_start)).groupby("hour")[["open_s", "observed_open_s"]].sum()
    sums = sums[sums["open_s"] > 0]
    observed = (sums["observed_open_s"] / sums["open_s"]).clip(upper=1.0)
    return pd.DataFrame({"hour": observed.index.astype("str"), "observed": observed.to_numpy("float64")})
