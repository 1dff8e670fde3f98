"""Visits without those of staff, where the settings leave them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from db.day_sheets import DaySheet

CELL = ("camera", "day", "hour_start", "gender", "age_group")


def sheets_without_staff(sheets: Sequence[DaySheet], judged: pd.DataFrame) -> list[DaySheet]:
    """Return the sheets less visits of staff; `judged` has CELL and staff_visits (db.reading.firsts)."""
    staff: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    some = judged[judged["staff_visits"] > 0]
    for camera, day, *cell in some[[*CELL, "staff_visits"]].itertuples(index=False, name=None):
        staff.setdefault((camera, day), []).append(tuple(cell))
    return [_without(sheet, staff.get((sheet.camera.camera, sheet.day), [])) for sheet in sheets]


def _without(sheet: DaySheet, staff: Sequence[tuple[Any, ...]]) -> DaySheet:
    if not staff:
        return sheet
    counts = sheet.counts.copy()
    hours = {start: at for at, start in enumerate(sheet.hours)}
    groups = {group: at for at, group in enumerate(sheet.groups)}
    for hour_start, gender, age_group, visits in staff:
        counts[hours[hour_start], groups[gender, age_group]] -= visits
    return replace(sheet, counts=counts)
