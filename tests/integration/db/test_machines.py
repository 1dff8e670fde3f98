"""Several machines with settings of their own share one database: nobody ends, moves or resets what is another's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Engine, text, update

from db import migration
from db.models import BoxRow
from db.reading.fleet import clock_troubles, named_twice, site_boxes
from db.reading.machines import boxes, camera_troubles, disagreements, listed_cameras, silent_machines, watched_twice
from db.reading.observation import observation
from db.reading.operation import reopened_days
from db.reading.selection import Selection
from db.session import open_database, reading, upgrade, writing
from db.store import Store, utc_now
from footfall.config import Config
from footfall.errors import StoreError
from footfall.types import Recording
from reports.writer import ReportWriter
from tests.conftest import FakeClock
from tests.integration.conftest import minute, visit

HOURS = "10:00-20:00"
SECOND, THIRD, FOURTH = (date(2026, 3, day) for day in (2, 3, 4))


def settings(box: str, *cameras: str, **site: str) -> Config:
    """Return the settings of one machine for the site `main`; without any word about the site it has no [sites]."""
    values: dict[str, object] = {
        "service": {"box": box},
        "cameras": {name: {"source": f"rtsp://127.0.0.1:9/{name}"} for name in cameras},
    }
    return Config(**(values | ({"sites": {"main": site}} if site else {})))  # type: ignore[arg-type]


@pytest.fixture
def store(engine: Engine, clock: FakeClock) -> Store:
    """A store in which no machine has said anything."""
    return Store(engine, clock)


def watch(store: Store, camera: str, day: date) -> None:
    """Let a camera watch the ten opening hours of `day` and count somebody in each."""
    opened = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    run = uuid4()
    store.save_minutes([minute(opened + timedelta(minutes=number), camera, run) for number in range(600)])
    store.save_visits([visit(number, opened + timedelta(hours=number), camera, uid=uuid4()) for number in range(10)])


def expected_days(engine: Engine, camera: str, last: date = date(2026, 3, 9)) -> list[int]:
    """Return the days of March on which the camera is expected."""
    with reading(engine) as connection:
        found = observation(connection, Selection(SECOND, last, cameras=(camera,)), ("day",))
    return [day.day for day in found["day"]]


def site_of(engine: Engine, name: str = "main") -> tuple[str, str, str]:
    """Return label, time zone and Monday's opening hours of a site."""
    with reading(engine) as connection:
        query = "SELECT s.label, s.time_zone, h.hours FROM sites s JOIN opening_hours h ON h.site_id = s.id"
        rows = connection.execute(text(f"{query} WHERE s.name = :name ORDER BY h.valid_from"), {"name": name}).all()
    hours = rows[-1][2]
    return rows[-1][0], rows[-1][1], hours[0] if isinstance(hours, list) else hours.split('"')[1]


def test_a_day_on_which_a_camera_of_another_machine_was_dead_is_incomplete(
    store: Store, engine: Engine, clock: FakeClock, tmp_path: Path
) -> None:
    store.sync(settings("east", "a1", "a2", opening_hours=HOURS))
    clock.advance(hours=1)
    store.sync(settings("west", "b1", opening_hours=HOURS))
    for camera in ("a1", "a2", "b1"):
        watch(store, camera, THIRD)
    for camera in ("a1", "b1"):
        watch(store, camera, FOURTH)
    clock.advance(days=10)
    writer = ReportWriter(engine, settings("east").report.model_copy(update={"directory": tmp_path}), now=clock)
    for day, share, complete in ((THIRD, 1.0, True), (FOURTH, 0.6666, False)):
        table = writer.table("main", day)
        total = table[table["row"] == "site total"].iloc[0]
        assert (total["observed_share"], total["complete"]) == (pytest.approx(share, abs=1e-4), complete)
    dead = table[(table["row"] == "camera total") & (table["camera"] == "a2")].iloc[0]
    assert (dead["observed_share"], dead["complete"]) == (0.0, False)


def test_a_run_of_one_camera_touches_only_that_one(store: Store, engine: Engine, clock: FakeClock) -> None:
    whole = settings("east", "north", "south", opening_hours=HOURS)
    store.sync(whole)
    clock.advance(days=1)
    store.sync(whole.model_copy(update={"cameras": {"north": whole.cameras["north"]}}), whole=False)
    assert expected_days(engine, "south", FOURTH) == [2, 3, 4]
    with reading(engine) as connection:
        assert sorted(boxes(connection)[0].cameras) == ["north", "south"]


def test_settings_without_a_site_change_no_site(store: Store, engine: Engine, clock: FakeClock) -> None:
    store.sync(settings("east", "north", opening_hours=HOURS, label="Galleria", time_zone="Europe/Berlin"))
    before = site_of(engine)
    clock.advance(days=1)
    for silent in (settings("west"), settings("west", "south"), settings("west", label="Galleria")):
        store.sync(silent)
        assert site_of(engine) == before == ("Galleria", "Europe/Berlin", HOURS)
    assert store.completed(settings("west", "south")).sites["main"].time_zone == "Europe/Berlin"


def test_a_camera_without_a_site_in_the_settings_stays_where_it_was(store: Store, engine: Engine) -> None:
    store.sync(
        Config(
            sites={"mall": {"opening_hours": HOURS}, "pier": {}},
            cameras={"north": {"source": "0", "site": "mall"}},
            service={"box": "east"},
        )
    )
    store.sync(settings("west", "north"))
    assert store.completed(settings("west", "north")).site_of("north") == "mall"
    with pytest.raises(StoreError, match="may belong to any site of the database"):
        store.sync(settings("west", "gate"))
    with reading(engine) as connection:
        assert connection.execute(text("SELECT name FROM sites ORDER BY name")).scalars().all() == ["mall", "pier"]


def test_the_newest_change_wins_and_a_start_without_a_change_changes_nothing(
    store: Store, engine: Engine, clock: FakeClock
) -> None:
    east, west = settings("east", "a", opening_hours=HOURS), settings("west", "b", opening_hours=HOURS)
    store.sync(east)
    store.sync(west)
    clock.advance(days=1)
    store.sync(settings("west", "b", opening_hours="09:00-21:00"))
    clock.advance(days=1)
    store.sync(east)
    assert site_of(engine)[2] == "09:00-21:00"
    with reading(engine) as connection:
        [told] = disagreements(connection)
    assert "site main" in told
    assert "opening hours (west: 09:00-21:00; east: 10:00-20:00)" in told
    store.sync(settings("east", "a", opening_hours="09:00-21:00"))
    with reading(engine) as connection:
        assert disagreements(connection) == []


@pytest.mark.parametrize(("setting", "words"), [("label", "its label"), ("time_zone", "its time zone")])
def test_machines_that_disagree_about_a_site_are_named(store: Store, engine: Engine, setting: str, words: str) -> None:
    values = {"label": ("Galleria", "Gallery"), "time_zone": ("Europe/Berlin", "Europe/Paris")}[setting]
    for box, value in zip(("east", "west"), values, strict=True):
        store.sync(settings(box, box, **{setting: value}))
    with reading(engine) as connection:
        [told] = disagreements(connection)
    assert words in told
    assert all(part in told for part in ("east", "west", *values))
    store.forget_box("west")
    with reading(engine) as connection:
        assert disagreements(connection) == []
    with pytest.raises(StoreError, match="no machine 'west'"):
        store.forget_box("west")


def test_a_camera_is_retired_by_a_word_and_the_word_can_be_taken_back(
    store: Store, engine: Engine, clock: FakeClock
) -> None:
    config = settings("east", "north", "south", opening_hours=HOURS)
    store.sync(config)
    clock.advance(days=4)
    store.retire_camera("north", date(2026, 3, 5))
    store.sync(config)  # the settings still name it: that does not bring it back
    assert expected_days(engine, "north") == [2, 3, 4]
    store.retire_camera("north", FOURTH)
    assert expected_days(engine, "north") == [2, 3]
    store.resume_camera("north")
    assert expected_days(engine, "north", date(2026, 3, 5)) == [2, 3, 4, 5]
    store.retire_camera("north", FOURTH)
    store.resume_camera("north", date(2026, 3, 8))
    assert expected_days(engine, "north") == [2, 3, 8, 9]
    store.retire_camera("north", THIRD)
    assert expected_days(engine, "north") == [2]
    assert expected_days(engine, "south") == [2, 3, 4, 5, 6, 7, 8, 9]
    store.resume_camera("north")
    assert expected_days(engine, "north") == [2, 3, 4, 5, 6, 7, 8, 9], "what is not known is incomplete, not complete"
    with pytest.raises(StoreError, match="no camera 'nroth' in the database; `footfall cameras list`"):
        store.retire_camera("nroth", FOURTH)
    with pytest.raises(StoreError, match="is not retired"):
        store.resume_camera("south")


def test_a_camera_that_was_retired_before_it_began_can_begin_earlier(store: Store, engine: Engine) -> None:
    store.sync(settings("east", "north", opening_hours=HOURS))
    store.retire_camera("north", date(2026, 2, 20))
    assert expected_days(engine, "north") == []
    store.resume_camera("north", date(2026, 3, 1))
    store.retire_camera("north", FOURTH)
    assert expected_days(engine, "north") == [2, 3]
    store.resume_camera("north")
    assert expected_days(engine, "north", FOURTH) == [2, 3, 4]


def test_a_retired_camera_that_watches_again_counts_without_being_expected(
    store: Store, engine: Engine, clock: FakeClock
) -> None:
    store.sync(settings("east", "north", opening_hours=HOURS))
    store.retire_camera("north", THIRD)
    watch(store, "north", FOURTH)
    assert expected_days(engine, "north") == [2, 4]
    now = datetime(2026, 3, 4, 20, 10, tzinfo=UTC)
    with reading(engine) as connection:
        [told] = camera_troubles(connection, now)
    assert "retired from 2026-03-03 on and still watches" in told
    assert "settings of east" in told


def test_retiring_a_camera_reopens_the_reports_of_those_days(
    store: Store, engine: Engine, clock: FakeClock, tmp_path: Path
) -> None:
    store.sync(settings("east", "north", "south", opening_hours=HOURS))
    watch(store, "south", THIRD)
    clock.advance(days=3)
    writer = ReportWriter(engine, settings("east").report.model_copy(update={"directory": tmp_path}), store, clock)
    writer.write("main", SECOND)
    first = writer.write("main", THIRD).report
    store.retire_camera("north", THIRD)
    with reading(engine) as connection:
        assert reopened_days(connection)["day"].tolist() == [THIRD]
    second = writer.write("main", THIRD).report
    assert (first.observed_share, second.observed_share, second.revision) == (0.5, 1.0, 2)


def test_a_camera_that_no_settings_name_stays_expected_and_is_said(
    store: Store, engine: Engine, clock: FakeClock
) -> None:
    store.sync(settings("east", "north", "south", opening_hours=HOURS))
    watch(store, "south", SECOND)
    clock.advance(days=1)
    store.sync(settings("east", "north", opening_hours=HOURS))
    assert expected_days(engine, "south", FOURTH) == [2, 3, 4]
    with reading(engine) as connection:
        [told] = camera_troubles(connection, clock())
    assert "no settings name it" in told
    assert "`footfall cameras retire south --from 2026-03-03`" in told
    off = settings("east", "north", opening_hours=HOURS)
    off = off.model_copy(
        update={
            "cameras": settings("east", "north", "south").cameras
            | {"south": off.cameras["north"].model_copy(update={"enabled": False})}
        }
    )
    store.sync(off)
    with reading(engine) as connection:
        [told] = camera_troubles(connection, clock())
        south = next(one for one in listed_cameras(connection, clock()) if one.camera == "south")
    assert "the settings of east disable it" in told
    assert (south.since, south.retired_from, south.disabled_by) == (SECOND, None, ("east",))
    store.retire_camera("south", THIRD)
    with reading(engine) as connection:
        assert camera_troubles(connection, clock()) == []


def test_a_camera_that_two_machines_watch_at_once_is_named(store: Store, engine: Engine, clock: FakeClock) -> None:
    for box in ("east", "west"):
        store.sync(settings(box, "north", "south"))
    now = clock()
    runs = uuid4(), uuid4()
    shared = [minute(now - timedelta(minutes=number), "north", run) for run in runs for number in range(1, 5)]
    taken_over = [minute(now - timedelta(minutes=5), "south", run) for run in runs]
    store.save_minutes([*shared, *taken_over])
    store.save_recording(
        Recording("south", "a" * 64, "one.mp4", now, now, 1, 0, "v"),
        [],
        [minute(now - timedelta(minutes=number), "south", uuid4()) for number in range(1, 5)],
    )
    with reading(engine) as connection:
        assert watched_twice(connection, now) == ["north"]


def test_a_machine_that_fell_silent_is_named(store: Store, engine: Engine) -> None:
    """When a machine was heard of is what the server's clock says, where there is a server."""
    for box in ("east", "west"):
        store.sync(settings(box, box))
        now = store.note_heard(settings(box)).now
    with writing(engine) as connection:
        long_ago = {"heard_at": now - timedelta(minutes=30)}
        connection.execute(update(BoxRow).where(BoxRow.name == "east").values(long_ago))
    with reading(engine) as connection:
        [told] = silent_machines(connection, now)
        assert silent_machines(connection, now, but="east") == []
        assert [box.is_silent(now) for box in site_boxes(connection, "main")] == [True, False]
    assert f"machine east was heard of last at {long_ago['heard_at']:%Y-%m-%d %H:%M} UTC, its cameras (east)" in told
    assert "`footfall boxes forget east`" in told


@pytest.mark.parametrize(("apart", "said"), [(63, "63 s ahead of"), (-3600, "60 min behind"), (20, ""), (-10, "")])
def test_a_machine_whose_clock_is_not_the_server_s_is_named(postgres_url: str, apart: int, said: str) -> None:
    engine = open_database(postgres_url)
    try:
        for box, seconds in (("east", 0), ("west", apart)):
            store = Store(engine, lambda seconds=seconds: utc_now() + timedelta(seconds=seconds))  # type: ignore[misc]
            store.sync(settings(box, box))
            store.note_heard(settings(box))
        with reading(engine) as connection:
            told = clock_troubles(connection)
            now = utc_now()
            assert [box.is_silent(now) for box in site_boxes(connection, "main")] == [False, False]
    finally:
        engine.dispose()
    assert len(told) == bool(said)
    assert all(f"the clock of machine west is {said} that of the database server" in one for one in told)


def test_a_camera_in_the_settings_of_two_machines_is_named_until_one_of_them_disables_it(
    store: Store, engine: Engine
) -> None:
    for box in ("east", "west"):
        store.sync(settings(box, "north", box))
    with reading(engine) as connection:
        [told] = named_twice(connection)
        assert named_twice(connection, ["east", "west"]) == []
    assert "camera north is in the settings of east and west" in told
    off = settings("west", "north", "west")
    off.cameras["north"] = off.cameras["north"].model_copy(update={"enabled": False})
    store.sync(off)
    with reading(engine) as connection:
        assert named_twice(connection) == []
        assert [box.cameras for box in site_boxes(connection, "main")] == [("east", "north"), ("west",)]


def test_a_camera_named_without_label_keeps_the_one_it_has(store: Store, engine: Engine) -> None:
    named = settings("east", "north")
    labelled = named.cameras["north"].model_validate({"source": "0", "label": "North doors", "entrance": "North"})
    store.sync(named.model_copy(update={"cameras": {"north": labelled}}))
    store.sync(settings("west", "north"))
    with reading(engine) as connection:
        [camera] = listed_cameras(connection, datetime.now(UTC))
    assert (camera.label, camera.entrance, camera.named_by) == ("North doors", "North", ("east", "west"))


def test_periods_that_an_earlier_version_ended_begin_again_when_the_camera_is_named(
    database_url: str, engine: Engine, clock: FakeClock
) -> None:
    store = Store(engine, clock)
    store.sync(settings("east", "north", opening_hours=HOURS))
    with writing(engine) as connection:
        connection.execute(text("UPDATE camera_periods SET last_day = '2026-03-03'"))
        config = migration.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
    upgrade(database_url)
    clock.advance(days=5)
    store.sync(settings("east", "north", opening_hours=HOURS))
    assert expected_days(engine, "north", date(2026, 3, 8)) == [2, 3, 7, 8]
