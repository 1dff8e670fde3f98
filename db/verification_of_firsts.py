"""The auditor's question about unique visitors: do sums and parts follow from what was judged of each visit?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Integer, and_, case, func, literal, or_, select, union_all

from db.models import DailyFirstsRow, HourlyFirstsRow, RegisterPartRow, VisitFirstRow, VisitRow
from db.writing.firsts import SUMS
from reid.types import FIRST_SCALE

NOTHING = literal(0, Integer)
STORED, DERIVED = "stored_", "derived_"
Rollup = type[HourlyFirstsRow] | type[DailyFirstsRow]
Source = type[HourlyFirstsRow] | type[VisitRow]


@dataclass(frozen=True, slots=True)
class Part:
    """Cameras of a site by id, and a few days, both included."""

    cameras: tuple[int, ...]
    first_day: date
    last_day: date

    def of(self, table: Rollup | Source) -> ColumnElement[bool]:
        """Return which rows of a table belong to it."""
        return and_(table.camera_id.in_(self.cameras), table.day.between(self.first_day, self.last_day))


def first_differences(
    connection: Connection, table: Rollup, source: Source, part: Part
) -> Iterator[tuple[tuple[Any, ...], int, int]]:
    """Yield (key, stored, derived) of each sum that does not follow; the key ends with the name of the sum.

    Args:
        connection: one snapshot.
        table: the sums to look at.
        source: what they follow from: hourly sums, or single visits, which have to be there on these days.
        part: which cameras and days.
    """
    names = [column.name for column in table.__table__.primary_key]
    stored = select(*(getattr(table, name) for name in names)).add_columns(
        *(getattr(table, name).label(STORED + name) for name in SUMS),
        *(NOTHING.label(DERIVED + name) for name in SUMS),
    )
    derived_of = _derived() if source is VisitRow else {name: getattr(source, name) for name in SUMS}
    derived = select(*(getattr(source, name) for name in names)).add_columns(
        *(NOTHING.label(STORED + name) for name in SUMS),
        *(derived_of[name].label(DERIVED + name) for name in SUMS),
    )
    if source is VisitRow:
        derived = derived.join(VisitFirstRow, VisitFirstRow.uid == VisitRow.uid)
    both = union_all(stored.where(part.of(table)), derived.where(part.of(source))).subquery()
    keys = [both.c[name] for name in names]
    sums = [func.sum(both.c[side + name]) for name in SUMS for side in (STORED, DERIVED)]
    differ = [one != other for one, other in zip(sums[::2], sums[1::2], strict=True)]
    for row in connection.execute(select(*keys, *sums).group_by(*keys).having(or_(*differ))):
        key, values = tuple(row[: len(keys)]), [int(value) for value in row[len(keys) :]]
        for name, was, now in zip(SUMS, values[::2], values[1::2], strict=True):
            if was != now:
                yield (*key, name), was, now


def part_differences(
    connection: Connection, site_id: int, first_day: date, last_day: date
) -> Iterator[tuple[UUID, date, str, float, float]]:
    """Yield (part, day, name, stored, derived) where a closed part does not say what its firsts add up to.

    Parts of which visits were taken back say what they said before, and are left out.
    """
    part, first = RegisterPartRow, VisitFirstRow
    arrivals = func.count(first.first)
    first_sum = func.coalesce(func.sum(case((first.staff.is_(False), first.first))), 0)
    query = (
        select(part.uid, part.day, part.arrivals, part.unique, arrivals.label("told"), first_sum.label("first_sum"))
        .outerjoin(first, first.part == part.uid)
        .where(part.site_id == site_id, part.day.between(first_day, last_day))
        .where(part.closed_at.is_not(None), part.withdrawn.is_(False))
        .group_by(part.uid, part.day, part.arrivals, part.unique)
    )
    for row in connection.execute(query):
        unique = float(row.first_sum) / FIRST_SCALE
        if row.arrivals != row.told:
            yield row.uid, row.day, "arrivals", row.arrivals, row.told
        # Each first was rounded to a whole number.
        if abs(row.unique - unique) > max(1, row.told) / FIRST_SCALE:
            yield row.uid, row.day, "unique", row.unique, unique


def _derived() -> dict[str, ColumnElement[int]]:
    """Return what one visit adds to each of SUMS, as db.writing.firsts counts it."""
    first = VisitFirstRow
    is_told = first.first.is_not(None)
    return {
        "told": _one_if(is_told),
        "compared": _one_if(and_(is_told, first.compared)),
        "first_sum": case((and_(is_told, first.staff.is_(False)), first.first), else_=0),
        "staff_arrivals": _one_if(and_(is_told, first.staff)),
        "staff_visits": _one_if(first.staff.is_(True)),
    }


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
