"""Minutes by month on PostgreSQL: moved while boxes forward, dropped when old, and no row of a strange date lost."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text

from app.store_sink import StoreSink
from db import minute_months
from db.models import CameraMinuteRow
from db.reading.observation import observation
from db.reading.operation import deletions
from db.reading.selection import Selection
from db.session import open_database, reading
from db.store import Store
from footfall.config import Config
from footfall.config_sections import RetentionConfig
from footfall.errors import StoreError
from footfall.types import CameraMinute, Recording
from ingest.spooling.forward import Forwarder
from ingest.spooling.spool import Spool
from ingest.spooling.writer import SpoolWriter
from tests.conftest import FakeClock
from tests.integration.conftest import minute, visit
from tests.integration.reliability.bench import wait_until

JANUARY = datetime(2026, 1, 15, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)
EARLY, NEW_YEAR, LATE = date(2019, 1, 1), date(2026, 1, 1), date(2030, 1, 1)
WEEKS = Config(retention=RetentionConfig(visits_days=28, minutes_days=28))
WAITING = """SELECT count(*) FROM pg_locks WHERE NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """URL of an empty PostgreSQL database; the other kind has no months."""
    return postgres_url


@pytest.fixture
def clock() -> FakeClock:
    """A day in the middle of January."""
    return FakeClock(JANUARY)


def places(engine: Engine) -> dict[str, int]:
    """Return how many minutes each partition holds; those without any are left out."""
    query = "SELECT tableoid::regclass::text, count(*) FROM camera_minutes GROUP BY 1"
    with reading(engine) as connection:
        return {str(name).removeprefix("camera_minutes_"): count for name, count in connection.execute(text(query))}


def observed_s(engine: Engine) -> float:
    with reading(engine) as connection:
        return float(observation(connection, Selection(EARLY, LATE), ())["observed_s"].item())


def test_minutes_arrive_once_before_while_and_after_the_table_is_moved(
    engine: Engine, store: Store, config: Config, database_url: str, tmp_path: Path
) -> None:
    sink = StoreSink(config.model_copy(update={"database_url": type(config.database_url)(database_url)}))
    forwarder, writer = Forwarder(tmp_path, sink), SpoolWriter(Spool(tmp_path / "north.spool"))
    box = threading.Thread(target=forwarder.forward_all)

    def count_on(number: int) -> None:
        assert writer.write([minute(JANUARY + number * timedelta(minutes=1))])

    @event.listens_for(engine, "commit")
    def while_it_moves(connection: Connection) -> None:
        if minute_months.is_parted(connection) and not box.ident:
            count_on(1)
            box.start()
            wait_until(lambda: connection.execute(text(WAITING)).scalar_one(), "the box to wait for the table")
            count_on(2)

    count_on(0)
    forwarder.forward_all()
    assert store.keep_minutes_by_month()
    box.join()
    count_on(3)
    assert forwarder.forward_all() and forwarder.state.sent == 4 and not forwarder.state.refused["north"]
    sink.close()
    assert places(engine) == {"before": 4}
    assert observed_s(engine) == 240.0 and store.verify(NEW_YEAR, JANUARY.date()) == []


def test_a_minute_of_a_strange_date_is_kept_and_moves_into_its_month_when_that_comes(
    engine: Engine, store: Store, clock: FakeClock
) -> None:
    may = datetime(2026, 5, 3, 11, 0, tzinfo=UTC)
    store.save_minutes([minute(JANUARY), minute(may)])
    assert store.keep_minutes_by_month()
    strange = [datetime(year, 3, 1, 11, 0, tzinfo=UTC) for year in (2019, 2029)]
    store.save_minutes([minute(moment) for moment in (JANUARY, *strange, JANUARY + 30 * DAY, may)])
    assert places(engine) == {"before": 2, "2026_02": 1, "other": 2}
    clock.now = datetime(2026, 4, 2, tzinfo=UTC)
    assert not store.keep_minutes_by_month()
    assert places(engine) == {"before": 2, "2026_02": 1, "2026_05": 1, "other": 1}
    assert observed_s(engine) == 300.0 and store.verify(NEW_YEAR, may.date()) == []


def test_retention_drops_a_month_when_all_of_it_is_old_and_totals_stay(
    engine: Engine, store: Store, clock: FakeClock
) -> None:
    store.keep_minutes_by_month()
    midnight_in_berlin = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)
    moments = [JANUARY, midnight_in_berlin, midnight_in_berlin + 2 * timedelta(hours=1), midnight_in_berlin + 20 * DAY]
    store.save_minutes([minute(moment) for moment in moments])
    store.save_minutes([minute(moment, "bar") for moment in moments])
    store.apply_retention(WEEKS, moments[-1])
    assert places(engine) == {"before": 4, "2026_02": 4}
    clock.now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    done = store.apply_retention(WEEKS, clock())
    # January ends at one in the morning of a first of February in Berlin, whose day goes, and on its eve in Santiago.
    assert [(one.site, one.before_day, one.rows) for one in done] == [
        ("mall", date(2026, 2, 2), 3),
        ("night", date(2026, 2, 1), 3),
    ]
    assert places(engine) == {"2026_02": 2} and observed_s(engine) == 480.0
    with reading(engine) as connection:
        assert sorted(deletions(connection)["rows"]) == [1, 1, 2, 2]
    store.save_minutes([minute(moment) for moment in moments])
    assert observed_s(engine) == 480.0 and store.verify(NEW_YEAR, date(2026, 3, 31)) == []
    store.apply_retention(WEEKS, clock() + 31 * DAY)
    assert places(engine) == {} and observed_s(engine) == 480.0


def test_a_recording_whose_month_was_dropped_cannot_be_replaced(engine: Engine, store: Store) -> None:
    store.keep_minutes_by_month()
    recording = Recording("north", "a" * 64, "one.mp4", JANUARY, JANUARY + timedelta(minutes=2), 1200, 0, "v1")
    minutes: list[CameraMinute] = [minute(JANUARY, run=UUID(int=1))]
    store.save_recording(recording, [visit(1, JANUARY)], minutes)
    store.apply_retention(Config(retention=RetentionConfig(visits_days=3650, minutes_days=28)), JANUARY + 60 * DAY)
    assert places(engine) == {}
    with pytest.raises(StoreError, match=r"one\.mp4: its single visits were deleted"):
        store.save_recording(recording, [visit(1, JANUARY)], minutes)


def test_a_month_that_somebody_reads_is_dropped_later(
    engine: Engine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minute_months, "LOCK_TIMEOUT", "SET LOCAL lock_timeout = '10ms'")
    store.keep_minutes_by_month()
    store.save_minutes([minute(JANUARY)])
    with reading(engine) as auditor:
        minute_months.hold(auditor)
        with pytest.raises(StoreError):
            store.apply_retention(WEEKS, JANUARY + 60 * DAY)
        assert auditor.execute(select(func.count()).select_from(CameraMinuteRow)).scalar_one() == 1
    assert store.verify(NEW_YEAR, JANUARY.date()) == []
    assert [one.rows for one in store.apply_retention(WEEKS, JANUARY + 60 * DAY)] == [1]
    assert places(engine) == {}


def test_a_single_file_has_no_months(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    with pytest.raises(StoreError, match="only PostgreSQL keeps minutes by month"):
        Store(engine).keep_minutes_by_month()
    engine.dispose()
