"""What one report is made of, read from one snapshot of the database."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection

from analytics.unique_days import NO_SUMS, unique_day
from db.reading import operation, queries
from db.reading.arrivals import arrivals, who_came_in
from db.reading.firsts import firsts, parts, without_staff
from db.reading.observation import HOUR_COLUMNS, observation
from db.reading.selection import Selection
from footfall.config_sections import ReidConfig
from footfall.errors import ConfigError
from reports.table import ReportData
from reports.unique import Judged

VISIT_COLUMNS = ("site", "entrance", "camera", "day", "hour_start", "gender", "age_group")


def report_data(connection: Connection, site: str, day: date, reid: ReidConfig) -> ReportData:
    """Return what the report of one site and day is made of; `reid` says what is told, and whether staff are visits.

    Raises:
        ConfigError: there is no such site.
    """
    zone = zone_of(connection, site)
    selection = Selection(day, day, sites=(site,))
    visits = queries.hourly(connection, selection, VISIT_COLUMNS)
    judged = _judged(connection, selection, reid)
    if not reid.staff_in_visits:
        visits = without_staff(visits, judged.firsts)
    came = _came_in(connection, selection, reid)
    return ReportData(site, day, zone, visits, observation(connection, selection, HOUR_COLUMNS), judged, came_in=came)


def zone_of(connection: Connection, site: str) -> ZoneInfo:
    """Return the time zone of a site.

    Raises:
        ConfigError: there is no such site.
    """
    zones = operation.time_zones(connection)
    if site not in zones:
        raise ConfigError(f"no site {site!r} in the database; there are: {', '.join(zones) or 'none'}")
    return zones[site]


def _came_in(connection: Connection, selection: Selection, reid: ReidConfig) -> pd.DataFrame:
    """Return site, entrance, camera, day, hour_start, direction and visits of who came in."""
    by = (*VISIT_COLUMNS[:5], "direction")
    visits = queries.hourly(connection, selection, by)
    if not reid.staff_in_visits:
        visits = without_staff(visits, firsts(connection, selection, by))
    return who_came_in(visits)


def _judged(connection: Connection, selection: Selection, reid: ReidConfig) -> Judged:
    told = firsts(connection, selection, VISIT_COLUMNS)
    sums = {name: int(told[name].sum()) for name in NO_SUMS}
    came = int(arrivals(connection, selection)["arrivals"].sum())
    day = unique_day(parts(connection, selection), sums, came, reid.max_interval_share)
    return Judged(told, day)
