"""Footfall as every page, message and interface tells it: who came in, as db.reading.arrivals defines it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboard.numbers.reading import Reader
from dashboard.wording import listing
from db.reading.arrivals import WAYS, added_up, crosses_a_line, who_came_in

CAME_IN = "came_in"


def came_in(reader: Reader, first_day: date, last_day: date, by: Sequence[str] = ("day",)) -> pd.DataFrame:
    """Return `by` (site, entrance, camera, day, hour_start, gender, age_group) and `came_in` (int64).

    Staff are in the number unless `[reid] staff_in_visits = false`. Beside gender or age it gives hidden small counts
    away: ask by them only for what is added up again before it is shown.
    """
    read = reader.hourly if "hour_start" in by else reader.daily
    return added_up(read(first_day, last_day, tuple(dict.fromkeys([*by, *WAYS]))), by, CAME_IN)


def with_came_in(visits: pd.DataFrame) -> pd.DataFrame:
    """Return `visits` (camera, day, direction, visits of whole days, and more) with `came_in`, 0 where nobody did."""
    came = who_came_in(visits)["visits"]
    return visits.assign(came_in=came.reindex(visits.index, fill_value=0).astype("int64"))


def entrances_without_line(visits: pd.DataFrame) -> list[str]:
    """Return at which entrances of `visits` (entrance, camera, day, direction) people going out are in `came_in`."""
    return sorted(visits.loc[~crosses_a_line(visits), "entrance"].unique())


def without_line_sentence(entrances: Sequence[str]) -> str:
    """Return at which entrances people going out are in the number; empty where every camera saw its line crossed."""
    if not entrances:
        return ""
    where = listing(list(entrances))
    return f"Nobody was seen crossing a counting line at {where}, so people going out there are in the number as well."
