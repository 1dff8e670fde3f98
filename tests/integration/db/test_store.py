"""Visits, minutes and recordings in a real database: nothing twice, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from db.reading import queries
from db.reading.observation import observation
from db.reading.selection import Selection
from db.session import reading
from db.store import Store
from footfall.config import Config
from footfall.errors import StoreError
from footfall.types import Gender, Outage, Recording
from tests.conftest import FakeClock
from tests.integration.conftest import minute, visit

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # in Berlin
MONDAY = date(2026, 3, 2)
ALL = Selection(date(2020, 1, 1), date(2030, 1, 1))


def visits_of(engine: Engine, *by: str) -> list[list[object]]:
    """Return the rows of the daily rollup, summed over what `by` leaves out."""
    with reading(engine) as connection:
        return queries.daily(connection, ALL, by).values.tolist()


def test_a_visit_stored_twice_is_counted_once(store: Store, engine: Engine) -> None:
    batch = [visit(n, NOON + timedelta(minutes=n)) for n in range(10)]
    assert store.save_visits(batch) == 10
    assert store.save_visits([*batch, visit(10, NOON)]) == 1
    assert visits_of(engine, "camera") == [["north", 11]]
    assert store.verify(MONDAY, MONDAY) == []


def test_the_same_visit_twice_in_one_batch_is_counted_once(store: Store, engine: Engine) -> None:
    assert store.save_visits([visit(1, NOON), visit(1, NOON)]) == 1
    assert visits_of(engine) == [[1]]


def test_a_network_with_a_hostile_name_loses_no_visit(store: Store, engine: Engine) -> None:
    assert store.save_visits([visit(1, NOON, model_version="my\x00net\ud800" + "x" * 300)]) == 1
    assert visits_of(engine) == [[1]]


def test_a_visit_before_local_midnight_belongs_to_the_local_day(store: Store, engine: Engine) -> None:
    store.save_visits(
        [visit(1, datetime(2026, 3, 2, 23, 30, tzinfo=UTC)), visit(2, datetime(2026, 3, 2, 22, 30, tzinfo=UTC))]
    )
    assert visits_of(engine, "day") == [[date(2026, 3, 2), 1], [date(2026, 3, 3), 1]]


def test_an_unknown_camera_stores_nothing(store: Store, engine: Engine) -> None:
    with pytest.raises(StoreError, match="no camera 'nroth' in the database"):
        store.save_visits([visit(1, NOON), visit(2, NOON, camera="nroth")])
    assert visits_of(engine) == [[0]]


def test_a_recording_processed_again_replaces_what_it_gave(store: Store, engine: Engine) -> None:
    recording = Recording("north", "a" * 64, "one.mp4", NOON, NOON + timedelta(minutes=2), 1200, 0, "v1")
    run = UUID(int=7)
    minutes = [minute(NOON, run=run), minute(NOON + timedelta(minutes=1), run=run)]
    assert len(store.save_recording(recording, [visit(1, NOON), visit(2, NOON)], minutes).visits) == 2
    moved = NOON + timedelta(days=1)
    again = [visit(1, moved, gender=Gender.MALE)]
    later = replace(recording, started_at=moved, ended_at=moved + timedelta(minutes=2))
    taken = store.save_recording(later, again, [minute(moved, run=run)])
    assert (taken.visits, taken.replaced) == (tuple(again), True)
    assert visits_of(engine, "day", "gender") == [[date(2026, 3, 3), "male", 1]]
    assert store.find_recording("north", "a" * 64) == later
    with reading(engine) as connection:
        seen = observation(connection, Selection(MONDAY, date(2026, 3, 3), cameras=("north",)), ("day",))
    assert seen["observed_s"].tolist() == [0.0, 60.0]
    assert store.verify(MONDAY, date(2026, 3, 3)) == []


def test_a_failing_recording_leaves_the_old_one_whole(store: Store, engine: Engine) -> None:
    recording = Recording("north", "a" * 64, "one.mp4", NOON, NOON + timedelta(minutes=2), 1200, 0, "v1")
    store.save_recording(recording, [visit(1, NOON)], [])
    broken = visit(2, NOON, age_years="not a number")
    with pytest.raises(StoreError):
        store.save_recording(recording, [broken], [])
    assert visits_of(engine) == [[1]]
    assert store.verify(MONDAY, MONDAY) == []


def test_two_runs_share_a_minute_for_at_most_sixty_seconds(store: Store, engine: Engine) -> None:
    runs = UUID(int=1), UUID(int=2)
    store.save_minutes([minute(NOON, run=runs[0], live_s=40), minute(NOON, run=runs[1], live_s=40)])
    store.save_minutes([minute(NOON + timedelta(minutes=1), run=runs[1], live_s=30)])
    store.save_minutes([minute(NOON + timedelta(minutes=1), run=runs[1], live_s=30)])
    with reading(engine) as connection:
        seen = observation(connection, Selection(MONDAY, MONDAY, cameras=("north",)))
    assert seen["observed_s"].tolist() == [90.0]
    assert seen["open_s"].tolist() == [36_000.0]


def test_dark_and_covered_minutes_are_not_observed(store: Store, engine: Engine) -> None:
    pictures = ["ok", "dark", "covered", "blurred", "moved"]
    store.save_minutes([minute(NOON + timedelta(minutes=n), picture=name) for n, name in enumerate(pictures)])
    with reading(engine) as connection:
        seen = observation(connection, Selection(MONDAY, MONDAY, cameras=("north",)))
    assert seen["observed_s"].tolist() == [180.0]


def test_only_opening_hours_count_for_completeness(store: Store, engine: Engine) -> None:
    opening = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    store.save_minutes([minute(opening - timedelta(minutes=1)), minute(opening)])
    with reading(engine) as connection:
        seen = observation(connection, Selection(MONDAY, MONDAY, cameras=("north",)), ("hour_start",))
    first_two = seen[seen["observed_s"] > 0]
    assert first_two["observed_open_s"].tolist() == [0.0, 60.0]
    assert seen["open_s"].sum() == 36_000.0
    assert len(seen) == 24


def test_an_outage_gets_its_end_and_keeps_it(store: Store, engine: Engine) -> None:
    from db.reading.operation import outages

    begun = Outage(UUID(int=3), "north", NOON, None, "no data for 4 s")
    ended = Outage(UUID(int=3), "north", NOON, NOON + timedelta(minutes=2), "no data for 4 s")
    store.save_outages([begun])
    store.save_outages([ended, begun])
    with reading(engine) as connection:
        found = outages(connection, Selection(MONDAY, MONDAY))
    assert found[["camera", "reason"]].values.tolist() == [["north", "no data for 4 s"]]
    assert found["ended_at"][0] == NOON + timedelta(minutes=2)


def test_a_site_with_numbers_keeps_its_time_zone(store: Store, config: Config, clock: FakeClock) -> None:
    store.save_visits([visit(1, NOON)])
    moved = Config(
        sites={"mall": {"time_zone": "Europe/Paris"}, "night": config.sites["night"]}, cameras=config.cameras
    )
    with pytest.raises(StoreError, match=r"set sites\.mall\.time_zone back"):
        store.sync(moved)
