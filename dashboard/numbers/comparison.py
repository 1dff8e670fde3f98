"""A day beside the same weekday a week before, as far as both can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from dashboard.numbers.basis import enough_observed
from dashboard.numbers.came_in import entrances_without_line, with_came_in
from dashboard.numbers.day import DayTotals, by_hour, day_totals, hours_frame, seen_until
from dashboard.numbers.reading import Reader, Site
from dashboard.numbers.unique import DayPeople, people_of_day
from footfall.local_time import LocalHour, hour_of

WEEK = timedelta(days=7)
CELLS = ("hour_start", "entrance", "camera", "day", "direction", "gender", "age_group")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One day and the one it is compared with.

    `totals` are the day's own, up to now when it still runs. `basis` and `before` cover the same clock hours of both
    days (only whole hours of a day that still runs), so that their difference means something; both are None when
    the other day has no data. `until` is the clock label up to which they go, empty for a whole day. `people` are the
    unique visitors of the day, `unique_basis` and `unique_before` those within `basis` and `before`, None where they
    are not told. `enough` says whether enough of both was observed for a percentage. `visits` has the columns CELLS,
    `visits` and `came_in`; at the entrances `without_line` people going out are in `came_in`.
    """

    day: date
    before_day: date
    so_far: bool
    visits: pd.DataFrame
    hours: pd.DataFrame
    totals: DayTotals
    basis: DayTotals | None
    before: DayTotals | None
    until: str
    people: DayPeople
    unique_basis: int | None
    unique_before: int | None
    enough: bool
    without_line: tuple[str, ...]

    @property
    def pair(self) -> tuple[DayTotals, DayTotals] | None:
        """The same part of both days, None where there is no number of the other one."""
        return None if self.basis is None or self.before is None else (self.basis, self.before)


def compare_day(reader: Reader, day: date, now: datetime) -> Comparison:
    """Read `day` and the same weekday a week before."""
    site, before_day = reader.site, day - WEEK
    so_far = day == site.today()
    visits, observation = _rows(reader, day)
    before_visits, before_observation = _rows(reader, before_day)
    if so_far:
        observation = seen_until(observation, site.opening(day), now)
    people = people_of_day(reader, day)
    basis = before = unique_basis = unique_before = None
    until = ""
    if len(before_visits):
        whole = _whole_hours(site, day, now) if so_far else {hour.label for hour in site.hours(day)}
        until = hour_of(now, site.zone).label[:5] if so_far else ""
        basis = _totals_within(visits, observation, site.hours(day), whole)
        shared = whole if so_far else {hour.label for hour in site.hours(before_day)}
        before = _totals_within(before_visits, before_observation, site.hours(before_day), shared)
        unique_basis = people.within(_starts(site.hours(day), whole))
        unique_before = people_of_day(reader, before_day).within(_starts(site.hours(before_day), shared))
    return Comparison(
        day=day,
        before_day=before_day,
        so_far=so_far,
        visits=visits,
        hours=hours_frame(
            site.hours(day),
            by_hour(visits, observation),
            site.hours(before_day),
            by_hour(before_visits, before_observation) if len(before_visits) else before_visits,
            people.by("hour_start", [hour.start for hour in site.hours(day)]),
        ),
        totals=day_totals(visits, observation),
        basis=basis,
        before=before,
        until=until,
        people=people,
        unique_basis=unique_basis,
        unique_before=unique_before,
        enough=basis is not None
        and before is not None
        and enough_observed(basis.observed_share, before.observed_share),
        without_line=tuple(entrances_without_line(visits)),
    )


def _rows(reader: Reader, day: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    return with_came_in(reader.hourly(day, day, CELLS)), reader.observation(day, day, ("camera", "hour_start"))


def _whole_hours(site: Site, day: date, now: datetime) -> set[str]:
    return {hour.label for hour in site.hours(day) if hour.end <= now}


def _totals_within(
    visits: pd.DataFrame, observation: pd.DataFrame, hours: tuple[LocalHour, ...], labels: set[str]
) -> DayTotals:
    starts = _starts(hours, labels)
    return day_totals(visits[visits["hour_start"].isin(starts)], observation[observation["hour_start"].isin(starts)])


def _starts(hours: tuple[LocalHour, ...], labels: set[str]) -> list[datetime]:
    return [hour.start for hour in hours if hour.label in labels]
