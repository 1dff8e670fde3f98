"""What one report is made of, read from one snapshot of the database."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from analytics.unique_days import NO_SUMS, unique_day
from db.reading import operation, queries
from db.reading.arrivals import who_came_in
from db.reading.firsts import firsts, parts, without_staff
from db.reading.observation import HOUR_COLUMNS, observation, open_when_they_end
from db.reading.selection import Selection
from footfall.config_sections import ReidConfig
from footfall.errors import ConfigError
from footfall.local_time import hours_of_day
from reports.occupancy import DayPassages, cameras_without_line, day_inside
from reports.table import ReportData
from reports.unique import Judged

VISIT_COLUMNS = ("site", "entrance", "camera", "day", "hour_start", "gender", "age_group")
PASSAGE_COLUMNS = (*VISIT_COLUMNS, "direction")


def report_data(connection: Connection, site: str, day: date, reid: ReidConfig) -> ReportData:
    """Return what the report of one site and day is made of; `reid` says what is told, and whether staff are visits.

    Raises:
        ConfigError: there is no such site.
    """
    zone = zone_of(connection, site)
    selection = Selection(day, day, sites=(site,))
    passages = queries.hourly(connection, selection, PASSAGE_COLUMNS)
    visits = passages.groupby(list(VISIT_COLUMNS), sort=True)["visits"].sum().reset_index()
    judged = _judged(connection, selection, reid, came=int(who_came_in(passages)["visits"].sum()))
    watched = observation(connection, selection, HOUR_COLUMNS)
    is_open_after = bool(open_when_they_end(connection, site, [day]))
    hours, without_line = hours_of_day(day, zone), cameras_without_line(passages)
    inside = day_inside(DayPassages(passages, watched, hours, without_line, is_open_after))
    if not reid.staff_in_visits:
        visits = without_staff(visits, judged.firsts)
        passages = without_staff(passages, firsts(connection, selection, PASSAGE_COLUMNS))
    return ReportData(site, day, zone, visits, watched, judged, passages, inside)


def zone_of(connection: Connection, site: str) -> ZoneInfo:
    """Return the time zone of a site.

    Raises:
        ConfigError: there is no such site.
    """
    zones = operation.time_zones(connection)
    if site not in zones:
        raise ConfigError(f"no site {site!r} in the database; there are: {', '.join(zones) or 'none'}")
    return zones[site]


def _judged(connection: Connection, selection: Selection, reid: ReidConfig, *, came: int) -> Judged:
    told = firsts(connection, selection, VISIT_COLUMNS)
    sums = {name: int(told[name].sum()) for name in NO_SUMS}
    day = unique_day(parts(connection, selection), sums, came, reid.max_interval_share)
    return Judged(told, day)
