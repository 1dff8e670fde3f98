"""Questions of the pages: filtered and summed in SQL, and about the days and cameras that were meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from db.reading import operation, queries
from db.reading.line_use import LineUse, line_use
from db.reading.observation import observation
from db.reading.selection import Selection
from db.reading.slowness import slow_minutes
from db.session import reading, writing
from db.store import Store
from footfall.config import Config
from footfall.types import Direction, Gender, Outage, PictureState
from ingest.minutes import is_slow
from tests.conftest import FakeClock
from tests.integration.conftest import minute, visit

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # in Berlin
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def filled(store: Store) -> None:
    """Visits at three cameras of two sites, on two days."""
    store.save_visits(
        [
            visit(1, NOON),
            visit(2, NOON + timedelta(hours=1), direction=Direction.OUT),
            visit(3, NOON, camera="south", gender=Gender.MALE),
            visit(4, NOON + timedelta(days=1), camera="south"),
            visit(5, NOON, camera="bar"),
        ]
    )


@pytest.mark.parametrize(
    ("selection", "by", "expected"),
    [
        (Selection(MONDAY, MONDAY), ("site",), [["mall", 3], ["night", 1]]),
        (Selection(MONDAY, TUESDAY, sites=("mall",)), ("entrance",), [["North", 2], ["South", 2]]),
        (Selection(MONDAY, TUESDAY, entrances=("South",)), ("day",), [[MONDAY, 1], [TUESDAY, 1]]),
        (Selection(MONDAY, TUESDAY, cameras=("north",)), ("direction",), [["in", 1], ["out", 1]]),
        (
            Selection(MONDAY, TUESDAY, cameras=("south",)),
            ("gender", "day"),
            [["female", TUESDAY, 1], ["male", MONDAY, 1]],
        ),
        (Selection(TUESDAY, TUESDAY, sites=()), ("site",), []),
        (Selection(date(2025, 1, 1), date(2025, 1, 2)), (), [[0]]),
    ],
)
def test_daily_visits_are_filtered_and_summed(
    filled: None, engine: Engine, selection: Selection, by: tuple[str, ...], expected: list[list[object]]
) -> None:
    with reading(engine) as connection:
        found = queries.daily(connection, selection, by)
    assert found.columns.tolist() == [*by, "visits"]
    assert found.values.tolist() == expected


def test_hourly_visits_carry_the_instant_at_which_the_local_hour_began(filled: None, engine: Engine) -> None:
    with reading(engine) as connection:
        found = queries.hourly(connection, Selection(MONDAY, MONDAY, sites=("mall",)), ("hour_start",))
        empty = queries.hourly(connection, Selection(MONDAY, MONDAY, sites=()))
    assert found.values.tolist() == [[NOON, 2], [NOON + timedelta(hours=1), 1]]
    assert found["hour_start"].dtype == empty["hour_start"].dtype == pd.DatetimeTZDtype("us", "UTC")
    assert empty.columns.tolist() == [*queries.HOURLY_COLUMNS, "visits"]


def test_a_camera_that_left_is_expected_no_more_and_one_that_came_is_not_blamed_for_before(
    store: Store, engine: Engine, config: Config, clock: FakeClock
) -> None:
    store.retire_camera("north", date(2026, 3, 4))
    clock.advance(days=3)
    store.sync(config)
    store.resume_camera("north", date(2026, 3, 5))
    with reading(engine) as connection:
        found = observation(connection, Selection(date(2026, 3, 1), date(2026, 3, 6), cameras=("north",)), ("day",))
    assert found["day"].tolist() == [date(2026, 3, day) for day in (2, 3, 5, 6)]


def test_new_opening_hours_leave_past_days_as_they_were(
    store: Store, engine: Engine, config: Config, clock: FakeClock
) -> None:
    store.save_minutes([minute(datetime(2026, 3, day, 20, 0, tzinfo=UTC)) for day in (2, 3)])  # 21:00 in Berlin
    clock.advance(days=1)
    longer = {"mall": {"time_zone": "Europe/Berlin", "opening_hours": "10:00-22:00"}, "night": config.sites["night"]}
    store.sync(Config(sites=longer, cameras=config.cameras))
    with reading(engine) as connection:
        found = observation(connection, Selection(MONDAY, TUESDAY, cameras=("north",)), ("day",))
    assert found[["open_s", "observed_open_s"]].values.tolist() == [[36_000.0, 0.0], [43_200.0, 60.0]]
    assert store.verify(MONDAY, TUESDAY) == []


def test_hours_past_midnight_count_in_the_next_day(store: Store, engine: Engine) -> None:
    with reading(engine) as connection:
        found = observation(connection, Selection(MONDAY, MONDAY, cameras=("bar",)), ("hour_start",))
    assert found["open_s"].sum() == 8 * 3600
    assert (found["open_s"] > 0).tolist() == [True] * 2 + [False] * 16 + [True] * 6


def test_the_timeline_joins_minutes_of_one_state(store: Store, engine: Engine) -> None:
    states = ["ok", "ok", "dark", "ok", None, "ok"]
    moments = [(NOON + timedelta(minutes=n), state) for n, state in enumerate(states) if state]
    store.save_minutes([minute(at, picture=state) for at, state in moments])
    with reading(engine) as connection:
        found = operation.timeline(connection, Selection(MONDAY, MONDAY))
    minutes = [
        (state, (start - NOON).seconds // 60, (end - NOON).seconds // 60)
        for state, start, end in found[["state", "started_at", "ended_at"]].values.tolist()
    ]
    assert minutes == [("ok", 0, 2), ("dark", 2, 3), ("ok", 3, 4), ("ok", 5, 6)]


def test_minutes_in_which_the_computer_was_too_slow_are_named(store: Store, engine: Engine) -> None:
    well, slow, stopped = (60.0, 300, 300), (20.0, 150, 450), (20.0, 200, 20)
    minutes = [
        replace(minute(NOON + timedelta(minutes=n)), live_s=live_s, frames_processed=processed, frames_dropped=dropped)
        for n, (live_s, processed, dropped) in enumerate([well, slow, slow, stopped, slow])
    ]
    store.save_minutes([*minutes[:4], replace(minutes[4], picture=PictureState.DARK)])
    with reading(engine) as connection:
        states = operation.timeline(connection, Selection(MONDAY, MONDAY))["state"].tolist()
        (north,) = operation.cameras(connection, Selection(MONDAY, MONDAY, cameras=("north",))).to_dict("records")
        found = slow_minutes(connection, Selection(MONDAY, MONDAY))
        assert slow_minutes(connection, Selection(TUESDAY, TUESDAY)) == {}
    assert states == ["ok", "slow", "ok", "dark"]
    assert found == {"north": sum(is_slow(each) for each in minutes[:4])} == {"north": 2}
    assert north["picture"] == "dark"


def test_cameras_say_how_they_are(store: Store, engine: Engine) -> None:
    store.save_minutes([minute(NOON), minute(NOON + timedelta(minutes=1), picture="dark")])
    store.save_outages([Outage(UUID(int=1), "south", NOON, None, "wrong password")])
    with reading(engine) as connection:
        found = operation.cameras(connection, Selection(MONDAY, MONDAY, sites=("mall",)))
    north, south = found.to_dict("records")
    assert (north["camera"], north["last_minute"], north["picture"]) == ("north", NOON + timedelta(minutes=1), "dark")
    assert (north["frames_per_second"], north["expected"]) == (10.0, True)
    assert south["outage_reason"] == "wrong password"
    assert found["last_minute"].isna().tolist() == [False, True]


def test_outages_are_found_by_the_days_they_touch(store: Store, engine: Engine) -> None:
    night = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)  # 23:30 on Monday
    store.save_outages(
        [
            Outage(UUID(int=1), "north", night, night + timedelta(hours=2), "over midnight"),
            Outage(UUID(int=2), "south", NOON, None, "lasts"),
            Outage(UUID(int=3), "north", NOON, NOON + timedelta(hours=1), "on Monday"),
        ]
    )
    with reading(engine) as connection:
        monday = operation.outages(connection, Selection(MONDAY, MONDAY))
        tuesday = operation.outages(connection, Selection(TUESDAY, TUESDAY))
    assert monday["reason"].tolist() == ["on Monday", "lasts", "over midnight"]
    assert tuesday["reason"].tolist() == ["lasts", "over midnight"]


def test_sites_tell_their_hours_and_the_days_with_visits(filled: None, engine: Engine) -> None:
    with reading(engine) as connection:
        found = operation.sites(connection)
        empty = operation.sites(connection, ())
    mall, night = found.to_dict("records")
    assert (mall["first_day"], mall["last_day"], mall["time_zone"]) == (MONDAY, TUESDAY, "Europe/Berlin")
    assert night["opening_hours"] == ("18:00-02:00",) * 7
    assert empty.empty


def test_verify_finds_a_number_that_somebody_changed(filled: None, store: Store, engine: Engine) -> None:
    store.save_minutes([minute(NOON)])
    with writing(engine) as connection:
        connection.execute(text("UPDATE hourly_visits SET visits = visits + 1 WHERE direction = 'out'"))
        connection.execute(text("UPDATE hourly_observation SET observed_s = 3600"))
    found = {(one.table_name, one.camera, one.cell, one.stored, one.derived) for one in store.verify(MONDAY, TUESDAY)}
    assert found == {
        ("hourly_visits", "north", "13:00+0100 out female 25-34", 2, 1),
        ("daily_visits", "north", "out female 25-34", 1, 2),
        ("hourly_totals", "north", "13:00+0100 out", 1, 2),
        ("day_sheets", "north", "13:00+0100 female 25-34", 1, 2),
        ("hourly_observation", "north", "12:00+0100 observed_s", 3600.0, 60.0),
    }


def test_hostile_names_are_stored_as_they_can_be(store: Store, engine: Engine, config: Config) -> None:
    label = "'; DROP TABLE visits; --\x00<script>\ud800" + "x" * 300
    cameras = {"north": {"source": "0", "site": "mall", "label": label}}
    store.sync(Config(sites=config.sites, cameras=cameras))
    store.save_visits([visit(1, NOON)])
    with reading(engine) as connection:
        found = queries.daily(connection, Selection(MONDAY, MONDAY), ("entrance",))
    assert found["entrance"][0].startswith("'; DROP TABLE visits; --<script>?x")
    assert len(found["entrance"][0]) == 200


def test_who_crossed_a_line_counts_from_when_it_lies_there(engine: Engine, config: Config, clock: FakeClock) -> None:
    def lying_at(height: float) -> Config:
        north = config.cameras["north"].model_copy(update={"line": ((0.0, height), (1.0, height))})
        return config.model_copy(update={"cameras": {**config.cameras, "north": north}})

    clock.now = NOON - timedelta(days=9)
    store = Store(engine, clock)
    store.sync(lying_at(0.5))
    store.save_visits([visit(number, NOON - timedelta(days=8), direction=Direction.NONE) for number in range(5)])
    clock.now = NOON - timedelta(hours=3)
    store.save_visits([visit(10 + number, NOON - timedelta(hours=4), direction=Direction.NONE) for number in range(3)])
    used = {one.camera: one for one in _used(engine)}
    assert list(used) == ["north"]  # the others have no line
    assert (used["north"].seen, used["north"].came_in) == (3, 0)  # of the last seven days
    store.sync(lying_at(0.7))
    store.save_visits([visit(20, NOON), visit(21, NOON, direction=Direction.OUT), visit(22, NOON, camera="south")])
    [north] = _used(engine)
    assert (north.seen, north.came_in, north.went_out) == (2, 1, 1)


def _used(engine: Engine) -> list[LineUse]:
    with reading(engine) as connection:
        return line_use(connection, NOON + timedelta(hours=1))
