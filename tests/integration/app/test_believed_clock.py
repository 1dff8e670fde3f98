"""A clock that is ahead, behind or unlike the server's: nothing is reported or deleted too early, and it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import structlog
from sqlalchemy import Engine, func, select

from app.believed_clock import belief
from app.jobs import DailyJobs, SetBackWatch, make_scheduler
from db.models import VisitRow
from db.reading.last_seen import LastSeen, last_seen
from db.session import open_database, reading
from db.store import Store
from footfall.config import Config
from footfall.config_sections import ReportConfig
from footfall.errors import StoreError
from footfall.types import Recording
from tests.conftest import FakeClock
from tests.integration.conftest import minute, visit

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # in Berlin
MONDAY = date(2026, 3, 2)
RUN_AHEAD = UUID(int=9)


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    """One mall in Berlin with one camera."""
    sites = {"mall": {"time_zone": "Europe/Berlin", "opening_hours": "10:00-20:00"}}
    cameras = {"north": {"source": "0", "site": "mall"}}
    return Config(sites=sites, cameras=cameras, report=ReportConfig(directory=tmp_path / "reports"))


@pytest.fixture
def engine(sqlite_url: str, settings: Config, clock: FakeClock) -> Iterator[Engine]:
    """A mall that opened on Monday, seen until noon; SQLite, whose clock is the computer's."""
    engine = open_database(sqlite_url)
    store = Store(engine, clock)
    store.sync(settings)
    store.save_visits([visit(number, NOON) for number in range(3)])
    store.save_minutes([minute(NOON), minute(NOON + timedelta(minutes=1))])
    yield engine
    engine.dispose()


Jobs = Callable[..., DailyJobs]


@pytest.fixture
def jobs(engine: Engine, settings: Config, clock: FakeClock) -> Jobs:
    return lambda **how: DailyJobs(settings, engine, clock, **how)


def rows(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(VisitRow)).scalar_one()


def days(daily: DailyJobs) -> list[date]:
    return [outcome.report.day for outcome in daily.run_once()]


def test_a_clock_a_year_ahead_reports_and_deletes_nothing_until_it_is_right(
    engine: Engine, jobs: Jobs, clock: FakeClock
) -> None:
    clock.advance(days=365)
    daily = jobs()
    with structlog.testing.capture_logs() as logs:
        assert days(daily) == []
    assert rows(engine) == 3
    reason = "this computer's clock says 2027-03-02 12:00 UTC, and no camera was seen since 2026-03-02 11:01 UTC"
    assert any(entry.get("reason", "").startswith(reason) for entry in logs)
    assert daily.belief().stops
    clock.advance(days=-364)
    Store(engine, clock).save_minutes([minute(clock())])
    assert days(daily) == [MONDAY]
    assert not daily.belief().sentence


def test_live_cameras_under_a_clock_a_year_ahead_change_nothing(engine: Engine, jobs: Jobs, clock: FakeClock) -> None:
    clock.advance(days=365)
    store = Store(engine, clock)
    store.save_minutes([minute(clock() - timedelta(minutes=number), run=RUN_AHEAD) for number in range(60)])
    daily = jobs()
    assert days(daily) == [] and rows(engine) == 3
    assert "after 2026-03-02 11:01 UTC no camera was seen for over a month" in daily.belief().sentence
    clock.advance(days=-364)  # set right, the minutes of the year to come stay
    store.save_minutes([minute(clock())])
    assert days(daily) == [MONDAY]
    told = daily.belief()
    assert "the newest data are of 2027-03-02 12:00 UTC" in told.sentence and not told.stops


def test_a_mall_that_was_closed_for_three_weeks_gets_its_reports_when_a_camera_is_seen_again(
    engine: Engine, jobs: Jobs, clock: FakeClock
) -> None:
    clock.advance(days=21)
    daily = jobs()
    assert days(daily) == [] and daily.belief().stops
    Store(engine, clock).save_minutes([minute(clock())])
    assert days(daily) == [MONDAY + timedelta(days=number) for number in range(21)]
    assert not daily.belief().sentence


def test_somebody_may_say_that_the_clock_is_right(engine: Engine, jobs: Jobs, clock: FakeClock) -> None:
    clock.advance(days=100)
    assert len(days(jobs(clock_is_right=True))) == 100
    assert rows(engine) == 0


def test_a_month_of_silence_is_believed_after_seven_days(engine: Engine, jobs: Jobs, clock: FakeClock) -> None:
    store = Store(engine, clock)
    clock.advance(days=60)
    for _ in range(7):
        store.save_minutes([minute(clock())])
        assert days(jobs()) == []
        clock.advance(days=1)
    clock.advance(hours=1)
    store.save_minutes([minute(clock())])
    assert len(days(jobs())) == 67


def test_the_day_on_which_the_box_was_switched_off_is_reported_before_a_camera_is_back(
    jobs: Jobs, clock: FakeClock
) -> None:
    clock.advance(days=1)
    assert days(jobs()) == [MONDAY]
    clock.advance(days=1)  # nothing was seen on Tuesday
    assert days(jobs()) == []


def test_a_processed_recording_is_something_seen(engine: Engine, jobs: Jobs, clock: FakeClock) -> None:
    clock.advance(days=5)
    recording = Recording("north", "a" * 64, "a.mp4", NOON, NOON + timedelta(hours=1), 10, 0, "v")
    Store(engine, clock).save_recording(recording, [], [])
    assert days(jobs()) == [MONDAY + timedelta(days=number) for number in range(5)]


def test_a_clock_far_behind_reports_nothing_and_is_told(engine: Engine, jobs: Jobs, clock: FakeClock) -> None:
    clock.advance(days=-30)
    daily = jobs()
    assert days(daily) == [] and rows(engine) == 3
    assert "no camera was ever seen before 2026-01-31 12:00 UTC" in daily.belief().sentence


def test_a_clock_before_the_program_registers_nothing(settings: Config, sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    store = Store(engine, lambda: datetime(2000, 1, 1, tzinfo=UTC))
    with pytest.raises(StoreError, match=r"clock says 2000-01-01.*set it"):
        store.sync(settings)
    engine.dispose()


def test_a_server_with_another_clock_stops_both(postgres_url: str, settings: Config, clock: FakeClock) -> None:
    engine = open_database(postgres_url)
    try:
        store = Store(engine, clock)
        store.sync(settings)
        store.save_visits([visit(1, NOON)])
        store.save_minutes([minute(NOON)])
        clock.now = datetime.now(UTC) + timedelta(days=365)
        daily = DailyJobs(settings, engine, clock)
        assert days(daily) == [] and rows(engine) == 1
        assert "that of the database server" in daily.belief().sentence and daily.belief().stops
        with reading(engine) as connection:
            assert last_seen(connection, datetime.now(UTC)).until == NOON
    finally:
        engine.dispose()


def test_a_clock_that_agrees_with_what_was_seen_is_believed() -> None:
    told = belief(LastSeen(NOON, server_now=NOON + timedelta(seconds=30)), NOON + timedelta(minutes=1))
    assert (told.now, told.sentence) == (NOON + timedelta(minutes=1), "")


def test_jobs_run_at_once_when_the_clock_was_set_back_and_not_when_it_was_put_forward(
    jobs: Jobs, settings: Config, clock: FakeClock
) -> None:
    scheduler, passed_s = make_scheduler(settings, jobs()), 0.0
    ahead = clock() + timedelta(days=200)
    for job in scheduler.get_jobs():
        job.modify(next_run_time=ahead)
    watch = SetBackWatch(scheduler, clock, lambda: passed_s)
    passed_s = 60.0
    clock.advance(seconds=60)
    watch.look()
    clock.advance(days=1)
    watch.look()
    assert {job.next_run_time for job in scheduler.get_jobs()} == {ahead}
    clock.advance(days=-1)
    watch.look()
    assert {job.next_run_time for job in scheduler.get_jobs()} == {clock()}


def test_sites_of_one_zone_are_reported_by_one_job(jobs: Jobs) -> None:
    zones = {"mall": "Europe/Berlin", "outlet": "Europe/Berlin", "pier": "Europe/Lisbon"}
    config = Config.model_validate({"sites": {name: {"time_zone": zone} for name, zone in zones.items()}})
    daily = [job.id for job in make_scheduler(config, jobs()).get_jobs() if job.id.startswith("daily")]
    assert sorted(daily) == ["daily reports in Europe/Berlin", "daily reports in Europe/Lisbon"]
