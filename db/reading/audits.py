"""Reads audits by tally: the audits, their taps, and what the cameras saw in the same time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, func, select

from db.audit_models import AuditRow, AuditTapRow, CameraSetupRow
from db.audits import Audit, StoredAudit
from db.models import CameraMinuteRow, CameraRow, DayVersionRow, DeletionRow, SiteRow, VisitRow
from db.writing.sources import minute_of
from footfall.local_time import Interval

TAP_COLUMNS = ("number", "kind", "tapped_at", "gender", "age_group", "undone")
VISIT_COLUMNS = (
    "camera", "entered_at", "left_at", "direction", "gender", "age_years", "model_version", "age_group", "age_shares",
)  # fmt: skip
Setups = dict[int, list[tuple[datetime, dict[str, Any]]]]


def audits(connection: Connection, sites: Sequence[str] | None = None, uid: UUID | None = None) -> list[StoredAudit]:
    """Return the audits of these sites (None: of all), or the one called `uid`, newest first."""
    people = (
        select(AuditTapRow.audit_uid, func.count().label("taps"))
        .where(AuditTapRow.kind.in_(("in", "out")), AuditTapRow.undone.is_(False))
        .group_by(AuditTapRow.audit_uid)
        .subquery()
    )
    query = (
        select(*AuditRow.__table__.columns, SiteRow.name.label("site"), SiteRow.time_zone)
        .add_columns(CameraRow.name.label("camera"), people.c.taps)
        .join(SiteRow, SiteRow.id == AuditRow.site_id)
        .outerjoin(CameraRow, CameraRow.id == AuditRow.camera_id)
        .outerjoin(people, people.c.audit_uid == AuditRow.uid)
        .order_by(AuditRow.started_at.desc(), AuditRow.uid)
    )
    if sites is not None:
        query = query.where(SiteRow.name.in_(sites))
    if uid is not None:
        query = query.where(AuditRow.uid == uid)
    return [_stored(row) for row in connection.execute(query)]


def taps_of(connection: Connection, uid: UUID) -> pd.DataFrame:
    """Return the taps of an audit in their order: number, kind, tapped_at (aware UTC), gender, age_group, undone."""
    columns = [getattr(AuditTapRow, name) for name in TAP_COLUMNS]
    query = select(*columns).where(AuditTapRow.audit_uid == uid).order_by(AuditTapRow.number)
    return _table([tuple(row) for row in connection.execute(query)], TAP_COLUMNS)


def cameras_of(connection: Connection, audit: Audit) -> dict[str, int]:
    """Return the ids of the cameras that an audit compares with, by name: its own, else all of its entrance."""
    query = (
        select(CameraRow.name, CameraRow.id)
        .join(SiteRow, SiteRow.id == CameraRow.site_id)
        .where(SiteRow.name == audit.site, CameraRow.entrance == audit.entrance)
        .order_by(CameraRow.name)
    )
    if audit.camera:
        query = query.where(CameraRow.name == audit.camera)
    return {row.name: row.id for row in connection.execute(query)}


def visits_within(
    connection: Connection, cameras: dict[str, int], days: Sequence[date], span: Interval
) -> pd.DataFrame:
    """Return visits of these cameras and local days that were in view within `span`: camera, entered_at, left_at,
    direction, gender, age_years (missing where not judged), model_version, age_group, age_shares (None where not).
    """
    names = {camera_id: name for name, camera_id in cameras.items()}
    columns = [getattr(VisitRow, name) for name in ("camera_id", *VISIT_COLUMNS[1:])]
    query = (
        select(*columns)
        .where(VisitRow.camera_id.in_(list(names)), VisitRow.day.in_(days))
        .where(VisitRow.left_at >= span.start, VisitRow.entered_at < span.end)
        .order_by(VisitRow.entered_at, VisitRow.uid)
    )
    return _table([(names[row[0]], *row[1:]) for row in connection.execute(query)], VISIT_COLUMNS)


def watched_share(connection: Connection, camera_id: int, windows: Sequence[Interval]) -> float:
    """Return which share of the windows a camera really watched, in [0, 1]."""
    total_s = sum((window.end - window.start).total_seconds() for window in windows)
    seen_s = 0.0
    minute = CameraMinuteRow.minute
    for window in windows:
        query = (
            select(minute, func.sum(CameraMinuteRow.live_s))
            .where(CameraMinuteRow.camera_id == camera_id, minute >= minute_of(window.start), minute < window.end)
            .where(CameraMinuteRow.picture.not_in(("dark", "covered")))
            .group_by(minute)
        )
        for begin, live_s in connection.execute(query):
            inside = min(begin + pd.Timedelta(minutes=1), window.end) - max(begin, window.start)
            seen_s += inside.total_seconds() * min(60.0, live_s) / 60
    return seen_s / total_s if total_s > 0 else 0.0


def setup_at(connection: Connection, camera_id: int, moment: datetime | None = None) -> dict[str, Any]:
    """Return place and line of a camera at `moment`, without one the newest; before the first that is known, the first.

    Empty while nothing is known.
    """
    row = CameraSetupRow
    query = select(row.place, row.line).where(row.camera_id == camera_id)
    until = query if moment is None else query.where(row.since <= moment)
    found = connection.execute(until.order_by(row.since.desc())).first()
    found = found or connection.execute(query.order_by(row.since)).first()
    return {} if found is None else {"place": found.place, "line": found.line}


def setups_of(connection: Connection, site: str) -> Setups:
    """Return place and line of the cameras of a site by their ids, each from its moment on, oldest first."""
    row = CameraSetupRow
    query = (
        select(row.camera_id, row.since, row.place, row.line)
        .join(CameraRow, CameraRow.id == row.camera_id)
        .join(SiteRow, SiteRow.id == CameraRow.site_id)
        .where(SiteRow.name == site)
        .order_by(row.camera_id, row.since)
    )
    found: Setups = {}
    for camera_id, since, place, line in connection.execute(query):
        found.setdefault(camera_id, []).append((since, {"place": place, "line": line}))
    return found


def networks_of(connection: Connection, camera_id: int, day: date) -> list[str]:
    """Return which networks judged the visits of a camera on a local day."""
    query = select(VisitRow.model_version).where(VisitRow.camera_id == camera_id, VisitRow.day == day)
    return sorted(connection.execute(query.distinct()).scalars())


def newest_network(connection: Connection, camera_id: int) -> str | None:
    """Return which network judged the last visit of a camera, None without any."""
    day = select(func.max(VisitRow.day)).where(VisitRow.camera_id == camera_id).scalar_subquery()
    query = select(VisitRow.model_version).where(VisitRow.camera_id == camera_id, VisitRow.day == day)
    return connection.execute(query.order_by(VisitRow.entered_at.desc()).limit(1)).scalar_one_or_none()


def version_of(connection: Connection, site: str, days: Sequence[date]) -> int:
    """Return a number that changes when the numbers of these local days do; names and labels do not count."""
    row = DayVersionRow
    query = (
        select(func.coalesce(func.sum(row.version), 0))
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(SiteRow.name == site, row.day.in_(days))
    )
    return int(connection.execute(query).scalar_one())


def visits_deleted_before(connection: Connection, site: str) -> date | None:
    """Return the local day before which retention deleted visits of a site, None when it never did."""
    query = (
        select(func.max(DeletionRow.before_day))
        .join(SiteRow, SiteRow.id == DeletionRow.site_id)
        .where(SiteRow.name == site, DeletionRow.table_name.in_(("visits", "audit_taps")))
    )
    return connection.execute(query).scalar_one()


def _stored(row: Any) -> StoredAudit:
    audit = Audit(
        uid=row.uid,
        site=row.site,
        entrance=row.entrance,
        camera=row.camera or "",
        auditor=row.auditor,
        started_at=row.started_at,
        ended_at=row.ended_at,
        source="sheet" if row.source == "sheet" else "phone",
        precision_s=row.precision_s,
        clock_offset_ms=row.clock_offset_ms,
    )
    after = (row.void_reason, row.setups, row.comparison, row.compared_version, row.compared_at)
    return StoredAudit(audit, ZoneInfo(row.time_zone), row.taps or 0, *after)


def _table(rows: list[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))
