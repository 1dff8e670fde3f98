"""Corrected shares by hour of the day; hours with too few visits are put together, up to whole parts of the day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby

import numpy as np
import pandas as pd

from analytics.coverage import Difference, difference
from analytics.shares import Shares
from dashboard.numbers.ground import ground
from dashboard.numbers.groups import DayFilter
from dashboard.numbers.kept import kept
from dashboard.numbers.reading import PAST_KEPT_S, Reader
from dashboard.numbers.shares import estimates_of, places_of
from db.estimates import AGE, GENDER, StoredEstimate
from footfall.local_time import overlap_s
from reports.estimating import told
from reports.hour_sums import Hours, ages_to_tell, four_ages, hours_by, in_runs, shares_of_hours, together

CACHED = 50
NOON, AFTERNOON, EVENING = 12, 14, 18
SHARE_COLUMNS = ["period", "group", "estimate", "low", "high", "judged", "visits"]
Cut = Callable[[Shares], Shares]


@dataclass(frozen=True, slots=True)
class HourShares:
    """Corrected shares by hour of the day.

    `genders`, `ages`: SHARE_COLUMNS, one row a period and group, in order; `period` is like "09:00" or, of several
    hours, "09:00-11:00" and, of a whole part of the day, "Morning 09:00-12:00"; estimate, low and high are NaN where
    too few to say. `hours`: hour, judged and visits of each single hour; `by_hour` is how those judged and the others
    differ in their hours, None where nobody can say.
    """

    genders: pd.DataFrame
    ages: pd.DataFrame
    hours: pd.DataFrame
    by_hour: Difference | None

    @property
    def is_told(self) -> bool:
        """Whether there is anything to show."""
        return bool(len(self.genders) or len(self.ages))


def hour_shares(reader: Reader, chosen: DayFilter) -> HourShares:
    """Return the shares of the hours that `chosen` lets through, of all its days together."""
    reader.person.require_site(reader.site.name)
    engine, days = ground().engine, tuple(chosen.days())
    estimates = estimates_of(reader, days, with_hours=True)
    state = tuple((one.day, one.version) for one in estimates)
    bucket = int(ground().clock().timestamp()) // PAST_KEPT_S
    widest = ground().config.report.max_share_interval
    key = reader.site.name, days, chosen.open_only, places_of(reader), state, widest, bucket, str(engine.url)
    return _hour_shares(*key, _reader=reader, _estimates=estimates)


@kept(CACHED, PAST_KEPT_S)
def _hour_shares(
    site: str,
    days: tuple[date, ...],
    open_only: bool,
    places: tuple[str, ...],
    state: tuple[tuple[date, int], ...],
    widest: float,
    bucket: int,
    database: str,
    *,
    _reader: Reader,
    _estimates: Sequence[StoredEstimate],
) -> HourShares:
    del days, state, bucket, database  # parts of the cache's key only
    labels: dict[date, dict[datetime, str]] = {}

    def name(one: StoredEstimate, start: datetime) -> str:
        if one.day not in labels:
            labels[one.day] = _labels(_reader, one.day, open_only)
        return labels[one.day].get(start.astimezone(UTC), "")

    words = f"{site} {' '.join(places)}"
    genders = _by_hour(_estimates, GENDER, name)
    ages = _by_hour(_estimates, AGE, name)
    whole = shares_of_hours(together(ages.values()), f"{words} {AGE}", widest)
    runs = None if whole is None else ages_to_tell(whole) or four_ages(whole.groups)
    hours = pd.DataFrame(
        [(label, genders[label].judged, genders[label].visits) for label in sorted(genders)],
        columns=["hour", "judged", "visits"],
    )
    judged = hours["judged"].to_numpy(np.int64)
    return HourShares(
        genders=_told(genders, f"{words} {GENDER}", lambda shares: shares, widest),
        ages=_told(ages, f"{words} {AGE}", lambda shares: in_runs(shares, runs or ()), widest),
        hours=hours,
        by_hour=difference(judged, hours["visits"].to_numpy(np.int64) - judged) if len(hours) > 1 else None,
    )


def part_of_day(hour: str) -> str:
    """Return the part of the day in which a clock hour like "09:00" lies."""
    number = int(hour[:2])
    names = ((NOON, "Morning"), (AFTERNOON, "Noon"), (EVENING, "Afternoon"))
    return next((name for end, name in names if number < end), "Evening")


def _labels(reader: Reader, day: date, open_only: bool) -> dict[datetime, str]:
    opening = reader.site.opening(day) if open_only else ()
    return {
        hour.start.astimezone(UTC): hour.label[:5]
        for hour in reader.site.hours(day)
        if not open_only or overlap_s(hour.start, hour.end, opening) > 0
    }


def _by_hour(
    estimates: Sequence[StoredEstimate], dimension: str, name: Callable[[StoredEstimate, datetime], str]
) -> dict[str, Hours]:
    mine = [one for one in estimates if one.dimension == dimension]
    groups = next((one.shares["groups"] for one in reversed(mine) if one.shares), ())
    return hours_by(mine, groups, name)


def _told(by_hour: dict[str, Hours], words: str, cut: Cut, widest: float) -> pd.DataFrame:
    """Return SHARE_COLUMNS: within each part of the day as many hours together as it takes to tell all shares."""
    rows: list[tuple[str, str, float, float, float, int, int]] = []
    for part, hours in groupby(sorted(by_hour), part_of_day):
        labels = list(hours)
        spans: list[tuple[list[str], Shares | None]] = []
        waiting: list[str] = []
        for label in labels:
            waiting.append(label)
            shares = _of(by_hour, waiting, words, cut, widest)
            if shares is not None and shares.told.all():
                spans.append((waiting, shares))
                waiting = []
        if waiting:
            whole = [*(spans.pop()[0] if spans else []), *waiting]
            spans.append((whole, _of(by_hour, whole, words, cut, widest)))
        for inside, shares in spans:
            visits = together(by_hour[label] for label in inside)
            rows += [] if shares is None else _rows(_period(inside, part, len(labels)), visits, shares)
    return pd.DataFrame(rows, columns=SHARE_COLUMNS)


def _of(by_hour: dict[str, Hours], labels: Sequence[str], words: str, cut: Cut, widest: float) -> Shares | None:
    hours = together(by_hour[label] for label in labels)
    shares = shares_of_hours(hours, f"{words} {' '.join(labels)}", widest)
    return None if shares is None else told(cut(shares), hours.left_out)


def _period(labels: Sequence[str], part: str, whole: int) -> str:
    if len(labels) == 1:
        return labels[0]
    span = f"{labels[0]}-{int(labels[-1][:2]) + 1:02d}:00"
    return f"{part} {span}" if len(labels) == whole else span


def _rows(period: str, hours: Hours, shares: Shares) -> list[tuple[str, str, float, float, float, int, int]]:
    found = []
    for place, group in enumerate(shares.groups):
        numbers = (float(values[place]) for values in (shares.estimate, shares.low, shares.high))
        estimate, low, high = numbers if shares.told[place] else (float("nan"),) * 3
        found.append((period, group, estimate, low, high, hours.judged, hours.visits))
    return found
