"""What the register of the day judged of visits, and its sums: stored and counted in one transaction.

A judgement may arrive before its visit or after it. It is counted when both are there, by whichever comes later, and
counted anew when it changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, select

from db.models import CameraRow, DailyFirstsRow, HourlyFirstsRow, VisitFirstRow, VisitRow
from db.writing.cells import Cell, cells_of, chunks, purged_uids
from db.writing.parts import leave_parts
from db.writing.registry import known_cameras, lock_sites
from db.writing.reopening import Change, reopen
from db.writing.upsert import insert_into
from reid.types import FIRST_SCALE, First

SUMS = ("told", "compared", "first_sum", "staff_arrivals", "staff_visits")
NOTHING = (0,) * len(SUMS)
Deltas = dict[Cell, tuple[int, ...]]
Rollup = type[HourlyFirstsRow] | type[DailyFirstsRow]


class Judgement(NamedTuple):
    """What is stored of one visit beside its uid, in the order of the columns."""

    camera_id: int
    part: UUID
    first: int | None
    compared: bool
    staff: bool

    def weights(self) -> tuple[int, ...]:
        """Return what the visit adds to each of SUMS."""
        is_told = self.first is not None
        first_sum = 0 if self.first is None or self.staff else self.first
        return (int(is_told), int(is_told and self.compared), first_sum, int(is_told and self.staff), int(self.staff))


COLUMNS = [getattr(VisitFirstRow, name) for name in Judgement._fields]


def save_firsts(connection: Connection, firsts: Sequence[First], now: datetime) -> None:
    """Store what was judged of visits, each in place of what was said of the same visit before.

    What was said already changes nothing, and neither does what is said of a visit that retention deleted. Of several
    judgements of one visit the last one holds, also when another part made it.

    Raises:
        StoreError: a camera is not in the database.
        ValueError: a probability is out of range.
    """
    _require_in_range(firsts)
    cameras = known_cameras(connection, (one.camera_id for one in firsts))
    lock_sites(connection, (camera.site_id for camera in cameras.values()))
    said = {
        one.uid: Judgement(cameras[one.camera_id].id, one.part, one.first, one.compared, one.staff) for one in firsts
    }
    for uid in purged_uids(connection, list(said)):
        del said[uid]
    before = _judgements(connection, list(said))
    changed = {uid: said[uid] for uid in sorted(said) if before.get(uid) != said[uid]}
    if not changed:
        return
    _upsert(connection, changed)
    leave_parts(
        connection, {before[uid].part for uid in changed if uid in before and before[uid].part != said[uid].part}
    )
    deltas: Deltas = {}
    for uid, cell in cells_of(connection, list(changed)).items():
        old = before[uid].weights() if uid in before else NOTHING
        _add(deltas, cell, _difference(changed[uid].weights(), old))
    _count(connection, deltas)
    reopen(connection, dict.fromkeys(_days(connection, deltas), Change(unique=True)), now)


def count_firsts_of(connection: Connection, cells: Mapping[UUID, Cell]) -> None:
    """Count what had been judged of visits before they were stored; `cells` are those of the new ones by uid."""
    deltas: Deltas = {}
    for uid, judgement in _judgements(connection, list(cells)).items():
        _add(deltas, cells[uid], judgement.weights())
    _count(connection, deltas)


def take_back_firsts(connection: Connection, recording_ids: Collection[int]) -> None:
    """Delete what was judged of the visits that recordings gave; a part of which nothing is left goes too.

    The caller holds the lock of the sites, takes the visits back afterwards, and moves on their days.
    """
    mine = VisitRow.recording_id.in_(recording_ids)
    columns = [getattr(VisitRow, name) for name in Cell._fields]
    query = select(*columns, *COLUMNS).join(VisitFirstRow, VisitFirstRow.uid == VisitRow.uid).where(mine)
    deltas: Deltas = {}
    parts: set[UUID] = set()
    for row in connection.execute(query):
        judgement = Judgement(*row[len(columns) :])
        parts.add(judgement.part)
        _add(deltas, Cell(*row[: len(columns)]), _difference(NOTHING, judgement.weights()))
    if not parts:
        return
    connection.execute(delete(VisitFirstRow).where(VisitFirstRow.uid.in_(select(VisitRow.uid).where(mine))))
    _count(connection, deltas)
    leave_parts(connection, parts)


def _require_in_range(firsts: Iterable[First]) -> None:
    for one in firsts:
        if one.first is not None and not 0 <= one.first <= FIRST_SCALE:
            raise ValueError(f"visit {one.uid} is the first with {one.first}, which is not in 0..{FIRST_SCALE}")


def _judgements(connection: Connection, uids: Sequence[UUID]) -> dict[UUID, Judgement]:
    found: dict[UUID, Judgement] = {}
    for some in chunks(uids):
        for uid, *columns in connection.execute(select(VisitFirstRow.uid, *COLUMNS).where(VisitFirstRow.uid.in_(some))):
            found[uid] = Judgement(*columns)
    return found


def _upsert(connection: Connection, changed: Mapping[UUID, Judgement]) -> None:
    insert = insert_into(connection, VisitFirstRow)
    replaced = {name: insert.excluded[name] for name in Judgement._fields}
    rows = [{"uid": uid, **judgement._asdict()} for uid, judgement in changed.items()]
    connection.execute(insert.on_conflict_do_update(index_elements=["uid"], set_=replaced), rows)


def _add(deltas: Deltas, cell: Cell, weights: tuple[int, ...]) -> None:
    deltas[cell] = _sum(deltas.get(cell, NOTHING), weights)


def _sum(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(one, other, strict=True)))


def _difference(now: tuple[int, ...], before: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(one - other for one, other in zip(now, before, strict=True))


def _count(connection: Connection, deltas: Deltas) -> None:
    """Add to the sums by hour and by day; cells of which nothing is told leave no row."""
    for table in (HourlyFirstsRow, DailyFirstsRow):
        names = [column.name for column in table.__table__.primary_key]
        merged: dict[tuple[Any, ...], tuple[int, ...]] = {}
        for cell, weights in deltas.items():
            key = tuple(getattr(cell, name) for name in names)
            merged[key] = _sum(merged.get(key, NOTHING), weights)
        rows = [
            dict(zip((*names, *SUMS), (*key, *weights), strict=True))
            for key, weights in sorted(merged.items())
            if weights != NOTHING
        ]
        if rows:
            _upsert_sums(connection, table, names, rows)


def _upsert_sums(connection: Connection, table: Rollup, names: list[str], rows: list[dict[str, Any]]) -> None:
    insert = insert_into(connection, table)
    sums = {name: getattr(table, name) + insert.excluded[name] for name in SUMS}
    connection.execute(insert.on_conflict_do_update(index_elements=names, set_=sums), rows)
    if any(row[name] < 0 for row in rows for name in SUMS):
        cameras, days = {row["camera_id"] for row in rows}, {row["day"] for row in rows}
        empty = [getattr(table, name) == 0 for name in SUMS]
        connection.execute(delete(table).where(table.camera_id.in_(cameras), table.day.in_(days), *empty))


def _days(connection: Connection, deltas: Deltas) -> set[tuple[int, date]]:
    """Return the sites and days whose sums changed."""
    query = select(CameraRow.id, CameraRow.site_id).where(CameraRow.id.in_({cell.camera_id for cell in deltas}))
    site_of = {row.id: row.site_id for row in connection.execute(query)}
    return {(site_of[cell.camera_id], cell.day) for cell, weights in deltas.items() if weights != NOTHING}
