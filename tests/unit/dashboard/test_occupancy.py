"""How many are inside, from the database to the page: now, by hour, with an alarm level, and why not where not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import pytest
from sqlalchemy import Engine

from broadcast.present import present_sites
from broadcast.topics import messages
from dashboard.accounts.person import AccessDeniedError, Person
from dashboard.numbers.kept import forget_kept
from dashboard.numbers.occupancy import Occupancy, occupancy_by_hour, occupancy_now, occupancy_of_day
from dashboard.numbers.occupancy_words import alarm_sentence, inside_sentence
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.serving.wiring import wire, wired
from db.session import open_database
from db.store import Store
from footfall.config import Config
from footfall.config_sections import CameraConfig, SiteConfig
from footfall.config_services import MqttConfig
from footfall.types import CameraMinute, Direction, Gender, Visit
from reports.occupancy import NotInside
from tests.conftest import FakeClock
from tests.unit.dashboard.conftest import OpenPage, texts

TODAY = date(2026, 3, 9)
DAYS = [TODAY - timedelta(days=ago) for ago in range(5)]
COMES, GOES = (60, 40, 20, 0), (0, 27, 45, 36)
"""By hour from nine in Berlin, the mall is open until one: 120 came in and 108 of them were seen leaving."""


def config(url: str) -> Config:
    site = SiteConfig(time_zone="Europe/Berlin", opening_hours="09:00-13:00", occupancy_alarm=70)
    always = SiteConfig(time_zone="Europe/Berlin")
    cameras = {
        "door": CameraConfig(source="a.mp4", site="main", entrance="Door"),
        "hall": CameraConfig(source="b.mp4", site="hall", label="Hall *door*", entrance="Hall"),
        "bar": CameraConfig(source="c.mp4", site="bar", entrance="Bar"),
    }
    return Config(database_url=url, sites={"main": site, "hall": site, "bar": always}, cameras=cameras)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Five days of three sites: `hall` has no line, `bar` is always open; written once, read only."""
    url = f"sqlite:///{tmp_path_factory.mktemp('inside') / 'footfall.db'}"
    engine = open_database(url)
    Store(engine, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC)).sync(config(url))
    store = Store(engine, clock=lambda: datetime(2026, 3, 9, 20, tzinfo=UTC))
    for day in DAYS:
        store.save_visits([*visits("door", day, COMES, GOES), *visits("bar", day, COMES, GOES)])
        store.save_visits([replace(one, direction=Direction.NONE) for one in visits("hall", day, COMES, GOES)])
        store.save_minutes([one for camera in ("door", "hall", "bar") for one in minutes(camera, day)])
    engine.dispose()
    return url


def visits(camera: str, day: date, comes: Sequence[int], goes: Sequence[int]) -> Iterator[Visit]:
    for direction, by_hour in ((Direction.IN, comes), (Direction.OUT, goes)):
        for hour, people in enumerate(by_hour):
            for number in range(people):
                at = datetime(day.year, day.month, day.day, 8 + hour, tzinfo=UTC) + timedelta(seconds=50 * number)
                uid = uuid5(NAMESPACE_URL, f"{camera} {direction} {at}")
                about = (Gender.FEMALE, "25-34", 30.0, 0.9, 3, 0.8, "test")
                yield Visit(uid, camera, at, at + timedelta(seconds=3), direction, *about)


def minutes(camera: str, day: date) -> Iterator[CameraMinute]:
    run = uuid5(NAMESPACE_URL, f"{camera} {day}")
    for number in range(240):
        at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC) + timedelta(minutes=number)
        yield CameraMinute(camera, run, at, 60.0, 480, 470, 10, 0, 20, 5, 0.25)


@pytest.fixture
def at(filled: str, mall: Engine, mall_clock: FakeClock) -> Iterator[Callable[[int, int], Reader]]:
    """Return a function that sets the clock of TODAY in Berlin and gives the reader of `main`."""
    engine = open_database(filled)
    wire(replace(wired(), engine=engine, config=config(filled)))
    forget_kept()

    def moment(hour: int, minute: int) -> Reader:
        mall_clock.now = datetime(TODAY.year, TODAY.month, TODAY.day, hour - 1, minute, tzinfo=UTC)
        return reader("main")

    yield moment
    engine.dispose()


def reader(site: str) -> Reader:
    person = Person("ada", "admin")
    return Reader(person, next(one for one in visible_sites(person) if one.name == site))


def test_now_is_corrected_by_the_balance_of_past_days_and_told_while_open(at: Callable[[int, int], Reader]) -> None:
    told = occupancy_now(at(10, 59)).now  # 100 came in, 27 were seen leaving, who stand for 30
    assert told is not None
    assert (told.estimate, told.alarm, told.alarm_state) == (70, 70, "on")
    assert told.low < 70 < told.high
    assert occupancy_now(at(13, 30)).now is None
    assert occupancy_now(at(8, 59)).reason == "The mall is closed."


def test_a_day_that_is_over_ends_with_nobody_inside(at: Callable[[int, int], Reader]) -> None:
    hours = occupancy_by_hour(at(15, 0), TODAY).set_index("label")
    assert [hours[name]["13:00"] for name in ("inside", "low", "high")] == [0, 0, 0]
    assert hours["inside"]["10:00"] == pytest.approx(60, abs=1)
    assert hours["inside"]["11:00"] == pytest.approx(70, abs=1)
    assert hours.index[-1] == "15:00"  # the next one has not begun
    yesterday = occupancy_by_hour(at(15, 0), DAYS[1])
    assert yesterday["label"].iloc[-1] == "24:00"
    assert yesterday["inside"].max() == hours["inside"].max()


def test_the_running_hour_ends_now(at: Callable[[int, int], Reader]) -> None:
    hours = occupancy_by_hour(at(10, 59), TODAY)
    assert hours["label"].iloc[-2:].tolist() == ["10:00", "now"]
    assert hours["end"].iloc[-1] == datetime(2026, 3, 9, 9, 59, tzinfo=UTC)


def test_what_cannot_be_told_says_why_in_one_line(at: Callable[[int, int], Reader]) -> None:
    at(10, 59)
    assert occupancy_of_day(reader("hall"), TODAY).not_told is NotInside.NO_LINE
    why = occupancy_now(reader("hall")).reason
    assert "Hall *door* sees no directions" in why
    assert "line in footfall.toml" in why
    assert "open at midnight" in occupancy_now(reader("bar")).reason
    assert occupancy_by_hour(reader("hall"), TODAY)["inside"].isna().all()


def test_a_broker_is_told_the_same_and_nothing_where_it_is_never_told(at: Callable[[int, int], Reader]) -> None:
    at(10, 59)
    held, now = messages(present_sites(), MqttConfig()), occupancy_now(reader("main")).now
    assert now is not None
    assert json.loads(held["footfall/main/inside/state"]) == {
        "inside": 70, "low": now.low, "high": now.high, "alarm": "on", "alarm_level": 70,
    }  # fmt: skip
    parts = json.loads(held["homeassistant/device/footfall_main/config"])["components"]
    assert (parts["inside"]["platform"], parts["inside_alarm"]["platform"]) == ("sensor", "binary_sensor")
    for site in ("hall", "bar"):  # no line, and always open
        assert f"footfall/{site}/inside/state" not in held
        assert "inside" not in json.loads(held[f"homeassistant/device/footfall_{site}/config"])["components"]
    at(13, 30)  # closed: unknown, but the entities stay
    held = messages(present_sites(), MqttConfig())
    assert json.loads(held["footfall/main/inside/state"])["inside"] is None
    assert "inside" in json.loads(held["homeassistant/device/footfall_main/config"])["components"]


def test_a_stranger_learns_nothing(at: Callable[[int, int], Reader]) -> None:
    site = at(10, 59).site
    with pytest.raises(AccessDeniedError):
        occupancy_now(Reader(Person("eve", "viewer", ("hall",)), site))


def test_the_overview_warns_from_the_alarm_level_on(at: Callable[[int, int], Reader], open_page: OpenPage) -> None:
    at(10, 59)
    app = open_page(site="main", day=TODAY.isoformat())
    assert not app.exception
    assert any("About 70 people are inside now" in one.value for one in app.warning)
    app.toggle(key="table-inside").set_value(True).run()
    assert app.dataframe[0].value["Inside"].tolist() == [0, 60, 70]
    hall = open_page(site="hall", day=TODAY.isoformat())
    assert "sees no directions" in texts(hall)
    assert "table-inside" not in [one.key for one in hall.toggle]


def test_an_alarm_level_that_only_the_interval_reaches_may_be_reached() -> None:
    now = Occupancy(datetime(2026, 3, 9, tzinfo=UTC), 100, 80, 130, 120)
    assert alarm_sentence(now.alarm_state, now.alarm) == "The alarm level of 120 may be reached."
    assert alarm_sentence(replace(now, high=119).alarm_state, 120) == ""
    assert replace(now, alarm=None).alarm_state == ""
    assert inside_sentence(323, 281, 366) == "About 320 people are inside now, 281 to 366."
