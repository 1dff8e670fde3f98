"""The report of a day as a page shows it: kept like other answers, for as long as the log of reports says the same."""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import Engine

from dashboard.numbers.ground import ground
from dashboard.numbers.kept import kept
from dashboard.numbers.reading import PAST_KEPT_S, Reader
from db.session import reading
from db.writing.report_log import last_report, reopened_because
from reports.writer import ReportWriter

KEPT_TABLES = 32


def day_table(reader: Reader, day: date, *, by_hour: bool) -> pd.DataFrame:
    """Return the report of one day (see reports.table), with the revision of the written one where it still holds.

    A report that was written, and a day that was reopened, show at once.
    """
    site, engine = reader.site.name, ground().engine
    reader.person.require_site(site)
    with reading(engine) as connection:
        last = last_report(connection, site, day)
        logged = (None if last is None else (last.revision, last.sha256), reopened_because(connection, site, day))
    return _table(site, day, by_hour, logged, reader.bucket(day), str(engine.url), _engine=engine)


@kept(KEPT_TABLES, PAST_KEPT_S)
def _table(
    site: str, day: date, by_hour: bool, logged: object, bucket: int, database: str, *, _engine: Engine
) -> pd.DataFrame:
    del logged, bucket, database  # parts of the cache's key only
    config = ground().config
    return ReportWriter(_engine, config.report, reid=config.reid).table(site, day, by_hour=by_hour)
