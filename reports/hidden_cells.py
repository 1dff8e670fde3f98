"""Which visits of a day corrected shares may not look at, because their count is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection

from analytics.demographics import released
from db.reading import queries
from db.reading.firsts import firsts, without_staff
from db.reading.selection import Selection

CELL = ["camera", "gender", "age_group"]
HOUR_CELL = [*CELL, "hour_start"]
HOURLY = ("site", "entrance", "camera", "day", "hour_start", "gender", "age_group")


@dataclass(frozen=True, slots=True)
class EstimateSettings:
    """Settings that estimates rest on; `calibrations` names the table of each network, None: the one noted last.

    `age_audits` names the audits that may correct ages, None: all that hold.
    """

    age_group_starts: tuple[int, ...]
    small_cell: int = 0
    staff_in_visits: bool = True
    calibrations: Mapping[str, str] | None = None
    age_audits: tuple[str, ...] | None = None


def hidden_cells(
    connection: Connection, selection: Selection, settings: EstimateSettings
) -> tuple[pd.MultiIndex, pd.MultiIndex]:
    """Return the cells that are hidden: of the day (CELL) and of its hours (HOUR_CELL)."""
    if settings.small_cell < 2:
        return pd.MultiIndex.from_tuples([], names=CELL), pd.MultiIndex.from_tuples([], names=HOUR_CELL)
    hourly = queries.hourly(connection, selection, HOURLY)
    if not settings.staff_in_visits:
        hourly = without_staff(hourly, firsts(connection, selection, HOURLY))
    cells = released(hourly, settings.age_group_starts, settings.small_cell)
    hidden = cells[cells["visits"].isna()]
    of_day = hidden["hour_start"].isna()
    return pd.MultiIndex.from_frame(hidden.loc[of_day, CELL]), pd.MultiIndex.from_frame(hidden.loc[~of_day, HOUR_CELL])
