"""Day sheets of a site side by side as arrays, with what may not be shown marked; pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from analytics.age_groups import age_group_labels, age_group_order
from analytics.demographics import GENDERS
from analytics.suppression import Counts, Mask, hide_small_of_days
from db.day_sheets import DaySheet
from footfall.local_time import hours_of_day


@dataclass(frozen=True, slots=True)
class GroupDays:
    """One row a camera and day (S of them), up to H local hours in order, G groups of gender and age.

    `days`, `entrances` and `cameras` name the rows, `genders` and `ages` the groups. `hours` (S, H, G) and `sums`
    (S, G), the whole day, hold what may be shown and 0 where it may not, which `hours_hidden` and `sums_hidden` say.
    `totals` (S, H) counts everybody.
    """

    days: tuple[date, ...]
    entrances: npt.NDArray[np.str_]
    cameras: npt.NDArray[np.str_]
    genders: npt.NDArray[np.str_]
    ages: npt.NDArray[np.str_]
    hours: Counts
    hours_hidden: Mask
    sums: Counts
    sums_hidden: Mask
    totals: Counts


def group_days(sheets: Sequence[DaySheet], zone: ZoneInfo, starts: Sequence[int], small_cell: int) -> GroupDays:
    """Return the sheets of all cameras of a site; `starts` are the configured age groups, shown also when empty."""
    labels = _labels_by_day(sheets, starts)
    ages = sorted(set(age_group_labels(starts)).union(*labels.values()), key=age_group_order)
    groups = {group: number for number, group in enumerate(product(GENDERS, ages))}
    positions = {day: {hour.start: at for at, hour in enumerate(hours_of_day(day, zone))} for day in labels}
    width = max(map(len, positions.values()), default=24)
    counts = np.zeros((len(sheets), width, len(groups)), np.int64)
    for row, sheet in zip(counts, sheets, strict=True):
        at = [positions[sheet.day][start] for start in sheet.hours]
        row[np.ix_(at, [groups[group] for group in sheet.groups])] = sheet.counts
    hours_hidden = np.zeros(counts.shape, bool)
    sums_hidden = np.zeros((len(sheets), len(groups)), bool)
    sums = counts.sum(axis=1)
    if small_cell > 1:
        # Which groups a day has decides what is hidden with the small ones, as in the report of that day.
        for known in set(labels.values()):
            rows = np.array([number for number, sheet in enumerate(sheets) if labels[sheet.day] == known])
            columns = np.array([number for (_, age), number in groups.items() if age in known])
            hidden = hide_small_of_days(counts[np.ix_(rows, np.arange(width), columns)], small_cell)
            hours_hidden[np.ix_(rows, np.arange(width), columns)] = hidden.hours
            sums_hidden[np.ix_(rows, columns)] = hidden.day
    return GroupDays(
        days=tuple(sheet.day for sheet in sheets),
        entrances=np.array([sheet.camera.entrance for sheet in sheets], dtype=np.str_),
        cameras=np.array([sheet.camera.camera for sheet in sheets], dtype=np.str_),
        genders=np.array([gender for gender, _ in groups], dtype=np.str_),
        ages=np.array([age for _, age in groups], dtype=np.str_),
        hours=np.where(hours_hidden, 0, counts),
        hours_hidden=hours_hidden,
        sums=np.where(sums_hidden, 0, sums),
        sums_hidden=sums_hidden,
        totals=counts.sum(axis=2),
    )


def _labels_by_day(sheets: Sequence[DaySheet], starts: Sequence[int]) -> dict[date, frozenset[str]]:
    found: dict[date, set[str]] = {}
    for sheet in sheets:
        found.setdefault(sheet.day, set(age_group_labels(starts))).update(age for _, age in sheet.groups)
    return {day: frozenset(labels) for day, labels in found.items()}
