"""What needs somebody's look, for many sites at once: cameras without sight, counts by hand that nobody ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, func, select

from db.audit_models import AuditRow
from db.models import CameraMinuteRow, CameraPeriodRow, CameraRow, SiteRow
from db.reading.queries import table_of

RECENT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=3)


def sight(connection: Connection, sites: Sequence[str], day: date, now: datetime) -> pd.DataFrame:
    """Return site, label and picture of the cameras that are to watch on `day`.

    `picture` is that of the newest minute of the last quarter of an hour, missing when there is none.
    """
    period, minute = CameraPeriodRow, CameraMinuteRow
    expected = select(period.camera_id).where(
        period.first_day <= day, period.last_day.is_(None) | (period.last_day >= day)
    )
    # One look at the end of each camera's part of the index; without the ids, all minutes there are would be read.
    camera_ids = connection.execute(expected).scalars().all()
    newest = (
        select(minute.camera_id, func.max(minute.minute).label("at"))
        .where(minute.camera_id.in_(camera_ids), minute.minute > now - RECENT, minute.minute <= now)
        .group_by(minute.camera_id)
        .subquery()
    )
    query = (
        select(SiteRow.name, CameraRow.label, func.max(minute.picture))
        .join(SiteRow, SiteRow.id == CameraRow.site_id)
        .outerjoin(newest, newest.c.camera_id == CameraRow.id)
        .outerjoin(minute, (minute.camera_id == CameraRow.id) & (minute.minute == newest.c.at))
        .where(SiteRow.name.in_(sites), CameraRow.id.in_(camera_ids))
        .group_by(SiteRow.name, CameraRow.id, CameraRow.label)
        .order_by(SiteRow.name, CameraRow.label)
    )
    return table_of(connection.execute(query).all(), ["site", "label", "picture"])


def unended_audits(connection: Connection, sites: Sequence[str], now: datetime) -> dict[str, int]:
    """Return how many counts by hand of each site began hours ago and never ended; sites without one are left out."""
    query = (
        select(SiteRow.name, func.count())
        .join(AuditRow, AuditRow.site_id == SiteRow.id)
        .where(SiteRow.name.in_(sites), AuditRow.ended_at.is_(None), AuditRow.void_reason == "")
        .where(AuditRow.started_at < now - FORGOTTEN_AFTER)
        .group_by(SiteRow.name)
    )
    return {name: number for name, number in connection.execute(query)}
