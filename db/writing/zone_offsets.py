"""Keeps the offsets of the sites' time zones for the views (db.models_of_views)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, insert, select

from db.models_of_views import ZoneOffsetRow

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2051, 1, 1, tzinfo=UTC)
STEP = timedelta(days=7)


class Offset(NamedTuple):
    """A stretch of time with one offset from UTC."""

    starts_at: datetime
    ends_at: datetime
    offset_s: int


def keep_offsets(connection: Connection, time_zone: str) -> None:
    """Store the offsets of `time_zone`, those of a newer time zone data base in place of old ones."""
    row = ZoneOffsetRow
    query = select(row.starts_at, row.ends_at, row.offset_s).where(row.time_zone == time_zone).order_by(row.starts_at)
    wanted = list(offsets_of(time_zone))
    if [tuple(found) for found in connection.execute(query)] == wanted:
        return
    connection.execute(delete(row).where(row.time_zone == time_zone))
    connection.execute(insert(row), [{"time_zone": time_zone, **one._asdict()} for one in wanted])


def offsets_of(time_zone: str) -> Iterator[Offset]:
    """Yield the offsets of a zone from FIRST to LAST, in order, without a hole."""
    zone = ZoneInfo(time_zone)
    start = moment = FIRST
    while moment < LAST:
        following = min(moment + STEP, LAST)
        if _offset_s(following, zone) != _offset_s(moment, zone):
            change = _change_between(moment, following, zone)
            yield Offset(start, change, _offset_s(moment, zone))
            start = change
        moment = following
    yield Offset(start, LAST, _offset_s(start, zone))


def _offset_s(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _change_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Return the first whole second in (low, high] that has the offset of `high`."""
    after = _offset_s(high, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (low, middle) if _offset_s(middle, zone) == after else (middle, high)
    return high
