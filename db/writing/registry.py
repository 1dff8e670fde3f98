"""Sites and cameras as the writers look them up, and the one lock of all writers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from db.models import CameraRow, OpeningHoursRow, SiteRow
from footfall.errors import StoreError
from footfall.local_time import Interval, opening_intervals

HoursHistory = tuple[tuple[date, tuple[str, ...]], ...]
LABEL_LENGTH = 200


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """A camera of the database with what is needed to place its moments in the site's days."""

    id: int
    name: str
    site_id: int
    zone: ZoneInfo


def storable(text: str, length: int = LABEL_LENGTH) -> str:
    """Return `text` as both databases can hold it: no NUL, no half of a surrogate pair, at most `length` characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:length]


def known_cameras(connection: Connection, names: Iterable[str]) -> dict[str, KnownCamera]:
    """Return the cameras called `names`.

    Raises:
        StoreError: a camera is not in the database.
    """
    wanted = sorted(set(names))
    query = (
        select(CameraRow.id, CameraRow.name, CameraRow.site_id, SiteRow.time_zone)
        .join(SiteRow, SiteRow.id == CameraRow.site_id)
        .where(CameraRow.name.in_(wanted))
    )
    found = {
        row.name: KnownCamera(row.id, row.name, row.site_id, ZoneInfo(row.time_zone))
        for row in connection.execute(query)
    }
    if missing := [name for name in wanted if name not in found]:
        raise StoreError(f"no camera {missing[0]!r} in the database; add it to the configuration first")
    return found


def lock_sites(connection: Connection, site_ids: Iterable[int]) -> None:
    """Wait until no other writer works on these sites, until the end of the transaction.

    The one lock of all writers, always taken in the order of ids, so that they cannot wait for each other in a circle.
    SQLite has one writer at a time anyway.
    """
    ids = sorted(set(site_ids))
    connection.execute(
        select(SiteRow.id).where(SiteRow.id.in_(ids)).order_by(SiteRow.id).with_for_update(key_share=True)
    )


def hours_history(connection: Connection, site_id: int) -> HoursHistory:
    """Return (valid from, seven opening hours) of the site, oldest first."""
    return hours_histories(connection, [site_id])[site_id]


def hours_histories(connection: Connection, site_ids: Iterable[int]) -> dict[int, HoursHistory]:
    """Return `hours_history` of several sites, by id."""
    found: dict[int, HoursHistory] = dict.fromkeys(site_ids, ())
    query = (
        select(OpeningHoursRow.site_id, OpeningHoursRow.valid_from, OpeningHoursRow.hours)
        .where(OpeningHoursRow.site_id.in_(list(found)))
        .order_by(OpeningHoursRow.valid_from)
    )
    for row in connection.execute(query):
        found[row.site_id] = (*found[row.site_id], (row.valid_from, tuple(row.hours)))
    return found


def hours_on(history: HoursHistory, day: date) -> tuple[str, ...]:
    """Return the seven opening hours that were valid on `day`."""
    return next(hours for valid_from, hours in reversed(history) if valid_from <= day)


def opening_on(history: HoursHistory, day: date, zone: ZoneInfo) -> tuple[Interval, ...]:
    """Return when the site was open within `day`, by the hours that were valid on it."""
    return opening_intervals(day, zone, hours_on(history, day))


def camera_ids(connection: Connection, site_id: int) -> list[int]:
    """Return the ids of all cameras that the site ever had."""
    return list(connection.execute(select(CameraRow.id).where(CameraRow.site_id == site_id)).scalars())
