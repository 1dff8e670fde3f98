"""Sites and cameras: taken over from the configuration, and looked up by the writers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, exists, insert, select, text, update

from db.models import (
    CameraMinuteRow,
    CameraPeriodRow,
    CameraRow,
    DailyVisitsRow,
    OpeningHoursRow,
    SiteRow,
)
from footfall.config import Config, SiteConfig
from footfall.errors import StoreError
from footfall.local_time import local_day

HoursHistory = tuple[tuple[date, tuple[str, ...]], ...]
LABEL_LENGTH = 200
SYNC_LOCK = 0x53796E63  # "Sync" in ASCII: the workers of a box all start at once, and one of them makes the rows


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
    query = (
        select(OpeningHoursRow.valid_from, OpeningHoursRow.hours)
        .where(OpeningHoursRow.site_id == site_id)
        .order_by(OpeningHoursRow.valid_from)
    )
    return tuple((row.valid_from, tuple(row.hours)) for row in connection.execute(query))


def hours_on(history: HoursHistory, day: date) -> tuple[str, ...]:
    """Return the seven opening hours that were valid on `day`."""
    return next(hours for valid_from, hours in reversed(history) if valid_from <= day)


def sync(connection: Connection, config: Config, now: datetime, *, simulated: bool) -> list[int]:
    """Take over the sites and cameras of `config`; return the ids of the sites whose opening hours changed today.

    A camera that left the configuration keeps its numbers and is no longer expected to observe from tomorrow on.

    Raises:
        StoreError: a site that has numbers was given another time zone.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SYNC_LOCK})
    changed: list[int] = []
    site_ids: dict[str, int] = {}
    for name, site in config.sites.items():
        site_ids[name] = _sync_site(connection, name, site, simulated)
        if _sync_hours(connection, site_ids[name], site, local_day(now, site.zone)):
            changed.append(site_ids[name])
    for name, camera in config.cameras.items():
        site_name = config.site_of(name)
        label = storable(camera.label) or name
        values = {"label": label, "entrance": storable(camera.entrance) or label}
        camera_id = _sync_camera(connection, name, site_ids[site_name], values)
        if camera.enabled:
            _begin_period(connection, camera_id, local_day(now, config.sites[site_name].zone))
    watching = [name for name, camera in config.cameras.items() if camera.enabled]
    for name, site_id in site_ids.items():
        _end_periods(connection, site_id, watching, local_day(now, config.sites[name].zone))
    return changed


def _sync_site(connection: Connection, name: str, site: SiteConfig, simulated: bool) -> int:
    values = {"label": storable(site.label) or name, "time_zone": site.time_zone}
    known = connection.execute(select(SiteRow.id, SiteRow.time_zone).where(SiteRow.name == name)).one_or_none()
    if known is None:
        statement = insert(SiteRow).values(name=name, simulated=simulated, **values).returning(SiteRow.id)
        return int(connection.execute(statement).scalar_one())
    if known.time_zone != site.time_zone and _has_numbers(connection, known.id):
        raise StoreError(
            f"site {name!r} has numbers in the days of {known.time_zone}, which cannot move to {site.time_zone}; "
            f"set sites.{name}.time_zone back, or give the site a new name"
        )
    connection.execute(update(SiteRow).where(SiteRow.id == known.id).values(**values))
    return int(known.id)


def _has_numbers(connection: Connection, site_id: int) -> bool:
    cameras = select(CameraRow.id).where(CameraRow.site_id == site_id)
    return any(
        connection.execute(select(exists().where(column.in_(cameras)))).scalar_one()
        for column in (DailyVisitsRow.camera_id, CameraMinuteRow.camera_id)
    )


def _sync_hours(connection: Connection, site_id: int, site: SiteConfig, today: date) -> bool:
    history = hours_history(connection, site_id)
    hours = site.hours_by_weekday()
    if history and history[-1][1] == hours:
        return False
    valid_from = today if history else date.min
    row = {"site_id": site_id, "valid_from": valid_from}
    if history and history[-1][0] >= today:
        match = (OpeningHoursRow.site_id == site_id, OpeningHoursRow.valid_from == history[-1][0])
        connection.execute(update(OpeningHoursRow).where(*match).values(hours=list(hours)))
    else:
        connection.execute(insert(OpeningHoursRow).values(**row, hours=list(hours)))
    return bool(history)


def _sync_camera(connection: Connection, name: str, site_id: int, values: dict[str, str]) -> int:
    known = connection.execute(select(CameraRow.id, CameraRow.site_id).where(CameraRow.name == name)).one_or_none()
    if known is None:
        statement = insert(CameraRow).values(name=name, site_id=site_id, **values).returning(CameraRow.id)
        return int(connection.execute(statement).scalar_one())
    if known.site_id != site_id:
        raise StoreError(
            f"camera {name!r} belongs to another site in the database; give the moved camera a new name, "
            "so that its old numbers stay where they were counted"
        )
    connection.execute(update(CameraRow).where(CameraRow.id == known.id).values(**values))
    return int(known.id)


def _begin_period(connection: Connection, camera_id: int, today: date) -> None:
    period = CameraPeriodRow
    last = connection.execute(
        select(period.first_day, period.last_day).where(period.camera_id == camera_id).order_by(period.first_day.desc())
    ).first()
    if last is not None and last.last_day is None:
        return
    if last is not None and last.last_day >= today - timedelta(days=1):
        match = (period.camera_id == camera_id, period.first_day == last.first_day)
        connection.execute(update(period).where(*match).values(last_day=None))
    else:
        connection.execute(insert(period).values(camera_id=camera_id, first_day=today, last_day=None))


def _end_periods(connection: Connection, site_id: int, watching: list[str], today: date) -> None:
    gone = select(CameraRow.id).where(CameraRow.site_id == site_id, CameraRow.name.not_in(watching))
    still_open = (CameraPeriodRow.camera_id.in_(gone), CameraPeriodRow.last_day.is_(None))
    connection.execute(update(CameraPeriodRow).where(*still_open).values(last_day=today))


def camera_ids(connection: Connection, site_id: int) -> list[int]:
    """Return the ids of all cameras that the site ever had."""
    return list(connection.execute(select(CameraRow.id).where(CameraRow.site_id == site_id)).scalars())
