"""Reads the alerts of a site: those that last, or all, in parts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, or_, select

from db.models import CameraRow, SiteRow
from db.notice_models import AlertRow
from db.writing.alerts import Alert
from footfall.local_time import Interval


def open_alerts(connection: Connection, site: str) -> list[Alert]:
    """Return the alerts of the site that have not ended, oldest first."""
    row = AlertRow
    return _found(connection, _of_site(site).where(row.ended_at.is_(None)).order_by(row.since, row.subject))


def alerts(
    connection: Connection, site: str, span: Interval, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Alert]:
    """Return the first `limit` alerts of `site` that touch `span`, oldest first, those behind `after` (since, uid)."""
    row = AlertRow
    lasts = row.ended_at.is_(None) | (row.ended_at > span.start)
    query = _of_site(site).where(row.since < span.end, lasts).order_by(row.since, row.uid).limit(limit)
    if after is not None:
        since, uid = after
        query = query.where(or_(row.since > since, and_(row.since == since, row.uid > uid)))
    return _found(connection, query)


def _of_site(site: str) -> Select[Any]:
    row = AlertRow
    return (
        select(row.uid, SiteRow.name.label("site"), row.subject, row.kind, CameraRow.name.label("camera"))
        .add_columns(row.day, row.since, row.ended_at, row.summary)
        .join(SiteRow, SiteRow.id == row.site_id)
        .outerjoin(CameraRow, CameraRow.id == row.camera_id)
        .where(SiteRow.name == site)
    )


def _found(connection: Connection, query: Select[Any]) -> list[Alert]:
    found = [one._asdict() for one in connection.execute(query)]
    return [Alert(**{**one, "camera": one["camera"] or ""}) for one in found]
