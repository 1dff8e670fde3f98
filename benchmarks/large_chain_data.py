"""Three years of a large chain, made by PostgreSQL itself: 200 cameras in 20 malls, 20 million visits a year.

One week is drawn visit by visit; its totals, sheets and judgements follow from these visits. The weeks before it are
the same again. Single visits and minutes reach back as far as retention would keep them: older ones are gone, and
noted as deleted. The malls are open 12 hours (720 minutes) a day in a time zone whose clocks never change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, insert, select

from benchmarks.estimate_rows import estimated_day
from benchmarks.large_chain_sql import DAY, EARLIER, MINUTES_OF_DAY, OBSERVED_HOURS, OLDER_ESTIMATES, UIDS, WEEKS
from benchmarks.rollups import LAST_DAY
from db.estimate_models import ShareEstimateRow
from db.models import DeletionRow, HourlyTotalsRow, SiteRow
from db.session import reading, writing
from db.store import Store
from footfall.config import Config
from footfall.config_sections import ReidConfig
from reid.types import STAY_BUCKETS
from reports.hidden_cells import EstimateSettings

SITES = 20
CAMERAS = 200
ENTRANCES = 5
VISITS_A_YEAR = 20_000_000
ZONE = "Asia/Dubai"  # always four hours ahead of UTC
HOURS = "10:00-22:00"
OPENS_UTC = 6
TOTALS = (
    ("hourly_visits",),
    ("hourly_firsts", "daily_firsts", "register_parts"),
    ("daily_visits", "hourly_totals", "day_sheets"),
)
VISITS = ("visits", "visit_firsts")
MINUTES = ("camera_minutes",)
DRAWN = (*(table for some in TOTALS for table in some), *VISITS, *MINUTES)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to be: weeks of totals, of single visits and of minutes, and uids of deleted visits."""

    weeks: int = 156
    visits_weeks: int = 13
    minutes_weeks: int = 26
    purged: int = 10_000_000


def large_chain(database_url: str = "sqlite:///unused.db", sites: int = SITES, **settings: Any) -> Config:
    """Return the settings of the chain, or of its first malls; the first one is called main."""
    names = ["main", *(f"mall{number:02}" for number in range(1, sites))]
    each = CAMERAS // SITES
    cameras = {
        f"camera{number:03}": {
            "source": "0",
            "site": names[number // each],
            "entrance": f"Entrance {number % ENTRANCES}",
        }
        for number in range(each * sites)
    }
    malls = {name: {"label": f"Mall {name}", "time_zone": ZONE, "opening_hours": HOURS} for name in names}
    judging = {"reid": ReidConfig(mode="clothes")} | settings
    return Config(database_url=SecretStr(database_url), sites=malls, cameras=cameras, **judging)


def prepare(engine: Engine, size: Size) -> None:
    """Write the chain and its history, unless it is there from an earlier run."""
    began = first_day(size.weeks)
    Store(engine, clock=lambda: datetime.combine(began, time(), UTC)).sync(large_chain())
    with reading(engine) as connection:
        if connection.execute(select(HourlyTotalsRow.day).limit(1)).first() is not None:
            return
    _draw_week(engine)
    parts = [dict.fromkeys(tables, size.weeks) for tables in TOTALS]
    parts += [dict.fromkeys(VISITS, size.visits_weeks), dict.fromkeys(MINUTES, size.minutes_weeks)]
    with ThreadPoolExecutor() as pool:
        done = [pool.submit(_copy_weeks, engine, weeks) for weeks in parts]
        done.append(pool.submit(_fill_observation, engine, size))
    for one in done:
        one.result()
    _fill_estimates(engine, size)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA drawn_week CASCADE")
        connection.exec_driver_sql("VACUUM ANALYZE")


def first_day(weeks: int) -> date:
    """Return the first day of so many weeks."""
    return LAST_DAY - timedelta(days=7 * weeks - 1)


def open_hours(day: date) -> list[datetime]:
    """Return when the open hours of the day begin."""
    return [datetime.combine(day, time(OPENS_UTC + hour), UTC) for hour in range(12)]


def _draw_week(engine: Engine) -> None:
    """Draw the newest week into tables of its own."""
    mean = VISITS_A_YEAR / (52 * 7) / CAMERAS
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE SCHEMA drawn_week")
        for table in DRAWN:
            connection.exec_driver_sql(f"CREATE TABLE drawn_week.{table} (LIKE public.{table})")
        connection.exec_driver_sql("SET LOCAL search_path = drawn_week, public")
        connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")
        for number in range(7):
            day = LAST_DAY - timedelta(days=number)
            connection.exec_driver_sql(DAY.format(day=day, mean=mean, opens=OPENS_UTC, buckets=STAY_BUCKETS))
            connection.exec_driver_sql(MINUTES_OF_DAY.format(day=day, opens=OPENS_UTC))


def _copy_weeks(engine: Engine, weeks: Mapping[str, int]) -> None:
    """Fill each of these tables with so many weeks: the drawn one and, before it, the same again."""
    columns = """SELECT column_name, data_type FROM information_schema.columns
        WHERE table_schema = 'drawn_week' AND table_name = '{}' ORDER BY ordinal_position"""
    for table, count in weeks.items():
        with _bare(engine, table) as connection:
            found = connection.exec_driver_sql(columns.format(table)).all()
            shifted = ", ".join(EARLIER.get(kind, "{0}").format(f'"{name}"') for name, kind in found)
            connection.exec_driver_sql(WEEKS.format(table=table, columns=shifted, weeks=count))


def _fill_observation(engine: Engine, size: Size) -> None:
    """Write what cameras observed by hour, what retention noted, and the uids of deleted visits."""
    seen_from = first_day(size.minutes_weeks)
    with _bare(engine, "hourly_observation") as connection:
        for first, last, frozen in (
            (first_day(size.weeks), seen_from - timedelta(days=1), True),
            (seen_from, LAST_DAY, False),
        ):
            connection.exec_driver_sql(OBSERVED_HOURS.format(first=first, last=last, frozen=frozen, opens=OPENS_UTC))
        _note_deletion(connection, "visits", first_day(size.visits_weeks))
        _note_deletion(connection, "camera_minutes", seen_from)
    with _bare(engine, "purged_visits") as connection:
        connection.exec_driver_sql(UIDS.format(count=size.purged))


def _note_deletion(connection: Connection, table_name: str, before_day: date) -> None:
    """Note that retention has deleted the single rows before that day, as far as `db verify` asks for it."""
    values = {"table_name": table_name, "before_day": before_day, "rows": 1, "deleted_at": datetime.now(UTC)}
    sites = connection.execute(select(SiteRow.id)).scalars().all()
    connection.execute(insert(DeletionRow), [values | {"site_id": site_id} for site_id in sites])


def _fill_estimates(engine: Engine, size: Size) -> None:
    """Estimate one day of one mall with the program, and write its rows for every day of this mall."""
    config = large_chain(sites=1)
    visits = VISITS_A_YEAR // (52 * 7) // SITES
    settings = EstimateSettings(config.report.age_group_starts, config.report.small_cell, config.reid.staff_in_visits)
    yesterday = LAST_DAY - timedelta(days=1)
    one = estimated_day(config, settings, visits, yesterday, open_hours(yesterday))
    starts = [hour.isoformat() for hour in open_hours(yesterday)]
    with writing(engine) as connection:
        site_id = connection.execute(select(SiteRow.id).where(SiteRow.name == "main")).scalar_one()
        rows = [replace(row, hours=row.hours | {"starts": starts[: len(row.hours["starts"])]}) for row in one]
        connection.execute(insert(ShareEstimateRow), [asdict(row) | {"site_id": site_id} for row in rows])
        connection.exec_driver_sql(OLDER_ESTIMATES.format(site=site_id, day=yesterday, first=first_day(size.weeks)))


@contextmanager
def _bare(engine: Engine, table: str) -> Iterator[Connection]:
    """Give a connection on which `table` is empty and has no index until it is filled."""
    with writing(engine) as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # cameras are known to be there
        connection.exec_driver_sql(f"TRUNCATE {table}")  # with wal_level = minimal nothing is logged then
        again = []
        keys = f"""SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE contype = 'p' AND conrelid = '{table}'::regclass"""
        for name, meaning in connection.exec_driver_sql(keys).all():
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {meaning}")
        indexes = f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '{table}' AND schemaname = 'public'"
        for name, meaning in connection.exec_driver_sql(indexes).all():
            connection.exec_driver_sql(f"DROP INDEX {name}")
            again.append(meaning)
        yield connection
        for statement in again:
            connection.exec_driver_sql(statement)
