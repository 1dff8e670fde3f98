"""The one way from a page to the database: every question is checked against the person who asks, then cached.

All numbers come from the rollups. A question about past days is kept for two minutes, one that touches today for
fifteen seconds; the check is made every time, also when the answer is already there.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Engine

from dashboard.accounts.person import Person
from dashboard.numbers.ground import ground
from dashboard.numbers.group_days import GroupDays, group_days
from dashboard.numbers.kept import kept
from dashboard.numbers.staff import CELL, sheets_without_staff
from db import events
from db.day_sheets import day_sheets
from db.reading import machines, observation, operation, queries
from db.reading.arrivals import WAYS, added_up
from db.reading.firsts import firsts, parts, without_staff
from db.reading.selection import Selection
from db.session import reading
from db.writing.registry import HoursHistory, hours_on, opening_on
from footfall.local_time import Interval, LocalHour, hours_of_day, local_day
from reid.types import RegisterPart

PAST_KEPT_S = 120
TODAY_KEPT_S = 15
CACHED_ANSWERS = 400
CACHED_GROUPS = 24  # some megabytes each for three months


@dataclass(frozen=True, slots=True)
class Site:
    """A site as pages need it; `opening_hours` has seven texts, Monday first, that hold now, `hours_history` all there
    were; the days are those with visits."""

    name: str
    label: str
    zone: ZoneInfo
    simulated: bool
    opening_hours: tuple[str, ...]
    hours_history: HoursHistory
    first_day: date | None
    last_day: date | None

    def today(self) -> date:
        """Return the site's present local day."""
        return local_day(ground().clock(), self.zone)

    def hours(self, day: date) -> tuple[LocalHour, ...]:
        """Return the local hours of `day`."""
        return hours_of_day(day, self.zone)

    def hours_on(self, day: date) -> tuple[str, ...]:
        """Return the seven opening hours that held on `day`."""
        return hours_on(self.hours_history, day)

    def opening(self, day: date) -> tuple[Interval, ...]:
        """Return when the site is or was open within `day`."""
        return opening_on(self.hours_history, day, self.zone)


@dataclass(frozen=True, slots=True)
class Reader:
    """Answers the questions of one person about one site."""

    person: Person
    site: Site
    entrances: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        self.person.require_site(self.site.name)

    def hourly(self, first_day: date, last_day: date, by: tuple[str, ...]) -> pd.DataFrame:
        """Return visits per local hour (see db.queries), those of staff as the settings ask for."""
        return self._as_set(self._ask("hourly", first_day, last_day, by), first_day, last_day, by)

    def daily(self, first_day: date, last_day: date, by: tuple[str, ...]) -> pd.DataFrame:
        """Return visits per local day (see db.queries), those of staff as the settings ask for."""
        return self._as_set(self._ask("daily", first_day, last_day, by), first_day, last_day, by)

    def firsts(self, first_day: date, last_day: date, by: tuple[str, ...]) -> pd.DataFrame:
        """Return what the register judged, added up (see db.reading.firsts)."""
        return self._ask("firsts", first_day, last_day, by)

    def arrivals(self, first_day: date, last_day: date) -> pd.DataFrame:
        """Return how many came in on each day, judged or not, staff too (see db.reading.arrivals)."""
        return added_up(self._ask("daily", first_day, last_day, WAYS), ("day",))

    def parts(self, first_day: date, last_day: date) -> list[RegisterPart]:
        """Return the parts of the register of these days (see db.reading.firsts)."""
        self.person.require_site(self.site.name)
        engine, bucket = ground().engine, self.bucket(last_day)
        return _parts(self.site.name, first_day, last_day, bucket, str(engine.url), _engine=engine)

    def observation(self, first_day: date, last_day: date, by: tuple[str, ...]) -> pd.DataFrame:
        """Return expected and observed time (see db.observation)."""
        return self._ask("observation", first_day, last_day, by)

    def group_days(self, first_day: date, last_day: date) -> GroupDays:
        """Return what may be shown of the groups of every camera, at all entrances of the site."""
        self.person.require_site(self.site.name)
        engine, settings = ground().engine, ground().config.report
        bucket = self.bucket(last_day)
        staff_in_visits = ground().config.reid.staff_in_visits
        key = (self.site.name, self.site.zone.key, settings.age_group_starts, settings.small_cell, staff_in_visits)
        return _group_days(*key, first_day, last_day, bucket, str(engine.url), _engine=engine)

    def outages(self, first_day: date, last_day: date) -> pd.DataFrame:
        """Return the outages that touch these days, `label` being the camera's (see db.operation)."""
        labels = dict(zip(*(self.cameras()[name] for name in ("camera", "label")), strict=True))
        return self._ask("outages", first_day, last_day, ()).assign(label=lambda rows: rows["camera"].map(labels))

    def timeline(self, day: date) -> pd.DataFrame:
        """Return stretches of one day with the same state of the picture (see db.operation)."""
        return self._ask("timeline", day, day, ())

    def reports(self, first_day: date, last_day: date) -> pd.DataFrame:
        """Return the written daily reports, newest first; never cached, as one may just have been written."""
        self.person.require_site(self.site.name)
        with reading(ground().engine) as connection:
            return operation.reports(connection, Selection(first_day, last_day, sites=(self.site.name,)))

    def events(self, first_day: date, last_day: date) -> pd.DataFrame:
        """Return the events that touch these days (see db.events); never cached, because they are edited here."""
        self.person.require_site(self.site.name)
        with reading(ground().engine) as connection:
            return events.events(connection, Selection(first_day, last_day, sites=(self.site.name,)))

    def cameras(self) -> pd.DataFrame:
        """Return how each camera is (see db.operation)."""
        today = self.site.today()
        return self._ask("cameras", today, today, ())

    def camera_troubles(self) -> list[str]:
        """Return what somebody should decide about cameras, one sentence each (see db.machines)."""
        today = self.site.today()
        return list(self._ask("camera_troubles", today, today, ())["trouble"])

    def _as_set(self, visits: pd.DataFrame, first_day: date, last_day: date, by: tuple[str, ...]) -> pd.DataFrame:
        if ground().config.reid.staff_in_visits:
            return visits
        return without_staff(visits, self.firsts(first_day, last_day, by))

    def _ask(self, question: str, first_day: date, last_day: date, by: tuple[str, ...]) -> pd.DataFrame:
        self.person.require_site(self.site.name)
        engine, bucket = ground().engine, self.bucket(last_day)
        return _answer(
            question, self.site.name, first_day, last_day, by, self.entrances, bucket, str(engine.url), _engine=engine
        )

    def bucket(self, last_day: date) -> int:
        """Return a number that changes when an answer about days up to `last_day` has been kept long enough."""
        kept_s = TODAY_KEPT_S if last_day >= self.site.today() else PAST_KEPT_S
        return int(ground().clock().timestamp() // kept_s)


@kept(CACHED_ANSWERS, PAST_KEPT_S)
def _answer(
    question: str,
    site: str,
    first_day: date,
    last_day: date,
    by: tuple[str, ...],
    entrances: tuple[str, ...] | None,
    bucket: int,
    database: str,
    *,
    _engine: Engine,
) -> pd.DataFrame:
    del bucket, database  # parts of the cache's key only
    selection = Selection(first_day, last_day, sites=(site,), entrances=entrances)
    with reading(_engine) as connection:
        match question:
            case "hourly":
                return queries.hourly(connection, selection, by)
            case "daily":
                return queries.daily(connection, selection, by)
            case "observation":
                return observation.observation(connection, selection, by)
            case "firsts":
                return firsts(connection, selection, by)
            case "outages":
                return operation.outages(connection, selection)
            case "timeline":
                return operation.timeline(connection, selection)
            case "cameras":
                return operation.cameras(connection, selection)
            case "camera_troubles":
                return pd.DataFrame({"trouble": machines.camera_troubles(connection, ground().clock(), (site,))})
    raise ValueError(f"no question {question!r}")


@kept(CACHED_ANSWERS, PAST_KEPT_S)
def _parts(
    site: str, first_day: date, last_day: date, bucket: int, database: str, *, _engine: Engine
) -> list[RegisterPart]:
    del bucket, database  # parts of the cache's key only
    with reading(_engine) as connection:
        return parts(connection, Selection(first_day, last_day, sites=(site,)))


@kept(CACHED_GROUPS, PAST_KEPT_S)
def _group_days(
    site: str,
    zone: str,
    starts: tuple[int, ...],
    small_cell: int,
    staff_in_visits: bool,
    first_day: date,
    last_day: date,
    bucket: int,
    database: str,
    *,
    _engine: Engine,
) -> GroupDays:
    del bucket, database  # parts of the cache's key only
    with reading(_engine) as connection:
        selection = Selection(first_day, last_day, sites=(site,))
        sheets = day_sheets(connection, selection)
        if not staff_in_visits:
            sheets = sheets_without_staff(sheets, firsts(connection, selection, CELL))
    return group_days(sheets, ZoneInfo(zone), starts, small_cell)


def visible_sites(person: Person) -> list[Site]:
    """Return the sites that `person` may see, by label."""
    with reading(ground().engine) as connection:
        rows = operation.sites(connection, list(person.sites) or None)
    return sorted((_site(row) for row in rows.to_dict("records")), key=lambda site: site.label)


def _site(row: dict[Hashable, Any]) -> Site:
    first_day, last_day = row["first_day"], row["last_day"]
    return Site(
        name=str(row["site"]),
        label=str(row["label"]),
        zone=ZoneInfo(str(row["time_zone"])),
        simulated=bool(row["simulated"]),
        opening_hours=tuple(row["opening_hours"]),
        hours_history=row["hours_history"],
        first_day=first_day if isinstance(first_day, date) else None,
        last_day=last_day if isinstance(last_day, date) else None,
    )
