"""Unique visitors of a site's days, and of the hours, entrances and groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from analytics.unique_days import NO_SUMS, UniqueDay, rounded, rounded_to_total, unique_day
from dashboard.numbers.ground import ground
from dashboard.numbers.reading import Reader
from reid.types import RegisterPart


def unique_days(reader: Reader, first_day: date, last_day: date) -> dict[date, UniqueDay]:
    """Return what may be said of each day with a visit or a part, at all entrances of the site."""
    reader = replace(reader, entrances=None)
    sums = {row["day"]: row for row in reader.firsts(first_day, last_day, ("day",)).to_dict("records")}
    came = dict(reader.arrivals(first_day, last_day).itertuples(index=False, name=None))
    parts: dict[date, list[RegisterPart]] = {}
    for part in reader.parts(first_day, last_day):
        parts.setdefault(part.day, []).append(part)
    widest = ground().config.reid.max_interval_share
    return {
        day: unique_day(
            parts.get(day, []),
            {name: int(sums[day][name]) for name in NO_SUMS} if day in sums else NO_SUMS,
            int(came.get(day, 0)),
            widest,
        )
        for day in sorted({*sums, *came, *parts})
    }


@dataclass(frozen=True, slots=True)
class DayPeople:
    """Unique visitors of one day and, to divide them, the sums of its hours and entrances (db.reading.firsts)."""

    day: UniqueDay
    firsts: pd.DataFrame

    def by(self, column: str, names: Sequence[object]) -> pd.Series | None:
        """Return whole numbers by `names` of hour_start or entrance that add up to the day's (float64).

        None where the day's number is not told; NaN where nobody was judged on a day on which some were not.
        """
        if self.day.unique is None:
            return None
        told = self.firsts[self.firsts["told"] > 0]
        people = told.groupby(column)["first_sum"].sum() * self.day.people_per_sum
        whole = rounded_to_total(people.to_numpy("float64"), self.day.unique).astype("float64")
        elsewhere = 0.0 if self.day.told >= self.day.arrivals else float("nan")
        return pd.Series(whole, people.index).reindex(list(names), fill_value=elsewhere)

    def within(self, hours: Sequence[object]) -> int | None:
        """Return how many people came for the first time within hours of the day, None where that is not told."""
        if self.day.unique is None:
            return None
        sums = self.firsts.loc[self.firsts["hour_start"].isin(hours), "first_sum"].sum()
        return rounded(float(sums) * self.day.people_per_sum)


def people_of_day(reader: Reader, day: date) -> DayPeople:
    """Return the unique visitors of one day."""
    nothing = unique_day([], NO_SUMS, 0, ground().config.reid.max_interval_share)
    told = unique_days(reader, day, day).get(day, nothing)
    return DayPeople(told, reader.firsts(day, day, ("hour_start", "entrance")))
