"""A day's corrected shares: those that are stored while they hold, else made anew as long as its visits are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine

from db.estimates import StoredEstimate
from db.reading.estimates import calibrations, own_versions, stored_estimates, visited_days, whole_from
from db.reading.operation import time_zones
from db.reading.selection import Selection, selected_cameras
from db.session import reading, transact
from db.verification import Difference
from db.writing.estimates import save_estimates
from footfall.config import Config
from footfall.config_sections import ReidConfig, ReportConfig
from footfall.local_time import local_day
from reports.audited_ages import SiteAudits
from reports.audits import checked_audits
from reports.estimating import SiteDay, made
from reports.hidden_cells import EstimateSettings
from reports.hour_sums import hour_numbers

MOST_JUDGED_RUNNING = 2000
SAME = 1e-4
"""Another processor may add in another order; what is told has four digits."""
SAME_SUM = 0.0015
"""Of sums by hour, which are rounded to three digits."""


@dataclass(frozen=True, slots=True)
class DayShares:
    """The estimates of a day, of the whole site first.

    `is_new`: made just now, not what is stored. `is_kept`: as they were stored once; the visits are gone, so that they
    can be neither made again nor checked.
    """

    estimates: tuple[StoredEstimate, ...] = ()
    is_new: bool = False
    is_kept: bool = False


def estimate_settings(report: ReportConfig, reid: ReidConfig) -> EstimateSettings:
    """Return what the settings say about estimates."""
    return EstimateSettings(report.age_group_starts, report.small_cell, reid.staff_in_visits)


def day_shares(connection: Connection, site: str, day: date, settings: EstimateSettings) -> DayShares:
    """Return the estimates of a site's day; nothing is written."""
    stored = stored_estimates(connection, site, day, day)
    version = own_versions(connection, site, day, day).get(day, 0)
    audited = SiteAudits(connection, site, settings).on(day)
    asked = SiteDay(site, day, version, settings, calibrations(connection), audited=audited)
    places = _places(connection, site)
    if stored and _holds(stored, asked, places):
        return DayShares(tuple(stored))
    if day < whole_from(connection, site):
        # Made with another threshold they could give away what this one hides.
        fitting = [one for one in stored if one.small_cell == settings.small_cell]
        return DayShares(tuple(fitting), is_kept=bool(fitting))
    return DayShares(tuple(made(connection, asked)), is_new=True)


def running_shares(
    connection: Connection, site: str, day: date, settings: EstimateSettings, only: tuple[str, ...]
) -> DayShares:
    """Return estimates of a day that goes on, of these entrances ("": the whole site); nothing is written.

    Those of a busy day are made from a part of its visits.
    """
    version = own_versions(connection, site, day, day).get(day, 0)
    audited = SiteAudits(connection, site, settings).on(day)
    asked = SiteDay(site, day, version, settings, calibrations(connection), MOST_JUDGED_RUNNING, only, audited)
    return DayShares(tuple(made(connection, asked)), is_new=True)


def keep_day(engine: Engine, site: str, day: date, settings: EstimateSettings) -> bool:
    """Store the estimates of a day unless those that are stored hold; return whether anything was stored.

    Raises:
        StoreError: the database is away.
    """
    with reading(engine) as connection:
        found = day_shares(connection, site, day, settings)
    return found.is_new and transact(engine, save_estimates, site, day, found.estimates)


def keep_past_days(engine: Engine, site: str, settings: EstimateSettings, now: datetime) -> list[date]:
    """Store the estimates of all past days that have none which hold, as far back as visits are kept.

    Audits are compared before, so that those that count correct the ages. Returns the days that were estimated.

    Raises:
        StoreError: the database is away.
    """
    checked_audits(engine, [site], now)
    with reading(engine) as connection:
        yesterday = local_day(now, time_zones(connection)[site]) - timedelta(days=1)
        days = visited_days(connection, site, whole_from(connection, site), yesterday)
        stale = [] if not days else list(_stale(connection, site, days, settings))
    return [day for day in stale if keep_day(engine, site, day, settings)]


def keep_all(engine: Engine, config: Config, now: datetime) -> None:
    """Store the estimates of all sites' past days, and say in the log how many days were estimated."""
    log = structlog.get_logger("footfall.estimates")
    settings = estimate_settings(config.report, config.reid)
    for site in config.sites:
        days = keep_past_days(engine, site, settings, now)
        if days:
            log.info("shares estimated", site=site, days=len(days), first=str(days[0]), last=str(days[-1]))


def estimate_differences(
    connection: Connection, config: Config, first_day: date, last_day: date
) -> Iterator[Difference]:
    """Make the stored estimates of these days again where their visits are kept, and yield what differs.

    Estimates of a state that the day has left, or of other settings, are due to be made anew, and not compared.
    """
    settings = estimate_settings(config.report, config.reid)
    tables = calibrations(connection)
    for site in time_zones(connection):
        versions = own_versions(connection, site, first_day, last_day)
        places, whole = _places(connection, site), whole_from(connection, site)
        audited = SiteAudits(connection, site, settings)
        for day, stored in _by_day(stored_estimates(connection, site, max(first_day, whole), last_day)).items():
            asked = SiteDay(site, day, versions.get(day, 0), settings, tables, audited=audited.on(day))
            if _holds(stored, asked, places):
                yield from _day_differences(site, stored, made(connection, asked))


def _day_differences(
    site: str, stored: Sequence[StoredEstimate], again: Sequence[StoredEstimate]
) -> Iterator[Difference]:
    was, now = ({(one.entrance, one.dimension): _numbers(one) for one in side} for side in (stored, again))
    for key in sorted(was.keys() | now.keys()):
        before, after = was.get(key, {}), now.get(key, {})
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name, 0.0), after.get(name, 0.0)
            if abs(one - other) > (SAME_SUM if " sum " in name else SAME):
                cell = f"{key[0] or 'whole site'}: {name}"
                yield Difference("share_estimates", site, stored[0].day, cell, one, other)


def _numbers(one: StoredEstimate) -> dict[str, float]:
    found = {f"{one.dimension} {name}": float(getattr(one, name)) for name in ("judged", "visits", "left_out")}
    for place, group in enumerate(one.shares.get("groups", ())):
        for name in ("estimate", "low", "high"):
            found[f"{group} {name}"] = float(one.shares[name][place])
    for name, value in hour_numbers(one):
        found[f"{one.dimension} {name}"] = value
    return found


def _holds(stored: Sequence[StoredEstimate], asked: SiteDay, places: dict[str, str]) -> bool:
    return all(one.made_of == asked.made_of(places, one.basis["networks"]) for one in stored)


def _stale(connection: Connection, site: str, days: Sequence[date], settings: EstimateSettings) -> Iterator[date]:
    """Yield those of `days` whose stored estimates are missing or hold no longer."""
    stored = _by_day(stored_estimates(connection, site, days[0], days[-1]))
    versions = own_versions(connection, site, days[0], days[-1])
    tables, places = calibrations(connection), _places(connection, site)
    audited = SiteAudits(connection, site, settings)
    for day in days:
        asked = SiteDay(site, day, versions.get(day, 0), settings, tables, audited=audited.on(day))
        if day not in stored or not _holds(stored[day], asked, places):
            yield day


def _by_day(estimates: Sequence[StoredEstimate]) -> dict[date, list[StoredEstimate]]:
    found: dict[date, list[StoredEstimate]] = {}
    for one in estimates:
        found.setdefault(one.day, []).append(one)
    return found


def _places(connection: Connection, site: str) -> dict[str, str]:
    cameras = selected_cameras(connection, Selection(date.min, date.max, sites=(site,)))
    return {one.camera: one.entrance for one in cameras}
