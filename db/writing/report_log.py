"""What the daily job wrote: revisions of each day's report, and the days that need a new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select

from db.models import DailyReportRow, ReopenedDayRow, SiteRow
from db.writing.day_versions import day_version
from db.writing.registry import lock_sites, storable
from db.writing.reopening import Change
from footfall.errors import StoreError


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A daily report as it was written: where, with which content, and which revision it replaces.

    `basis` is what it rests on (reports.basis), None of one that an earlier version wrote.
    """

    site: str
    day: date
    revision: int
    replaces: int | None
    reason: str
    path: str
    sha256: str
    visits: int
    observed_share: float | None
    basis: dict[str, Any] | None = None


class MovedOn(StoreError):
    """The day's numbers changed, or another process wrote its report, since this one was made; make it again."""


def last_report(connection: Connection, site: str, day: date) -> WrittenReport | None:
    """Return the newest revision of the day's report, None when none was written."""
    newest = _reports(site).where(DailyReportRow.day == day).order_by(DailyReportRow.revision.desc()).limit(1)
    found = connection.execute(newest).first()
    return None if found is None else WrittenReport(**found._asdict())


def reports_with(connection: Connection, sha256: str) -> list[WrittenReport]:
    """Return the written reports whose SHA-256 begins like that, of all sites."""
    row = DailyReportRow
    query = _reports(None).where(row.sha256.startswith(sha256.lower(), autoescape=True)).order_by(row.day, row.revision)
    return [WrittenReport(**found._asdict()) for found in connection.execute(query)]


def last_reports(connection: Connection, site: str) -> list[WrittenReport]:
    """Return the newest revision of each reported day, oldest day first."""
    row = DailyReportRow
    newest = select(row.site_id, row.day, func.max(row.revision).label("revision")).group_by(row.site_id, row.day)
    known = newest.subquery()
    same = (known.c.site_id == row.site_id, known.c.day == row.day, known.c.revision == row.revision)
    query = _reports(site).join(known, same[0] & same[1] & same[2]).order_by(row.day)
    return [WrittenReport(**found._asdict()) for found in connection.execute(query)]


def reopened_because(connection: Connection, site: str, day: date) -> str:
    """Return in words what changed since the day's report was written; empty when nothing did."""
    row = ReopenedDayRow
    query = (
        select(row.visits_added, row.visits_removed, row.observation_changed, row.unique_changed)
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(SiteRow.name == site, row.day == day)
    )
    found = connection.execute(query).first()
    return "" if found is None else Change(*found).in_words()


def record_report(
    connection: Connection, report: WrittenReport, version: int, put: Callable[[], None], now: datetime
) -> None:
    """Note that `report` was written, and call `put`, which puts its file in place, before the transaction ends.

    Args:
        connection: inside a writing transaction.
        report: what was made; its file waits beside its place.
        version: the version of the day in the snapshot that `report` was made from.
        put: may be called again when the transaction is.
        now: the present moment, aware UTC.

    Raises:
        MovedOn: the day or its log changed meanwhile; nothing was noted, and `put` not called.
        StoreError: the site is unknown.
    """
    site_id = _lock_unmoved(connection, report.site, report.day, version)
    last = last_report(connection, report.site, report.day)
    if report.revision != (last.revision + 1 if last else 1):
        raise MovedOn(f"the report of {report.site} for {report.day} was written by another process meanwhile")
    values = {
        "revision": report.revision,
        "replaces": report.replaces,
        "reason": storable(report.reason, 500),
        "path": storable(report.path, 1000),
        "sha256": report.sha256,
        "visits": report.visits,
        "observed_share": report.observed_share,
        "written_at": now,
        "basis": report.basis,
    }
    connection.execute(insert(DailyReportRow).values(site_id=site_id, day=report.day, **values))
    _close(connection, site_id, report.day)
    put()


def close_day(connection: Connection, report: WrittenReport, version: int, put: Callable[[], None]) -> None:
    """Forget that the day was reopened: its report was made again and came out as `report`, the newest one.

    Raises:
        MovedOn: the day or its log changed meanwhile; it stays reopened, and `put` was not called.
    """
    site_id = _lock_unmoved(connection, report.site, report.day, version)
    if last_report(connection, report.site, report.day) != report:
        raise MovedOn(f"the report of {report.site} for {report.day} was written by another process meanwhile")
    _close(connection, site_id, report.day)
    put()


def _lock_unmoved(connection: Connection, site: str, day: date, version: int) -> int:
    """Lock the site and return its id, if the day is still at `version`."""
    site_id = connection.execute(select(SiteRow.id).where(SiteRow.name == site)).scalar_one_or_none()
    if site_id is None:
        raise StoreError(f"no site {site!r} in the database")
    lock_sites(connection, [site_id])
    if day_version(connection, site, day) != version:
        raise MovedOn(f"the numbers of {site} for {day} changed while the report was made")
    return int(site_id)


def _close(connection: Connection, site_id: int, day: date) -> None:
    connection.execute(delete(ReopenedDayRow).where(ReopenedDayRow.site_id == site_id, ReopenedDayRow.day == day))


def _reports(site: str | None) -> Select[*tuple[Any, ...]]:
    row = DailyReportRow
    names = (row.day, row.revision, row.replaces, row.reason, row.path, row.sha256, row.visits, row.observed_share,
             row.basis)  # fmt: skip
    query = select(SiteRow.name.label("site"), *names).join(SiteRow, SiteRow.id == row.site_id)
    return query if site is None else query.where(SiteRow.name == site)
