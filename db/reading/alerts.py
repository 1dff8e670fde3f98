"""Reads the alerts of a site, those that ended too, in parts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, and_, or_, select

from db.models import CameraRow, SiteRow
from db.notice_models import AlertRow
from db.writing.alerts import Alert
from footfall.local_time import Interval


def alerts(
    connection: Connection, site: str, span: Interval, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Alert]:
    """Return the first `limit` alerts of `site` that touch `span`, oldest first, those behind `after` (since, uid)."""
    row = AlertRow
    query = (
        select(row.uid, SiteRow.name.label("site"), row.subject, row.kind, CameraRow.name.label("camera"))
        .add_columns(row.day, row.since, row.ended_at, row.summary)
        .join(SiteRow, SiteRow.id == row.site_id)
        .outerjoin(CameraRow, CameraRow.id == row.camera_id)
        .where(SiteRow.name == site, row.since < span.end, row.ended_at.is_(None) | (row.ended_at > span.start))
        .order_by(row.since, row.uid)
        .limit(limit)
    )
    if after is not None:
        since, uid = after
        query = query.where(or_(row.since > since, and_(row.since == since, row.uid > uid)))
    found = [one._asdict() for one in connection.execute(query)]
    return [Alert(**{**one, "camera": one["camera"] or ""}) for one in found]
