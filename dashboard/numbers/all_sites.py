"""All sites side by side: who came in, how that compares, how complete it is, what needs a look.

A handful of questions to the database, however many sites there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from analytics.completeness import is_complete, observed_share
from dashboard.accounts.person import Person
from dashboard.numbers.basis import enough_observed
from dashboard.numbers.day import seen_until
from dashboard.numbers.ground import ground
from dashboard.numbers.kept import kept
from dashboard.numbers.reading import TODAY_KEPT_S, Site, visible_sites
from dashboard.numbers.reasons import PICTURE_WORDS
from dashboard.wording import listing
from db.reading.arrivals import arrivals
from db.reading.attention import RECENT, sight, unended_audits
from db.reading.observation import observation
from db.reading.selection import Selection
from db.session import reading
from footfall.local_time import hour_of

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
ANSWERS = 20
Key = tuple[str, date]
Seconds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Span:
    """Who came in within a span, and within its counterpart a week before; None where nobody watched.

    `change` is relative; None where there is nothing to compare with, or too little was observed on either side, which
    `why_not` says.
    """

    came_in: int | None
    before: int | None
    observed: float | None
    change: float | None
    why_not: str


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One site: today up to `until` (the last whole hour, empty before the first), yesterday, the seven days before
    today, and what needs a look in words.
    """

    name: str
    label: str
    until: str
    so_far: int | None
    today: Span
    yesterday: Span
    week: Span
    looks: tuple[str, ...]


def all_sites(person: Person) -> list[SiteLine]:
    """Return a line for each site that `person` may see, what needs a look first, then by footfall."""
    now = ground().clock()
    with_staff, bucket = ground().config.reid.staff_in_visits, int(now.timestamp() // TODAY_KEPT_S)
    lines = _lines(person.sites, with_staff, bucket, str(ground().engine.url), _person=person)
    return sorted(lines, key=lambda line: (-len(line.looks), -(line.week.came_in or 0), line.label))


@kept(ANSWERS, TODAY_KEPT_S)
def _lines(names: tuple[str, ...], with_staff: bool, bucket: int, database: str, *, _person: Person) -> list[SiteLine]:
    del names, bucket, database  # parts of the cache's key only
    sites, now = visible_sites(_person), ground().clock()
    if not sites:
        return []
    with reading(ground().engine) as connection:
        counts = _Counts(connection, sites, with_staff)
        blind = _blind(connection, sites, now)
        audits = unended_audits(connection, [site.name for site in sites], now)
    return [_line(site, counts, blind.get(site.name, []), audits.get(site.name, 0), now) for site in sites]


class _Counts:
    """Who came in and what was observed at all sites, by day and, around today, by hour."""

    def __init__(self, connection: Connection, sites: Sequence[Site], with_staff: bool) -> None:
        names, todays = tuple(site.name for site in sites), [site.today() for site in sites]
        first, last = min(todays), max(todays)
        whole = Selection(first - 2 * WEEK, last, sites=names)
        # Plain dictionaries: thousands of look-ups in frames would take seconds.
        came = arrivals(connection, whole, ("site", "day"), with_staff=with_staff)
        self._came: dict[Key, int] = {(str(site), day): int(number) for site, day, number in _rows(came)}
        watched = observation(connection, whole, ("site", "day"))[["site", "day", "open_s", "observed_open_s"]]
        self._watched: dict[Key, Seconds] = {(str(site), day): (due, seen) for site, day, due, seen in _rows(watched)}
        near = [Selection(first - back, last - back, sites=names) for back in (WEEK, DAY * 0)]
        keys = ("site", "day", "hour_start")
        hours = pd.concat([arrivals(connection, one, keys, with_staff=with_staff) for one in near], ignore_index=True)
        seconds = [*keys, "open_s", "observed_open_s"]
        seen = pd.concat([observation(connection, one, keys)[seconds] for one in near], ignore_index=True)
        self._hours = {str(site): rows for site, rows in hours.groupby("site")}
        self._watched_hours = {str(site): rows for site, rows in seen.groupby("site")}
        self._no_hours, self._nothing_watched = hours.iloc[:0], seen.iloc[:0]

    def days(self, site: Site, days: Sequence[date]) -> tuple[int, float | None]:
        """Return who came in on these days, and the share of their opening time that was observed."""
        seconds = [self._watched.get((site.name, day), (0.0, 0.0)) for day in days]
        came = sum(self._came.get((site.name, day), 0) for day in days)
        return came, observed_share(sum(seen for _, seen in seconds), sum(due for due, _ in seconds))

    def incomplete(self, site: Site, days: Sequence[date]) -> list[date]:
        """Return those of `days` that were not fully observed."""
        return [day for day in days if not is_complete(self.days(site, [day])[1])]

    def until(self, site: Site, day: date, clocks: frozenset[str], moment: datetime) -> tuple[int, float | None]:
        """Return the same of those hours of `day` whose clock label is in `clocks`, cut at `moment`."""
        starts = [hour.start for hour in site.hours(day) if hour.label in clocks]
        hours = self._hours.get(site.name, self._no_hours)
        rows = self._watched_hours.get(site.name, self._nothing_watched)
        mine, watched = hours[hours["hour_start"].isin(starts)], rows[rows["hour_start"].isin(starts)]
        seen = seen_until(watched, site.opening(day), moment) if len(watched) else watched
        share = observed_share(float(seen["observed_open_s"].sum()), float(seen["open_s"].sum()))
        return int(mine["arrivals"].sum()), share


def _rows(frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    return frame.itertuples(index=False, name=None)


def _line(site: Site, counts: _Counts, blind: list[str], audits: int, now: datetime) -> SiteLine:
    today = site.today()
    week = [today - DAY * number for number in range(7, 0, -1)]
    whole = frozenset(hour.label for hour in site.hours(today) if hour.end <= now)
    every = frozenset(hour.label for hour in site.hours(today))
    so_far, watched = counts.until(site, today, every, now)
    incomplete = counts.incomplete(site, week)
    looks = list(blind)
    if incomplete:
        looks.append(_incomplete(incomplete))
    if audits:
        looks.append("1 count by hand never ended" if audits == 1 else f"{audits} counts by hand never ended")
    return SiteLine(
        name=site.name,
        label=site.label,
        until=hour_of(now, site.zone).label[:5] if whole else "",
        so_far=so_far if so_far or watched else None,
        today=_span(counts.until(site, today, whole, now), counts.until(site, today - WEEK, whole, now)),
        yesterday=_span(counts.days(site, [today - DAY]), counts.days(site, [today - DAY - WEEK])),
        week=_span(counts.days(site, week), counts.days(site, [day - WEEK for day in week])),
        looks=tuple(looks),
    )


def _span(now: tuple[int, float | None], before: tuple[int, float | None]) -> Span:
    (came, share), (came_before, share_before) = now, before
    told = came if came or share else None
    told_before = came_before if came_before or share_before else None
    why_not = ""
    if not told_before:
        why_not = "nothing to compare with"
    elif told is None or not enough_observed(share, share_before):
        why_not = "too little observed to compare"
    change = None if why_not or told is None else (came - came_before) / came_before
    return Span(told, told_before, share, change, why_not)


def _blind(connection: Connection, sites: Sequence[Site], now: datetime) -> dict[str, list[str]]:
    """Return in words which cameras of sites that are open now see nothing."""
    open_sites = {site.name: site for site in sites if _is_open(site, now)}
    found: dict[str, list[str]] = {}
    for day in sorted({site.today() for site in open_sites.values()}):
        names = [name for name, site in open_sites.items() if site.today() == day]
        for row in sight(connection, names, day, now).to_dict("records"):
            picture = None if pd.isna(row["picture"]) else str(row["picture"])
            if picture != "ok":
                told = "nothing has arrived" if picture is None else PICTURE_WORDS.get(picture, picture)
                found.setdefault(str(row["site"]), []).append(f"{row['label']}: {told}")
    return found


def _is_open(site: Site, now: datetime) -> bool:
    """Return whether the site is open, and was for as long as a camera needs to be heard of."""
    return any(start <= now - RECENT and now < end for start, end in site.opening(site.today()))


def _incomplete(days: Sequence[date]) -> str:
    if len(days) > 3:
        return f"{len(days)} of 7 days not fully observed"
    return f"{listing([f'{day:%a}' for day in days])} not fully observed"
