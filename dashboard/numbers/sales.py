"""Sales and staff beside who came in, read for a person and kept for a while; the definitions are in reports.sales."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Engine

from dashboard.numbers.ground import ground
from dashboard.numbers.kept import kept
from dashboard.numbers.reading import PAST_KEPT_S, Reader
from db.reading.figures import currency_of, imports
from db.session import reading
from footfall.figures import WHOLE_SITE, Kind
from reports.sales import MEASURES, RATIOS, SalesSums, sales_frame, sums

ANSWERS = 60


@dataclass(frozen=True, slots=True)
class RangeSales:
    """What a range of days comes to: `days` (one row a day that has figures), `hours` (by clock hour) and `entrances`,
    each with came_in, rows, left_out and the ratios, and the `sums` of all days.
    """

    days: pd.DataFrame
    hours: pd.DataFrame
    entrances: pd.DataFrame
    sums: SalesSums
    currency: str


def range_sales(reader: Reader, first_day: date, last_day: date) -> RangeSales:
    """Return the sales of a range of days at the reader's site."""
    frames = {by_hour: _frame(reader, first_day, last_day, by_hour=by_hour) for by_hour in (False, True)}
    days = frames[False]
    whole = days[days["entrance"] == WHOLE_SITE]
    with reading(ground().engine) as connection:
        currency = currency_of(connection, reader.site.name)
    by_hour = frames[True]
    return RangeSales(
        days=whole.reset_index(drop=True),
        hours=_by(by_hour[by_hour["entrance"] == WHOLE_SITE], "hour"),
        entrances=_by(days[days["entrance"] != WHOLE_SITE], "entrance"),
        sums=sums(whole),
        currency=currency,
    )


def imports_of(reader: Reader, kind: Kind | None = None) -> pd.DataFrame:
    """Return the imports of the reader's site, newest first (see db.reading.figures)."""
    reader.person.require_site(reader.site.name)
    with reading(ground().engine) as connection:
        return imports(connection, kind, [reader.site.name])


def newest_import(reader: Reader) -> int:
    """Return the number of the site's newest import, 0 without one: what was kept of answers holds until it changes."""
    found = imports_of(reader)
    return 0 if found.empty else int(found["number"].max())


def _by(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a row for each value of `column`: rows, left_out, came_in, MEASURES and RATIOS, by `sums`."""
    rows = []
    for value, part in frame.groupby(column, sort=True):
        told = sums(part)
        numbers = {name: getattr(told, name) for name in ("rows", "left_out", "came_in", *MEASURES, *RATIOS)}
        rows.append({column: value, **numbers})
    columns = [column, "rows", "left_out", "came_in", *MEASURES, *RATIOS]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(RATIOS, "float64"))


def _frame(reader: Reader, first_day: date, last_day: date, *, by_hour: bool) -> pd.DataFrame:
    site = reader.site
    site_key = site.name, site.zone.key
    reader.person.require_site(site.name)
    engine = ground().engine
    newest, bucket = newest_import(reader), int(ground().clock().timestamp() // PAST_KEPT_S)
    with_staff = ground().config.reid.staff_in_visits
    key = site_key, first_day, last_day, by_hour, with_staff
    return _kept_frame(*key, newest, bucket, str(engine.url), _engine=engine)


@kept(ANSWERS, PAST_KEPT_S)
def _kept_frame(
    site: tuple[str, str],
    first_day: date,
    last_day: date,
    by_hour: bool,
    with_staff: bool,
    newest: int,
    bucket: int,
    database: str,
    *,
    _engine: Engine,
) -> pd.DataFrame:
    del newest, bucket, database  # parts of the cache's key only
    with reading(_engine) as connection:
        days = first_day, last_day
        return sales_frame(connection, site[0], ZoneInfo(site[1]), days, by_hour=by_hour, with_staff=with_staff)
