"""Day sheets: what one camera counted on one day as a small table of hours by groups, kept in a single row.

A sheet is stored as {"groups": [[gender, age group], ...], "hours": [UTC start, ...], "visits": [[count, ...], ...]},
one list of counts an hour in the order of the groups; hours and groups without visits are left out. Direction is
summed: who has to know it beside gender and age reads hourly_visits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, delete, select

from db.models import DaySheetRow
from db.reading.selection import SelectedCamera, Selection, selected_cameras
from db.writing.upsert import insert_into

Group = tuple[str, str]
Cells = Counter[tuple[datetime, str, str]]


@dataclass(frozen=True, slots=True)
class DaySheet:
    """Counts int64 (H, G) of one camera on one local day, by UTC start of the local hour and (gender, age group)."""

    camera: SelectedCamera
    day: date
    hours: tuple[datetime, ...]
    groups: tuple[Group, ...]
    counts: npt.NDArray[np.int64]


def day_sheets(connection: Connection, selection: Selection) -> list[DaySheet]:
    """Return the sheets of the selection by day; a camera that counted nobody on a day has none."""
    cameras = {camera.id: camera for camera in selected_cameras(connection, selection)}
    query = (
        select(DaySheetRow.camera_id, DaySheetRow.day, DaySheetRow.counts)
        .where(DaySheetRow.camera_id.in_(list(cameras)))
        .where(DaySheetRow.day.between(selection.first_day, selection.last_day))
        .order_by(DaySheetRow.day, DaySheetRow.camera_id)
    )
    return [
        DaySheet(
            cameras[row.camera_id],
            row.day,
            tuple(map(datetime.fromisoformat, row.counts["hours"])),
            tuple((gender, age_group) for gender, age_group in row.counts["groups"]),
            np.array(row.counts["visits"], np.int64),
        )
        for row in connection.execute(query)
    ]


def add_to_sheets(connection: Connection, added: Mapping[tuple[int, date], Cells]) -> None:
    """Add to the sheets how many visits came (or, negative, went), by camera id and day; empty sheets go.

    The caller holds the lock of the sites, so that nobody else changes a sheet between reading and writing it.
    """
    known = _known(connection, added)
    filled: list[dict[str, Any]] = []
    for (camera_id, day), cells in sorted(added.items()):
        total = known.get((camera_id, day), Counter())
        total.update(cells)
        kept = {cell: visits for cell, visits in total.items() if visits}
        if kept:
            filled.append({"camera_id": camera_id, "day": day, "counts": packed(kept)})
        else:
            match = (DaySheetRow.camera_id == camera_id, DaySheetRow.day == day)
            connection.execute(delete(DaySheetRow).where(*match))
    if filled:
        insert = insert_into(connection, DaySheetRow)
        replaced = {"counts": insert.excluded.counts}
        connection.execute(insert.on_conflict_do_update(index_elements=["camera_id", "day"], set_=replaced), filled)


def packed(cells: Mapping[tuple[datetime, str, str], int]) -> dict[str, Any]:
    """Return counts by (start of the hour, gender, age group) as they are stored."""
    hours = sorted({hour for hour, _, _ in cells})
    groups = sorted({(gender, age_group) for _, gender, age_group in cells})
    return {
        "groups": groups,
        "hours": [hour.isoformat() for hour in hours],
        "visits": [[cells.get((hour, *group), 0) for group in groups] for hour in hours],
    }


def unpacked(counts: Mapping[str, Any]) -> Iterator[tuple[tuple[datetime, str, str], int]]:
    """Yield (start of the hour, gender, age group) and the count of each stored cell that is not 0."""
    for hour, row in zip(counts["hours"], counts["visits"], strict=True):
        for (gender, age_group), visits in zip(counts["groups"], row, strict=True):
            if visits:
                yield (datetime.fromisoformat(hour), gender, age_group), visits


def _known(connection: Connection, wanted: Mapping[tuple[int, date], Cells]) -> dict[tuple[int, date], Cells]:
    sheet = DaySheetRow
    query = select(sheet.camera_id, sheet.day, sheet.counts).where(
        sheet.camera_id.in_({camera_id for camera_id, _ in wanted}), sheet.day.in_({day for _, day in wanted})
    )
    return {(row.camera_id, row.day): Counter(dict(unpacked(row.counts))) for row in connection.execute(query)}
