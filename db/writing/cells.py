"""The cells that visits are counted in, and the visits of some uids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from db.models import PurgedVisitRow, VisitRow

UIDS_PER_QUERY = 1000


class Cell(NamedTuple):
    """The finest count that is kept: one camera, local hour, direction, gender and age group."""

    camera_id: int
    day: date
    hour_start: datetime
    direction: str
    gender: str
    age_group: str


def purged_uids(connection: Connection, uids: Sequence[UUID]) -> list[UUID]:
    """Return those of `uids` whose visits retention deleted."""
    found: list[UUID] = []
    for some in chunks(uids):
        found += connection.execute(select(PurgedVisitRow.uid).where(PurgedVisitRow.uid.in_(some))).scalars()
    return found


def cells_of(connection: Connection, uids: Sequence[UUID]) -> dict[UUID, Cell]:
    """Return the cell of each stored visit among `uids`."""
    columns = [getattr(VisitRow, name) for name in Cell._fields]
    found: dict[UUID, Cell] = {}
    for some in chunks(uids):
        for uid, *cell in connection.execute(select(VisitRow.uid, *columns).where(VisitRow.uid.in_(some))):
            found[uid] = Cell(*cell)
    return found


def chunks(uids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """Yield `uids` in portions that a query takes."""
    for start in range(0, len(uids), UIDS_PER_QUERY):
        yield uids[start : start + UIDS_PER_QUERY]
