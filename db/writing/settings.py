"""Takes over what a settings file says about sites and cameras, and nothing that it does not say.

A site keeps what the file is silent about, a camera its period: it ends when somebody retires the camera
(db.writing.retirement), not because a file on one of several machines does not name it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, insert, select, text, update

from db.models import CameraMinuteRow, CameraPeriodRow, CameraRow, DailyVisitsRow, OpeningHoursRow, SiteRow
from db.writing import boxes
from db.writing.registry import hours_history, storable
from db.writing.setups import record_setup
from db.writing.zone_offsets import keep_offsets
from footfall.config import Config
from footfall.config_sections import WEEKDAYS, CameraConfig, SiteConfig
from footfall.errors import StoreError
from footfall.local_time import local_day

SYNC_LOCK = 0x53796E63  # "Sync" in ASCII: the workers of a box all start at once, and one of them makes the rows


@dataclass(frozen=True, slots=True)
class _Told:
    """What is new about one site or camera since this machine spoke last; `simulated` marks a new site."""

    news: set[str]
    simulated: bool = False


def sync(connection: Connection, config: Config, now: datetime, *, simulated: bool, whole: bool) -> list[int]:
    """Take over the sites and cameras of `config`; return the ids of the sites whose opening hours changed today.

    `whole` says that `config` is all that the settings of this machine hold, not a part of them.

    Raises:
        StoreError: a site that has numbers was given another time zone, or a camera another site.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SYNC_LOCK})
    box, said = boxes.box_name(config), boxes.said_by(config)
    before = boxes.last_said(connection, box)
    config = completed(connection, config)
    changed: list[int] = []
    site_ids: dict[str, int] = {}
    for name, site in config.sites.items():
        told = _Told(boxes.news(said["sites"].get(name, {}), before["sites"].get(name, {})), simulated)
        site_ids[name] = _sync_site(connection, name, site, told)
        keep_offsets(connection, site.time_zone)
        if _sync_hours(connection, site_ids[name], site, told, local_day(now, site.zone)):
            changed.append(site_ids[name])
    for name, camera in config.cameras.items():
        told = _Told(boxes.news(said["cameras"][name], before["cameras"].get(name, {})))
        site_name = config.site_of(name)
        camera_id = _sync_camera(connection, name, site_ids[site_name], camera, told)
        if camera.enabled:
            _begin_period(connection, camera_id, local_day(now, config.sites[site_name].zone))
            record_setup(connection, camera_id, camera, now)
    boxes.record(connection, box, said, now, whole=whole)
    return changed


def completed(connection: Connection, config: Config) -> Config:
    """Return `config` with what it does not say about its sites filled in from the database.

    Without `[sites]` in the settings the sites are those of the database, and a camera is where it was before.

    Raises:
        StoreError: the settings name no site, the database knows several, and a camera may belong to any.
    """
    known = _known_sites(connection)
    if "sites" in config.model_fields_set:
        sites = {name: _filled(site, known.get(name)) for name, site in config.sites.items()}
        return config.model_copy(update={"sites": sites})
    names = select(CameraRow.name, SiteRow.name).join(SiteRow, SiteRow.id == CameraRow.site_id)
    homes = {camera: site for camera, site in connection.execute(names.where(CameraRow.name.in_(config.cameras)))}
    cameras = {
        name: camera.model_copy(
            update={"site": camera.site or homes.get(name) or _only_site(name, list(known or config.sites))}
        )
        for name, camera in config.cameras.items()
    }
    wanted = {camera.site for camera in cameras.values()}
    unknown = {name: site for name, site in config.sites.items() if name not in known and (name in wanted or not known)}
    return config.model_copy(update={"sites": known | unknown, "cameras": cameras})


def _known_sites(connection: Connection) -> dict[str, SiteConfig]:
    query = select(SiteRow.id, SiteRow.name, SiteRow.label, SiteRow.time_zone).order_by(SiteRow.id)
    found = {}
    for row in connection.execute(query).all():
        hours = hours_history(connection, row.id)[-1][1]
        by_day = dict(zip(WEEKDAYS, hours, strict=True))
        values: dict[str, Any] = {"label": row.label, "time_zone": row.time_zone, "opening_hours": by_day}
        found[row.name] = SiteConfig().model_copy(update=values)
    return found


def _only_site(camera: str, known: Sequence[str]) -> str:
    if len(known) > 1:
        raise StoreError(
            f"camera {camera!r} may belong to any site of the database ({', '.join(sorted(known))}); "
            f"name its site in the settings: [sites.NAME] and cameras.{camera}.site"
        )
    return known[0]


def _filled(site: SiteConfig, known: SiteConfig | None) -> SiteConfig:
    if known is None:
        return site
    silent = {name: getattr(known, name) for name in SiteConfig.model_fields if name not in site.model_fields_set}
    return site.model_copy(update=silent)


def _sync_site(connection: Connection, name: str, site: SiteConfig, told: _Told) -> int:
    values = {"label": storable(site.label) or name, "time_zone": site.time_zone}
    known = connection.execute(select(SiteRow.id, SiteRow.time_zone).where(SiteRow.name == name)).one_or_none()
    if known is None:
        statement = insert(SiteRow).values(name=name, simulated=told.simulated, **values).returning(SiteRow.id)
        return int(connection.execute(statement).scalar_one())
    changes = {key: value for key, value in values.items() if key in told.news}
    if "time_zone" in changes and known.time_zone != site.time_zone and _has_numbers(connection, known.id):
        raise StoreError(
            f"site {name!r} has numbers in the days of {known.time_zone}, which cannot move to {site.time_zone}; "
            f"set sites.{name}.time_zone back, or give the site a new name"
        )
    if changes:
        connection.execute(update(SiteRow).where(SiteRow.id == known.id).values(**changes))
    return int(known.id)


def _has_numbers(connection: Connection, site_id: int) -> bool:
    cameras = select(CameraRow.id).where(CameraRow.site_id == site_id)
    return any(
        connection.execute(select(exists().where(column.in_(cameras)))).scalar_one()
        for column in (DailyVisitsRow.camera_id, CameraMinuteRow.camera_id)
    )


def _sync_hours(connection: Connection, site_id: int, site: SiteConfig, told: _Told, today: date) -> bool:
    """Write changed opening hours, valid from `today`; return whether they are other hours than before."""
    history = hours_history(connection, site_id)
    hours = site.hours_by_weekday()
    if history and (history[-1][1] == hours or "opening_hours" not in told.news):
        return False
    valid_from = today if history else date.min
    row = {"site_id": site_id, "valid_from": valid_from}
    if history and history[-1][0] >= today:
        match = (OpeningHoursRow.site_id == site_id, OpeningHoursRow.valid_from == history[-1][0])
        connection.execute(update(OpeningHoursRow).where(*match).values(hours=list(hours)))
    else:
        connection.execute(insert(OpeningHoursRow).values(**row, hours=list(hours)))
    return bool(history)


def _sync_camera(connection: Connection, name: str, site_id: int, camera: CameraConfig, told: _Told) -> int:
    label = storable(camera.label) or name
    values = {"label": label, "entrance": storable(camera.entrance) or label}
    known = connection.execute(select(CameraRow.id, CameraRow.site_id).where(CameraRow.name == name)).one_or_none()
    if known is None:
        statement = insert(CameraRow).values(name=name, site_id=site_id, **values).returning(CameraRow.id)
        return int(connection.execute(statement).scalar_one())
    if known.site_id != site_id:
        raise StoreError(
            f"camera {name!r} belongs to another site in the database; give the moved camera a new name, so that its "
            f"old numbers stay where they were counted, and say `footfall cameras retire {name} --from DAY`"
        )
    if told.news & set(values):
        connection.execute(update(CameraRow).where(CameraRow.id == known.id).values(**values))
    return int(known.id)


def _begin_period(connection: Connection, camera_id: int, today: date) -> None:
    """Expect the camera from `today` on, unless it is expected already or somebody retired it."""
    period = CameraPeriodRow
    last = connection.execute(
        select(period.first_day, period.last_day, period.retired_at)
        .where(period.camera_id == camera_id)
        .order_by(period.first_day.desc())
    ).first()
    if last is not None and (last.last_day is None or last.retired_at is not None):
        return
    if last is not None and last.last_day >= today - timedelta(days=1):
        match = (period.camera_id == camera_id, period.first_day == last.first_day)
        connection.execute(update(period).where(*match).values(last_day=None))
    else:
        connection.execute(insert(period).values(camera_id=camera_id, first_day=today, last_day=None))
