"""The auditor's question about unique visitors: do sums and parts follow from what was judged of each visit?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Integer, and_, case, func, literal, or_, select, union_all

from db.models import HourlyFirstsRow, RegisterPartRow, VisitFirstRow, VisitRow
from db.writing.cells import Cell
from db.writing.firsts import SUMS
from reid.types import FIRST_SCALE

NOTHING = literal(0, Integer)
STORED, DERIVED = "stored_", "derived_"


def hourly_first_differences(
    connection: Connection, cameras: Collection[int], first_day: date, last_day: date
) -> Iterator[tuple[tuple[Any, ...], int, int]]:
    """Yield (key, stored, derived) of each sum that does not follow; the key ends with the name of the sum.

    Only of days whose visits are all there.
    """
    hourly, visit, first = HourlyFirstsRow, VisitRow, VisitFirstRow
    derived_of = _derived()
    stored = select(*(getattr(hourly, name) for name in Cell._fields)).add_columns(
        *(getattr(hourly, name).label(STORED + name) for name in SUMS),
        *(NOTHING.label(DERIVED + name) for name in SUMS),
    )
    derived = (
        select(*(getattr(visit, name) for name in Cell._fields))
        .add_columns(
            *(NOTHING.label(STORED + name) for name in SUMS),
            *(derived_of[name].label(DERIVED + name) for name in SUMS),
        )
        .join(first, first.uid == visit.uid)
    )
    both = union_all(
        stored.where(hourly.camera_id.in_(cameras), hourly.day.between(first_day, last_day)),
        derived.where(visit.camera_id.in_(cameras), visit.day.between(first_day, last_day)),
    ).subquery()
    keys = [both.c[name] for name in Cell._fields]
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
