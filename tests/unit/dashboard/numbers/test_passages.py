"""Who came in, went out or was only seen, by day and hour, and where that is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import Engine

from dashboard.accounts.person import Person
from dashboard.numbers.camera_state import CameraState, camera_state
from dashboard.numbers.kept import forget_kept
from dashboard.numbers.passages import COUNTS, day_numbers, hour_numbers, passages, watched
from dashboard.numbers.reading import Reader, visible_sites
from db.store import Store
from footfall.types import CameraMinute, Direction, Gender, Visit
from tests.conftest import FakeClock
from tests.mall import ALL_VISITS, DAY, NOW

VIEWER = Person("vera", "viewer", ("main",))
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def reader(mall: Engine) -> Reader:
    [site] = visible_sites(VIEWER)
    return Reader(VIEWER, site)


def save(engine: Engine, camera: str, direction: Direction, at: datetime, number: int) -> None:
    """Store so many visits of one moment, and the minute in which they were seen."""
    visits = [
        Visit(
            uid=uuid4(), camera_id=camera, entered_at=at, left_at=at, direction=direction, gender=Gender.UNKNOWN,
            age_group="unknown", age_years=None, p_female=None, samples=1, quality=0.5, model_version="test",
        )
        for _ in range(number)
    ]  # fmt: skip
    store = Store(engine, clock=lambda: NOW)
    store.save_visits(visits)
    store.save_minutes([minute(camera, at)])
    forget_kept()


def minute(camera: str, at: datetime) -> CameraMinute:
    """Return a minute that was watched whole."""
    return CameraMinute(camera, uuid4(), at, 60.0, 480, 470, 10, 0, 20, 5, 0.25)


def test_everybody_is_of_one_direction_and_came_in_is_footfall(reader: Reader) -> None:
    [row] = passages(reader, DAY, DAY, ("day",)).to_dict("records")
    assert row["came_in"] + row["went_out"] + row["unseen"] == row["visits"] == ALL_VISITS
    assert row["came_in"] == reader.arrivals(DAY, DAY)["arrivals"].sum()
    by_entrance = passages(reader, DAY, DAY, ("entrance",))
    by_hour = passages(reader, DAY, DAY, ("hour_start",))
    for name in COUNTS:
        assert by_entrance[name].sum() == by_hour[name].sum() == row[name]


def test_who_a_camera_without_a_line_saw_came_in_and_that_is_said(mall: Engine, reader: Reader) -> None:
    save(mall, "north", Direction.NONE, datetime(2026, 3, 3, 8, 10, tzinfo=UTC), 3)
    save(mall, "south", Direction.OUT, datetime(2026, 3, 3, 8, 10, tzinfo=UTC), 2)
    rows = passages(reader, NEXT, NEXT, ("entrance",))[["entrance", *COUNTS, "directed"]]
    assert list(rows.itertuples(index=False, name=None)) == [
        ("North *gate*", 3, 3, 0, 3, False),
        ("South", 2, 0, 2, 0, True),
    ]
    assert not day_numbers(reader, [NEXT])["directed"].any()


def test_nobody_watched_is_not_nobody_came(mall: Engine, reader: Reader, mall_clock: FakeClock) -> None:
    days = day_numbers(reader, [DAY - timedelta(days=1), DAY, NEXT])
    assert days["came_in"].isna().tolist() == [True, False, True]
    assert days["observed_share"].tolist() == [0.0, 0.875, 0.0] and not days["complete"].any()
    hours = hour_numbers(reader, [hour for hour in reader.site.hours(DAY) if 7 <= hour.start.hour <= 11], [DAY])
    assert hours["visits"].isna().tolist() == [True, False, False, False, True]
    assert hours["observed_share"].tolist()[1:4] == [1.0, 1.0, 0.625] and pd.isna(hours["observed_share"].iloc[0])
    assert day_numbers(reader, []).empty


def test_the_day_and_the_hour_that_run_are_measured_up_to_now(mall: Engine, reader: Reader) -> None:
    nine = datetime(2026, 3, 3, 8, tzinfo=UTC)
    moments = [nine + timedelta(minutes=number) for number in range(90)]
    Store(mall, clock=lambda: NOW).save_minutes([minute(name, at) for name in ("north", "south") for at in moments])
    forget_kept()
    numbers = day_numbers(reader, [NEXT]).loc[NEXT]
    assert (numbers["came_in"], numbers["observed_share"], numbers["complete"]) == (0, 1.0, False)
    hours = [hour for hour in reader.site.hours(NEXT) if 8 <= hour.start.hour <= 9]
    rows = hour_numbers(reader, hours, [NEXT])
    assert rows["observed_share"].tolist() == [1.0, 1.0] and rows["complete"].tolist() == [True, False]
    assert watched(reader, [NEXT])["open_s"].tolist() == [5400.0, 5400.0]


@pytest.mark.parametrize(
    ("changes", "state", "is_trouble"),
    [
        ({}, CameraState.WATCHING, False),
        ({"picture": "slow"}, CameraState.TOO_SLOW, True),
        ({"picture": "covered"}, CameraState.BLIND, True),
        ({"last_minute": pd.Timestamp(NOW) - pd.Timedelta(minutes=4)}, CameraState.NOT_WATCHING, True),
        ({"last_minute": pd.NaT}, CameraState.NEVER_SEEN, True),
        ({"expected": False}, CameraState.NOT_EXPECTED, False),
        ({"expected": False, "retired_from": DAY}, CameraState.RETIRED, False),
    ],
)
def test_a_camera_is_in_one_state(changes: dict[str, object], state: CameraState, is_trouble: bool) -> None:
    row = {"expected": True, "retired_from": None, "last_minute": pd.Timestamp(NOW), "picture": "ok"} | changes
    found = camera_state(dict(row.items()), NOW)
    assert (found, found.is_trouble) == (state, is_trouble)
