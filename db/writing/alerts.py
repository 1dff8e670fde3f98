"""Alerts that begin and end: one at a time for each subject, noted in the transaction that queues who is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, select, update

from db.models import CameraRow, SiteRow
from db.notice_models import AlertRow
from db.writing.notices import KEPT
from db.writing.registry import lock_sites, storable
from db.writing.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert; `camera` is its name, empty where the alert is about a day (`day`)."""

    uid: UUID
    site: str
    subject: str
    kind: str
    camera: str
    day: date | None
    since: datetime
    ended_at: datetime | None
    summary: str


def days_alerted(connection: Connection, site: str) -> set[date]:
    """Return the days about which there is an alert, ended or not."""
    row = AlertRow
    query = select(row.day).join(SiteRow, SiteRow.id == row.site_id).where(SiteRow.name == site, row.day.is_not(None))
    return {day for day in connection.execute(query).scalars() if day is not None}


def lock_site(connection: Connection, site: str) -> None:
    """Wait until nobody else decides about the alerts of `site`, until the end of the transaction."""
    lock_sites(connection, connection.execute(select(SiteRow.id).where(SiteRow.name == site)).scalars())


def begin_alert(connection: Connection, alert: Alert, now: datetime) -> bool:
    """Note that `alert` began; False when there is one about its subject already. Its uid is used as it is."""
    site_id = connection.execute(select(SiteRow.id).where(SiteRow.name == alert.site)).scalar_one()
    camera = select(CameraRow.id).where(CameraRow.name == alert.camera)
    values = {
        "uid": alert.uid,
        "site_id": site_id,
        "camera_id": connection.execute(camera).scalar_one() if alert.camera else None,
        "subject": alert.subject,
        "kind": alert.kind,
        "day": alert.day,
        "since": alert.since,
        "noted_at": now,
        "ended_at": None,
        "summary": storable(alert.summary, 500),
    }
    new = insert_into(connection, AlertRow).values(**values).on_conflict_do_nothing().returning(AlertRow.uid)
    return connection.execute(new).first() is not None


def end_alert(connection: Connection, uid: UUID, ended_at: datetime) -> bool:
    """Note that an alert ended; False when it had already."""
    row = AlertRow
    done = connection.execute(update(row).where(row.uid == uid, row.ended_at.is_(None)).values(ended_at=ended_at))
    return done.rowcount == 1


def forget_alerts(connection: Connection, now: datetime) -> None:
    """Forget the alerts that ended long ago."""
    connection.execute(delete(AlertRow).where(AlertRow.ended_at < now - KEPT))


def new_uid() -> UUID:
    """Return the uid of an alert that is about to begin."""
    return uuid4()
