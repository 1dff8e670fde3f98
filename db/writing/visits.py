"""Visits and their rollups: what is new is stored and counted in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from db.day_sheets import Cells, add_to_sheets
from db.models import DailyVisitsRow, HourlyTotalsRow, HourlyVisitsRow, VisitRow
from db.writing.cells import Cell, purged_uids
from db.writing.firsts import count_firsts_of, take_back_firsts
from db.writing.late import LeftOut, without_counted_visits
from db.writing.registry import KnownCamera, known_cameras, lock_sites, storable
from db.writing.reopening import Change, reopen
from db.writing.upsert import insert_into
from footfall.local_time import hour_of, local_day
from footfall.types import Visit

Rollup = type[HourlyVisitsRow] | type[HourlyTotalsRow] | type[DailyVisitsRow]


def save_visits(connection: Connection, visits: Sequence[Visit], now: datetime) -> tuple[int, list[LeftOut]]:
    """Store and count those of `visits` that are not known yet and that no recording has counted.

    Returns how many those were, and what was left out.
    """
    cameras = known_cameras(connection, (visit.camera_id for visit in visits))
    lock_sites(connection, (camera.site_id for camera in cameras.values()))
    kept, left_out = without_counted_visits(connection, visits, cameras)
    added = insert_visits(connection, kept, cameras)
    count_cells(connection, added)
    note_changes(connection, added, cameras.values(), now)
    return sum(added.values()), left_out


def insert_visits(
    connection: Connection,
    visits: Sequence[Visit],
    cameras: Mapping[str, KnownCamera],
    recording_id: int | None = None,
) -> Counter[Cell]:
    """Insert the visits whose uid was never seen and return how many of them fall into which cell."""
    rows = {visit.uid: _row(visit, cameras[visit.camera_id], recording_id) for visit in visits}
    for uid in purged_uids(connection, list(rows)):
        del rows[uid]
    if not rows:
        return Counter()
    # In the order of uids, so that two writers of the same visits wait for, not block, each other.
    statement = insert_into(connection, VisitRow).on_conflict_do_nothing().returning(VisitRow.uid)
    inserted = connection.execute(statement, [rows[uid] for uid in sorted(rows)]).scalars()
    cells = {uid: _cell(rows[uid]) for uid in inserted}
    count_firsts_of(connection, cells)
    return Counter(cells.values())


def take_back_recordings(connection: Connection, recording_ids: Collection[int]) -> Counter[Cell]:
    """Delete the visits that recordings gave, and what was judged of them; return how many fell into which cell."""
    take_back_firsts(connection, recording_ids)
    columns = [getattr(VisitRow, name) for name in Cell._fields]
    found = connection.execute(select(*columns).where(VisitRow.recording_id.in_(recording_ids)))
    removed = Counter(Cell(*row) for row in found)
    connection.execute(delete(VisitRow).where(VisitRow.recording_id.in_(recording_ids)))
    return removed


def count_cells(connection: Connection, added: Counter[Cell]) -> None:
    """Add to the rollups how many visits came (or, negative, went) in each cell; empty cells leave no row."""
    for table in (HourlyVisitsRow, HourlyTotalsRow, DailyVisitsRow):
        names = [column.name for column in table.__table__.primary_key]
        sums: Counter[tuple[Any, ...]] = Counter()
        for cell, count in added.items():
            sums[tuple(getattr(cell, name) for name in names)] += count
        rows = [dict(zip(names, key, strict=True)) | {"visits": count} for key, count in sorted(sums.items()) if count]
        _add(connection, table, rows)
    sheets: dict[tuple[int, date], Cells] = {}
    for cell, count in added.items():
        if count:
            sheet = sheets.setdefault((cell.camera_id, cell.day), Counter())
            sheet[cell.hour_start, cell.gender, cell.age_group] += count
    add_to_sheets(connection, sheets)


def note_changes(connection: Connection, added: Counter[Cell], cameras: Iterable[KnownCamera], now: datetime) -> None:
    """Reopen the reported days among the days of `added`; negative counts are visits taken back."""
    site_of = {camera.id: camera.site_id for camera in cameras}
    changes: dict[tuple[int, date], Change] = {}
    for cell, count in added.items():
        key = site_of[cell.camera_id], cell.day
        changes[key] = changes.get(key, Change()) + Change(max(count, 0), max(-count, 0))
    reopen(connection, changes, now)


def _add(connection: Connection, table: Rollup, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    insert = insert_into(connection, table)
    total = table.visits + insert.excluded.visits
    keys = [column.name for column in table.__table__.primary_key]
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_={"visits": total}), rows)
    if any(row["visits"] < 0 for row in rows):
        cameras, days = {row["camera_id"] for row in rows}, {row["day"] for row in rows}
        empty = (table.camera_id.in_(cameras), table.day.in_(days), table.visits == 0)
        connection.execute(delete(table).where(*empty))


def _row(visit: Visit, camera: KnownCamera, recording_id: int | None) -> dict[str, Any]:
    return {
        "uid": visit.uid,
        "camera_id": camera.id,
        "recording_id": recording_id,
        "entered_at": visit.entered_at,
        "left_at": visit.left_at,
        "day": local_day(visit.entered_at, camera.zone),
        "hour_start": hour_of(visit.entered_at, camera.zone).start,
        "direction": visit.direction.value,
        "gender": visit.gender.value,
        "age_group": visit.age_group,
        "age_years": visit.age_years,
        "p_female": visit.p_female,
        "samples": visit.samples,
        "quality": visit.quality,
        "model_version": storable(visit.model_version),
        "age_shares": None if visit.age_shares is None else ",".join(map(str, visit.age_shares)),
    }


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell(*(row[name] for name in Cell._fields))
