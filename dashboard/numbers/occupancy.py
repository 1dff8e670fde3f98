"""How many people are inside a site: now, and by hour of a day. For pages, interface, mail and messages alike.

Staff are inside as well, whatever `[reid] staff_in_visits` says. The number is about the whole site, never an entrance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

import pandas as pd
from sqlalchemy import Engine

from analytics.occupancy import balance_of
from dashboard.numbers.day import seen_until
from dashboard.numbers.ground import ground
from dashboard.numbers.kept import kept
from dashboard.numbers.occupancy_words import why_not
from dashboard.numbers.reading import CACHED_ANSWERS, PAST_KEPT_S, TODAY_KEPT_S, Reader
from db.reading import queries
from db.reading.observation import observation, open_when_they_end
from db.reading.selection import Selection
from db.session import reading
from reports.occupancy import (
    PASSAGE_COLUMNS,
    DayInside,
    DayPassages,
    balances,
    cameras_without_line,
    day_inside,
)

PAST_DAYS = 28
ONE_DAY = timedelta(days=1)
NOW_LABEL = "now"
EMPTY_AFTER = timedelta(hours=1)
"""So long after closing everybody has gone."""
ALARM_OFF, ALARM_MAYBE, ALARM_ON = "", "maybe", "on"


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How many are inside at `at` (aware UTC), with the 95 % interval; `alarm` is the site's alarm level, if any."""

    at: datetime
    estimate: int
    low: int
    high: int
    alarm: int | None

    @property
    def alarm_state(self) -> str:
        """ALARM_ON from the alarm level on, ALARM_MAYBE where only the interval reaches it, else ALARM_OFF."""
        if self.alarm is None or self.high < self.alarm:
            return ALARM_OFF
        return ALARM_ON if self.estimate >= self.alarm else ALARM_MAYBE


@dataclass(frozen=True, slots=True)
class OccupancyNow:
    """What may be said of the present moment: `now`, or one sentence that says why nothing."""

    now: Occupancy | None
    reason: str = ""


def occupancy_now(reader: Reader) -> OccupancyNow:
    """Return how many are inside now; nothing while the site is closed.

    Raises:
        AccessDeniedError: the person may not see the site.
    """
    moment, site = ground().clock(), reader.site
    day = site.today()
    if not any(one.start <= moment < one.end for one in site.opening(day)):
        return OccupancyNow(None, "The mall is closed.")
    told = occupancy_of_day(reader, day)
    if told.inside is None:
        return OccupancyNow(None, why_not(told, labels_of(reader)))
    estimate, low, high = (int(numbers[-1]) for numbers in told.inside.whole())
    return OccupancyNow(Occupancy(moment, estimate, low, high, alarm_level(site.name)))


def occupancy_by_hour(reader: Reader, day: date) -> pd.DataFrame:
    """Return one row a local hour of `day` that has begun: `start` and `end` (aware UTC, not after now), `label` (the
    mall's clock at its end, or NOW_LABEL), `inside`, `low`, `high` (people at its end, Int64, missing where not told)
    and `watched` (share of the time to be watched that was, NaN where there was none).

    Raises:
        AccessDeniedError: the person may not see the site.
    """
    told = occupancy_of_day(reader, day)
    nothing = pd.array([None] * len(told.hours), "Int64")
    numbers = {"inside": nothing, "low": nothing, "high": nothing}
    if told.inside is not None:
        found = zip(numbers, told.inside.whole(), strict=True)
        numbers = {name: pd.array(values, "Int64") for name, values in found}
    following = dict(pairwise([hour.label for hour in reader.site.hours(day)]))
    now = ground().clock()
    times = {
        "start": [hour.start for hour in told.hours],
        "end": [min(hour.end, now) for hour in told.hours],
        "label": [following.get(hour.label, "24:00") if hour.end <= now else NOW_LABEL for hour in told.hours],
    }
    return pd.DataFrame({**times, **numbers, "watched": told.watched})


def occupancy_of_day(reader: Reader, day: date) -> DayInside:
    """Return how many were inside on a day, so far where it goes on, or why that is not told.

    Raises:
        AccessDeniedError: the person may not see the site.
    """
    reader.person.require_site(reader.site.name)
    now, engine, site = ground().clock(), ground().engine, reader.site
    last = max((one.end for one in site.opening(day)), default=None)
    is_over = day < site.today() or (last is not None and now >= last + EMPTY_AFTER)
    kept_s = PAST_KEPT_S if day < site.today() else TODAY_KEPT_S
    bucket = int(now.timestamp() // kept_s)
    found = _passages(site.name, day, is_over, bucket, str(engine.url), _engine=engine)
    hours = tuple(hour for hour in site.hours(day) if hour.start < now) or site.hours(day)[:1]
    if is_over:
        return day_inside(DayPassages(found.passages, found.observation, hours, found.without_line, found.open_after))
    seen = seen_until(found.observation, site.opening(day), now)
    return day_inside(DayPassages(found.passages, seen, hours, found.without_line), balance_of(found.past))


def labels_of(reader: Reader) -> dict[str, str]:
    """Return the labels of the site's cameras by name."""
    cameras = reader.cameras()
    return dict(zip(cameras["camera"], cameras["label"], strict=True))


def alarm_level(site: str) -> int | None:
    """Return from how many people on the settings ask for an alarm at a site, None for none."""
    known = ground().config.sites.get(site)
    return None if known is None else known.occupancy_alarm


@dataclass(frozen=True, slots=True)
class _Found:
    """Passages and observation of a day and, where it goes on, what past days say: (entries, exits) of each that was
    complete and began and ended closed. `without_line` are the cameras that see no directions, on past days neither;
    `open_after` says of a day that is over that the site is open when it ends."""

    passages: pd.DataFrame
    observation: pd.DataFrame
    past: list[tuple[float, float]]
    without_line: tuple[str, ...]
    open_after: bool = False


@kept(CACHED_ANSWERS, PAST_KEPT_S)
def _passages(site: str, day: date, is_over: bool, bucket: int, database: str, *, _engine: Engine) -> _Found:
    del bucket, database  # parts of the cache's key only
    today = Selection(day, day, sites=(site,))
    with reading(_engine) as connection:
        passages = queries.hourly(connection, today, PASSAGE_COLUMNS)
        seen = observation(connection, today, ("camera", "hour_start"))
        if is_over:
            is_open_after = bool(open_when_they_end(connection, site, [day]))
            return _Found(passages, seen, [], cameras_without_line(passages), is_open_after)
        earlier = Selection(day - timedelta(days=PAST_DAYS), day - timedelta(days=1), sites=(site,))
        past = queries.daily(connection, earlier, ("camera", "day", "direction"))
        watched = observation(connection, earlier, ("day",))
        nights = open_when_they_end(connection, site, [earlier.first_day - ONE_DAY, *watched["day"]])
    lines = cameras_without_line(pd.concat([past, passages], ignore_index=True))
    balanced = watched[~watched["day"].isin(nights | {night + ONE_DAY for night in nights})]
    return _Found(passages, seen, balances(past, balanced), lines)
