"""What the daily job wrote: revisions of each day's report, and the days that need a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, select

from db.models import CameraRow, DailyReportRow, DailyVisitsRow, ReopenedDayRow, SiteRow
from db.writing.registry import lock_sites, storable
from db.writing.reopening import Change, reopen
from footfall.errors import StoreError


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A daily report as it was written: where, with which content, and which revision it replaces."""

    site: str
    day: date
    revision: int
    replaces: int | None
    reason: str
    path: str
    sha256: str
    visits: int
    observed_share: float | None


def last_report(connection: Connection, site: str, day: date) -> WrittenReport | None:
    """Return the newest revision of the day's report, None when none was written."""
    row = DailyReportRow
    query = (
        select(
            SiteRow.name.label("site"),
            row.day,
            row.revision,
            row.replaces,
            row.reason,
            row.path,
            row.sha256,
            row.visits,
            row.observed_share,
        )
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(SiteRow.name == site, row.day == day)
        .order_by(row.revision.desc())
        .limit(1)
    )
    found = connection.execute(query).first()
    return None if found is None else WrittenReport(**found._asdict())


def reopened_because(connection: Connection, site: str, day: date) -> str:
    """Return in words what changed since the day's report was written; empty when nothing did."""
    row = ReopenedDayRow
    query = (
        select(row.visits_added, row.visits_removed, row.observation_changed)
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(SiteRow.name == site, row.day == day)
    )
    found = connection.execute(query).first()
    return "" if found is None else Change(*found).in_words()


def record_report(connection: Connection, report: WrittenReport, now: datetime) -> None:
    """Note that `report` was written; visits that came while it was being written reopen its day at once.

    Raises:
        StoreError: the site is unknown, or another process wrote the same revision.
    """
    site_id = connection.execute(select(SiteRow.id).where(SiteRow.name == report.site)).scalar_one_or_none()
    if site_id is None:
        raise StoreError(f"no site {report.site!r} in the database")
    lock_sites(connection, [site_id])
    last = last_report(connection, report.site, report.day)
    if report.revision != (last.revision + 1 if last else 1):
        raise StoreError(f"the report of {report.site} for {report.day} was written by another process meanwhile")
    values = {
        "revision": report.revision,
        "replaces": report.replaces,
        "reason": storable(report.reason, 500),
        "path": storable(report.path, 1000),
        "sha256": report.sha256,
        "visits": report.visits,
        "observed_share": report.observed_share,
        "written_at": now,
    }
    connection.execute(insert(DailyReportRow).values(site_id=site_id, day=report.day, **values))
    connection.execute(
        delete(ReopenedDayRow).where(ReopenedDayRow.site_id == site_id, ReopenedDayRow.day == report.day)
    )
    late = _visits_now(connection, site_id, report.day) - report.visits
    if late:
        reopen(connection, {(site_id, report.day): Change(max(late, 0), max(-late, 0))}, now)


def close_day(connection: Connection, site: str, day: date) -> None:
    """Forget that the day was reopened: its report was derived again and came out the same."""
    site_id = select(SiteRow.id).where(SiteRow.name == site).scalar_subquery()
    connection.execute(delete(ReopenedDayRow).where(ReopenedDayRow.site_id == site_id, ReopenedDayRow.day == day))


def _visits_now(connection: Connection, site_id: int, day: date) -> int:
    query = (
        select(func.coalesce(func.sum(DailyVisitsRow.visits), 0))
        .join(CameraRow, CameraRow.id == DailyVisitsRow.camera_id)
        .where(CameraRow.site_id == site_id, DailyVisitsRow.day == day)
    )
    return int(connection.execute(query).scalar_one())
