"""Daily reports from the database to files: derived when asked for, written with a revision, written again when due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, Engine

from analytics.completeness import observed_share
from db.reading import operation, queries
from db.reading.observation import HOUR_COLUMNS, observation
from db.reading.selection import Selection
from db.session import reading
from db.store import Store
from db.writing.report_log import WrittenReport, last_report, reopened_because
from footfall.config import ReportConfig
from footfall.errors import ConfigError
from footfall.local_time import local_day
from reports.files import to_csv, write_atomically
from reports.table import ReportData, ReportOptions, Revision, report

VISIT_COLUMNS = ("site", "entrance", "camera", "day", "hour_start", "gender", "age_group")
NOT_WRITTEN = "not written yet: "
NOT_OVER = "the day is not over yet"


def utc_now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What writing a day's report came to. `written` is False when the file was there and still holds."""

    report: WrittenReport
    written: bool


class ReportWriter:
    """Derives and writes the daily reports of the sites in one database.

    A day has a report, with a revision, when it is over; until then it has only what came so far.
    """

    def __init__(
        self,
        engine: Engine,
        settings: ReportConfig,
        store: Store | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._store = store or Store(engine)
        self._now = now

    def table(self, site: str, day: date, *, by_hour: bool = False) -> pd.DataFrame:
        """Return the report of one day as it is now, with the revision of the written one where it still holds.

        Raises:
            ConfigError: there is no such site.
            StoreError: the database is away.
        """
        with reading(self._engine) as connection:
            last = last_report(connection, site, day)
            reopened = reopened_because(connection, site, day)
            data = report_data(connection, site, day)
        revision = Revision(reason=NOT_WRITTEN + reopened) if reopened else _revision(last)
        if not self._is_over(data):
            revision = Revision(reason=NOT_OVER)
        return report(data, self._options(by_hour), revision)

    def is_over(self, site: str, day: date) -> bool:
        """Tell whether `day` has ended at `site`.

        Raises:
            ConfigError: there is no such site.
            StoreError: the database is away.
        """
        with reading(self._engine) as connection:
            return day < local_day(self._now(), _zone(connection, site))

    def write_so_far(self, site: str, day: date) -> Path:
        """Write what a day that is not over gave so far as SITE_DAY_so_far.csv; the day's report follows after it.

        Raises:
            ConfigError: there is no such site.
            StoreError: the database is away or the file cannot be written.
        """
        path = self._so_far(self._path(site, day))
        write_atomically(path, to_csv(self.table(site, day)))
        return path

    def range_table(self, site: str, first_day: date, last_day: date, *, by_hour: bool = False) -> pd.DataFrame:
        """Return the reports of several days, one below the other."""
        days = [first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)]
        return pd.concat([self.table(site, day, by_hour=by_hour) for day in days], ignore_index=True)

    def write(self, site: str, day: date) -> Outcome:
        """Write the day's report, or leave it when it is there and nothing changed.

        A report that changed becomes a new revision that names the one it replaces and why; the file of the old one
        is kept beside it as SITE_DAY_rN.csv.

        Raises:
            ConfigError: there is no such site, or the day is not over: see `write_so_far`.
            StoreError: the database is away or the file cannot be written; the old file is then untouched.
        """
        with reading(self._engine) as connection:
            last = last_report(connection, site, day)
            reason = reopened_because(connection, site, day)
            data = report_data(connection, site, day)
        if not self._is_over(data):
            raise ConfigError(f"{day} is not over at {site}; its report can be written when it is")
        path = self._path(site, day)
        if last is not None:
            content = to_csv(report(data, self._options(False), _revision(last)))
            if sha256(content).hexdigest() == last.sha256:
                return self._keep(last, path, content)
        number = 1 if last is None else last.revision + 1
        reason = "" if last is None else reason or "the settings of the report or of the site changed"
        revision = Revision(number, None if last is None else last.revision, reason)
        content = to_csv(report(data, self._options(False), revision))
        if last is not None:
            _archive(path, last)
        write_atomically(path, content)
        self._so_far(path).unlink(missing_ok=True)
        written = _written(data, revision, path, content)
        self._store.record_report(written)
        return Outcome(written, written=True)

    def due(self, site: str, now: datetime) -> list[date]:
        """Return the past days of `site` that have no report yet or were reopened since, oldest first."""
        with reading(self._engine) as connection:
            yesterday = local_day(now, _zone(connection, site)) - timedelta(days=1)
            reopened = operation.reopened_days(connection, [site])["day"]
            unreported = operation.unreported_days(connection, site, yesterday)
        return sorted({*unreported, *(day for day in reopened if day <= yesterday)})

    def _is_over(self, data: ReportData) -> bool:
        return data.day < local_day(self._now(), data.zone)

    def _path(self, site: str, day: date) -> Path:
        return self._settings.directory / f"{site}_{day.isoformat()}.csv"

    @staticmethod
    def _so_far(path: Path) -> Path:
        return path.with_stem(f"{path.stem}_so_far")

    def _keep(self, last: WrittenReport, path: Path, content: bytes) -> Outcome:
        self._store.close_day(last.site, last.day)
        missing = not path.exists()
        if missing:
            write_atomically(path, content)
        return Outcome(last, written=missing)

    def _options(self, by_hour: bool) -> ReportOptions:
        return ReportOptions(self._settings.age_group_starts, self._settings.small_cell, by_hour)


def report_data(connection: Connection, site: str, day: date) -> ReportData:
    """Return what the report of one site and day is made of.

    Raises:
        ConfigError: there is no such site.
    """
    zone = _zone(connection, site)
    selection = Selection(day, day, sites=(site,))
    return ReportData(
        site,
        day,
        zone,
        queries.hourly(connection, selection, VISIT_COLUMNS),
        observation(connection, selection, HOUR_COLUMNS),
    )


def _zone(connection: Connection, site: str) -> ZoneInfo:
    rows = operation.sites(connection)
    if site not in set(rows["site"]):
        known = ", ".join(rows["site"]) or "none"
        raise ConfigError(f"no site {site!r} in the database; there are: {known}")
    return ZoneInfo(str(rows.loc[rows["site"] == site, "time_zone"].item()))


def _revision(last: WrittenReport | None) -> Revision:
    return Revision() if last is None else Revision(last.revision, last.replaces, last.reason)


def _written(data: ReportData, revision: Revision, path: Path, content: bytes) -> WrittenReport:
    seen = data.observation[["observed_open_s", "open_s"]].sum()
    return WrittenReport(
        site=data.site,
        day=data.day,
        revision=revision.number or 1,
        replaces=revision.replaces,
        reason=revision.reason,
        path=str(path),
        sha256=sha256(content).hexdigest(),
        visits=int(data.hourly["visits"].sum()),
        observed_share=observed_share(float(seen["observed_open_s"]), float(seen["open_s"])),
    )


def _archive(path: Path, last: WrittenReport) -> None:
    """Keep the file of the replaced revision, unless somebody changed it meanwhile."""
    if path.exists() and sha256(path.read_bytes()).hexdigest() == last.sha256:
        write_atomically(path.with_stem(f"{path.stem}_r{last.revision}"), path.read_bytes())
