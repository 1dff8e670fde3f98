"""How many came in on the days and hours that are chosen: the number that Demographics leads with."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard.numbers.came_in import CAME_IN, entrances_without_line, with_came_in
from dashboard.numbers.groups import DayFilter
from dashboard.numbers.reading import Reader
from footfall.local_time import overlap_s


@dataclass(frozen=True, slots=True)
class CameRange:
    """How many `came_in`, and the entrances at which people going out are in that number."""

    came_in: int
    without_line: tuple[str, ...]


def came_in_range(reader: Reader, chosen: DayFilter) -> CameRange:
    """Return the footfall of the filter, by the one definition (db.reading.arrivals)."""
    keys = ("entrance", "camera", "day", "direction")
    read = reader.hourly if chosen.open_only else reader.daily
    visits = read(chosen.first_day, chosen.last_day, (*keys, "hour_start") if chosen.open_only else keys)
    visits = with_came_in(visits[visits["day"].isin(chosen.days())])
    without_line = tuple(entrances_without_line(visits))
    if chosen.open_only:
        opened = [
            pd.Timestamp(hour.start)
            for day in chosen.days()
            for hour in reader.site.hours(day)
            if overlap_s(hour.start, hour.end, reader.site.opening(day)) > 0
        ]
        visits = visits[visits["hour_start"].isin(opened)]
    return CameRange(int(visits[CAME_IN].sum()), without_line)
