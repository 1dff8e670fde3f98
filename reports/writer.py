"""Daily reports from the database to files: derived when asked for, written with a revision, written again when due."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine

from analytics.completeness import observed_share
from db.reading import operation
from db.session import reading
from db.store import Store
from db.writing.day_versions import day_version
from db.writing.report_log import MovedOn, WrittenReport, last_report, last_reports, reopened_because
from footfall.config_sections import ReidConfig, ReportConfig
from footfall.errors import ConfigError, StoreError
from footfall.local_time import local_day
from reports.audits import CheckedAudit, checked_audits
from reports.basis import Basis, Estimating, basis_of, estimated, estimated_as, form_in
from reports.data import report_data, zone_of
from reports.estimates import estimate_settings, keep_day
from reports.files import form_of, to_csv, write_atomically
from reports.shelf import Shelf
from reports.table import ReportData, ReportOptions, Revision, report

NOT_WRITTEN = "not written yet: "
NOT_OVER = "the day is not over yet"
SETTINGS_CHANGED = "the settings of the report or of the site changed"
AUDITS_CHANGED = "an audit that the report rested on does not count any more"
ATTEMPTS = 5


def utc_now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What writing a day's report came to.

    `written` is False when the file was there and still holds; `fault` says why the file of a report that holds had to
    be written again, empty when it had not.
    """

    report: WrittenReport
    written: bool
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """What one snapshot of the database says about a day: `then` with the calibrations and audits of the last report,
    `data` with those of now, which `basis` names."""

    version: int
    last: WrittenReport | None
    reopened: str
    then: ReportData
    data: ReportData
    basis: Basis


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
        reid: ReidConfig | None = None,
    ) -> None:
        self._engine = engine
        self._reid = reid or ReidConfig()
        self._settings = settings
        self._form = form_of(settings)
        self._shelf = Shelf(settings.directory)
        self._store = store or Store(engine)
        self._now = now

    def table(self, site: str, day: date, *, by_hour: bool = False) -> pd.DataFrame:
        """Return the report of one day as it is now, with the revision of the written one where it still holds.

        Raises:
            ConfigError: there is no such site.
            StoreError: the database is away.
        """
        return self._table(site, day, self._audits(site), by_hour=by_hour)

    def is_over(self, site: str, day: date) -> bool:
        """Tell whether `day` has ended at `site`.

        Raises:
            ConfigError: there is no such site.
            StoreError: the database is away.
        """
        with reading(self._engine) as connection:
            return day < local_day(self._now(), zone_of(connection, site))

    def write_so_far(self, site: str, day: date) -> Path:
        """Write what a day that is not over gave so far as SITE_DAY_so_far.csv; the day's report follows after it.

        Raises:
            ConfigError: there is no such site.
            StoreError: the database is away or the file cannot be written.
        """
        path = self._shelf.so_far(site, day)
        write_atomically(path, to_csv(self.table(site, day), self._form))
        return path

    def range_table(self, site: str, first_day: date, last_day: date, *, by_hour: bool = False) -> pd.DataFrame:
        """Return the reports of several days, one below the other."""
        days = [first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)]
        audits = self._audits(site)
        return pd.concat([self._table(site, day, audits, by_hour=by_hour) for day in days], ignore_index=True)

    def write(self, site: str, day: date) -> Outcome:
        """Write the day's report, or leave it when its file is there and nothing changed.

        A report that changed becomes a new revision that names the one it replaces and why; the file of the old one
        is kept beside it as SITE_DAY_rN.csv. File and log change in one transaction, for one state of the database.

        Raises:
            ConfigError: there is no such site, or the day is not over: see `write_so_far`.
            StoreError: the database is away, the file cannot be written, or the numbers changed each time while they
                were written; the old file and the log are then untouched, and the day stays due.
        """
        for _ in range(ATTEMPTS):
            audits = self._audits(site)
            if self.is_over(site, day):
                keep_day(self._engine, site, day, estimate_settings(self._settings, self._reid))
            with suppress(MovedOn):
                return self._write_once(self._read(site, day, audits))
        raise StoreError(f"the numbers of {site} for {day} change while they are written; the day stays due")

    def due(self, site: str, now: datetime) -> list[date]:
        """Return the past days of `site` without a report, reopened since, or without the file as written."""
        with reading(self._engine) as connection:
            yesterday = local_day(now, zone_of(connection, site)) - timedelta(days=1)
            reopened = operation.reopened_days(connection, [site])["day"]
            unreported = operation.unreported_days(connection, site, yesterday)
            reported = last_reports(connection, site)
        faulty = [written.day for written in reported if self._is_faulty(written)]
        return sorted(day for day in {*unreported, *reopened, *faulty} if day <= yesterday)

    def _is_faulty(self, written: WrittenReport) -> bool:
        try:
            return bool(self._shelf.fault(written))
        except StoreError:  # a file that cannot be read holds up no other day; writing this one says why
            return True

    def _audits(self, site: str) -> list[CheckedAudit]:
        return checked_audits(self._engine, [site], self._now())

    def _table(self, site: str, day: date, audits: list[CheckedAudit], *, by_hour: bool) -> pd.DataFrame:
        data, revision = self._standing(self._read(site, day, audits))
        return report(data, self._options(by_hour), revision)

    def _read(self, site: str, day: date, audits: list[CheckedAudit]) -> _Found:
        settings, widest = estimate_settings(self._settings, self._reid), self._settings.max_share_interval
        given = Estimating(settings, self._reid, audits, self._form, widest)
        with reading(self._engine) as connection:
            last = last_report(connection, site, day)
            plain = report_data(connection, site, day, self._reid)
            if not self._is_over(plain):
                plain = replace(plain, inside=None)  # it is known only once everybody has gone
            data = estimated(connection, plain, given)
            return _Found(
                version=day_version(connection, site, day),
                last=last,
                reopened=reopened_because(connection, site, day),
                then=data if last is None else estimated_as(connection, plain, given, last.basis),
                data=data,
                basis=basis_of(connection, data, given),
            )

    def _write_once(self, found: _Found) -> Outcome:
        data, last = found.data, found.last
        if not self._is_over(data):
            raise ConfigError(f"{data.day} is not over at {data.site}; its report can be written when it is")
        if last is not None:
            content = to_csv(report(found.then, self._options(False), _revision(last)), form_in(last.basis))
            if sha256(content).hexdigest() == last.sha256:
                return self._keep(last, found.version, content)
        number = 1 if last is None else last.revision + 1
        reason = "" if last is None else found.reopened or _why_changed(found)
        revision = Revision(number, None if last is None else last.revision, reason)
        content = to_csv(report(data, self._options(False), revision), self._form)
        path = self._shelf.path(data.site, data.day)
        written = replace(_written(data, revision, path, content), basis=found.basis)
        with self._shelf.prepared(written, content, last) as put:
            self._store.record_report(written, found.version, put)
        return Outcome(written, written=True)

    def _keep(self, last: WrittenReport, version: int, content: bytes) -> Outcome:
        """Leave a report as it was written; where its file is not, put it back."""
        fault = self._shelf.fault(last)
        if not fault:
            self._store.close_day(last, version, lambda: None)
            return Outcome(last, written=False)
        with self._shelf.prepared(last, content, None) as put:
            self._store.close_day(last, version, put)
        return Outcome(last, written=True, fault=fault)

    def _standing(self, found: _Found) -> tuple[ReportData, Revision]:
        """Return what to show and the revision it carries: that of the written one only where they agree."""
        if not self._is_over(found.data):
            return found.data, Revision(reason=NOT_OVER)
        if found.reopened:
            return found.data, Revision(reason=NOT_WRITTEN + found.reopened)
        revision = _revision(found.last)
        if found.last is not None:
            content = to_csv(report(found.then, self._options(False), revision), form_in(found.last.basis))
            if sha256(content).hexdigest() != found.last.sha256:
                return found.data, Revision(reason=NOT_WRITTEN + _why_changed(found))
        return found.then, revision

    def _is_over(self, data: ReportData) -> bool:
        return data.day < local_day(self._now(), data.zone)

    def _options(self, by_hour: bool) -> ReportOptions:
        shown = self._settings
        return ReportOptions(shown.age_group_starts, shown.small_cell, by_hour, shown.max_share_interval)


def _why_changed(found: _Found) -> str:
    """Return why a report of a day that nothing reopened is not what it was."""
    before = (found.last.basis if found.last is not None else None) or {}
    gone = (set(before.get(name, ())) - set(found.basis[name]) for name in ("audits", "age_audits"))
    return AUDITS_CHANGED if any(gone) else SETTINGS_CHANGED


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
