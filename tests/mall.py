"""A small mall whose every number is known, written through the store, for tests of what people see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from pydantic import SecretStr
from sqlalchemy import Engine

from db.session import open_database
from db.store import Store
from footfall.config import Config
from footfall.config_sections import CameraConfig, ReportConfig, SiteConfig
from footfall.config_services import DashboardConfig
from footfall.types import CameraMinute, Direction, Gender, Outage, Visit

DAY = date(2026, 3, 2)  # a Monday
WEEK_BEFORE = date(2026, 2, 23)
NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)  # half past ten in Berlin, the mall is open since nine
OPENING = "09:00-12:00"
HOURS_UTC = (8, 9, 10)  # nine, ten and eleven in Berlin
MARKUP_LABEL = "<b>North</b> [doors](https://example.org/x) ![p](https://example.org/p.png)"
NORTH_BY_HOUR = (5, 20, 12)
SOUTH_BY_HOUR = (3, 4, 6)
ALL_VISITS = sum(NORTH_BY_HOUR) + sum(SOUTH_BY_HOUR)  # 50
CAME_IN = 37  # three of four went inwards
BEFORE_VISITS = 40
GAP_MINUTES = 45  # the north camera was covered for the last three quarters of the eleventh hour
PEOPLE = (
    (Direction.IN, Gender.FEMALE, "25-34"),
    (Direction.OUT, Gender.MALE, "35-44"),
    (Direction.IN, Gender.MALE, "65+"),
    (Direction.IN, Gender.UNKNOWN, "unknown"),
)


def mall_config(database_url: str, folder: Path, *, small_cell: int = 0, port: int = 8501) -> Config:
    """Return two sites: `main` with two cameras, one of them labelled with markup, and `annex` with one."""
    return Config(
        database_url=SecretStr(database_url),
        sites={
            "main": SiteConfig(label="Main mall", time_zone="Europe/Berlin", opening_hours=OPENING),
            "annex": SiteConfig(label="Annex", time_zone="Europe/Berlin", opening_hours=OPENING),
        },
        cameras={
            "north": CameraConfig(source="a.mp4", site="main", label=MARKUP_LABEL, entrance="North *gate*"),
            "south": CameraConfig(source="b.mp4", site="main", label="South", entrance="South"),
            "annex-door": CameraConfig(source="c.mp4", site="annex", label="Annex door", entrance="Door"),
        },
        report=ReportConfig(directory=folder / "reports", small_cell=small_cell),
        dashboard=DashboardConfig(port=port, lockout_failures=3),
    )


def fill_mall(config: Config) -> Engine:
    """Write the mall's two Mondays and return the engine of its database."""
    engine = open_database(config.database_url.get_secret_value())
    start = datetime(2026, 2, 23, 5, 0, tzinfo=UTC)
    Store(engine, clock=lambda: start).sync(config)
    store = Store(engine, clock=lambda: NOW)
    store.save_visits(list(_visits("north", DAY, NORTH_BY_HOUR)))
    store.save_visits(list(_visits("south", DAY, SOUTH_BY_HOUR)))
    store.save_visits(list(_visits("south", WEEK_BEFORE, (10, 20, 10))))
    store.save_visits(list(_visits("annex-door", DAY, (7, 0, 0))))
    for camera in ("north", "south", "annex-door"):
        store.save_minutes([*_minutes(camera, WEEK_BEFORE), *_minutes(camera, DAY)])
    begin = _hour(DAY, 11) - timedelta(minutes=GAP_MINUTES)
    uid = uuid5(NAMESPACE_URL, "gap")
    store.save_outages(
        [Outage(uid, "north", begin, begin + timedelta(minutes=GAP_MINUTES), "something covered the lens")]
    )
    return engine


def _hour(day: date, hour_utc: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour_utc, tzinfo=UTC)


def _visits(camera: str, day: date, by_hour: tuple[int, ...]) -> Iterator[Visit]:
    for hour_utc, number in zip(HOURS_UTC, by_hour, strict=True):
        for position in range(number):
            entered_at = _hour(day, hour_utc) + timedelta(seconds=20 * position)
            direction, gender, age_group = PEOPLE[position % len(PEOPLE)]
            yield Visit(
                uid=uuid5(NAMESPACE_URL, f"{camera} {entered_at.isoformat()}"),
                camera_id=camera,
                entered_at=entered_at,
                left_at=entered_at + timedelta(seconds=3),
                direction=direction,
                gender=gender,
                age_group=age_group,
                age_years=None if age_group == "unknown" else float(age_group[:2]),
                p_female=None,
                samples=3,
                quality=0.8,
                model_version="test",
            )


def _minutes(camera: str, day: date) -> Iterator[CameraMinute]:
    for number in range(60 * len(HOURS_UTC)):
        covered = camera == "north" and day == DAY and number >= 60 * len(HOURS_UTC) - GAP_MINUTES
        if not covered:
            minute = _hour(day, HOURS_UTC[0]) + timedelta(minutes=number)
            run = uuid5(NAMESPACE_URL, f"{camera} {day}")
            yield CameraMinute(camera, run, minute, 60.0, 480, 470, 10, 0, 20, 5, 0.25)
