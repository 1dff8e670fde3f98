"""Boxes of one site before one PostgreSQL: one is cut off, clocks differ, a pooler stands between."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from typer.testing import CliRunner

from app.cli.root import app
from app.fleet import UNKNOWN, FleetStatus, fleet_status
from app.store_sink import StoreSink
from db.models import BoxRow, CameraMinuteRow, DailyVisitsRow, VisitRow
from db.reading.arrivals import arrivals
from db.reading.operation import timeline
from db.reading.selection import Selection
from db.session import open_database, reading, writing
from db.store import Store, utc_now
from footfall.config import Config
from footfall.errors import ConfigError
from footfall.types import CameraMinute, Direction, Gender, Visit
from ingest.spooling.forward import Forwarder
from ingest.spooling.spool import Spool
from reports.writer import ReportWriter
from tests.integration.reliability.bench import running, settings, stored, wait_until
from tests.integration.reliability.pooler import Pooler
from tests.integration.reliability.proxy import CutProxy

HOUR = timedelta(hours=1)
EVERY_DAY = {"main": {"opening_hours": "00:00-24:00"}}


def box(folder: Path, name: str, cameras: dict[str, str], database_url: str) -> Config:
    """Return the settings of one box of the site `main`, with a spool of its own."""
    config = settings(folder / name, cameras, database_url, sites=EVERY_DAY)
    return config.model_copy(update={"service": config.service.model_copy(update={"box": name})})


class WatchedBox:
    """A box whose workers are played by the test: what they see goes into the spool, as in life."""

    def __init__(self, config: Config) -> None:
        self.config = config
        [self._camera] = config.cameras
        self.spool = Spool(config.service.spool_directory / f"{self._camera}.spool")
        self._run = uuid4()
        self.visits: list[Visit] = []

    def count(self, minute: datetime, people: int) -> None:
        """Put into the spool what a worker saw in `minute`."""
        entered = [minute + timedelta(seconds=5 * number) for number in range(people)]
        values = (Direction.IN, Gender.FEMALE, "25-34", 30.5, 0.91, 4, 0.7, "test")
        new = [Visit(uuid4(), self._camera, at, at + timedelta(seconds=3), *values) for at in entered]
        self.spool.put([*new, CameraMinute(self._camera, self._run, minute, 60.0, 600, 600, 0, 0, 5, 1, 0.2)])
        self.visits += new


@pytest.fixture
def pooler(postgres_server: str) -> Iterator[Pooler]:
    made = Pooler(postgres_server)
    yield made
    made.close()


def status(database_url: str) -> FleetStatus:
    """Return what `footfall status --site main` says."""
    engine = open_database(database_url)
    try:
        return fleet_status(engine, "main")
    finally:
        engine.dispose()


def states(found: FleetStatus) -> dict[str, str]:
    return {camera["camera"]: camera["state"] for camera in found.document["cameras"]}


def let_pass(database_url: str, name: str, span: timedelta) -> None:
    """Make what the database knows of a box older: the test cannot set the server's clock."""
    engine = open_database(database_url)
    with writing(engine) as connection:
        heard = connection.execute(select(BoxRow.heard_at).where(BoxRow.name == name)).scalar_one()
        assert heard is not None
        connection.execute(update(BoxRow).where(BoxRow.name == name).values(heard_at=heard - span))
    engine.dispose()


@pytest.mark.parametrize("cut", [CutProxy.cut, CutProxy.swallow], ids=["broken off", "open and deaf"])
def test_a_supervisor_that_was_cut_off_for_an_hour_is_silent_and_nothing_is_lost_or_doubled(
    tmp_path: Path, postgres_url: str, proxy: CutProxy, cut: Callable[[CutProxy], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two supervisors at work, one behind a way that is cut; their cameras are files, the test is the worker."""
    monkeypatch.setattr("app.store_sink.ANSWER_WITHIN_S", 3.0)
    east = WatchedBox(box(tmp_path, "east", {"north": "north.mp4"}, postgres_url))
    west = WatchedBox(box(tmp_path, "west", {"pier": "pier.mp4"}, proxy.url))
    minutes = [utc_now().replace(second=0, microsecond=0) + timedelta(minutes=number) for number in range(-61, 0)]
    open_database(postgres_url).dispose()  # make its tables
    with running(east.config), running(west.config) as cut_off:
        for one in (east, west):
            one.count(minutes[0], 3)
        wait_until(lambda: east.spool.depth() == west.spool.depth() == 0, "what both saw to be stored")
        cut(proxy)
        for minute in minutes[1:]:
            east.count(minute, 4)
            west.count(minute, 2)
        wait_until(lambda: east.spool.depth() == 0, "the other box to go on")
        wait_until(lambda: "cannot be reached" in cut_off.health().problem, "the box to notice")
        assert west.spool.depth() >= 60 * 3
        let_pass(postgres_url, "west", HOUR)
        told = status(postgres_url)
        assert states(told) == {"north": "watching", "pier": UNKNOWN}
        assert [machine["silent"] for machine in told.document["machines"]] == [False, True]
        [trouble] = told.document["troubles"]
        assert trouble.startswith("machine west was heard of last at ") and not told.is_good
        proxy.mend()
        wait_until(lambda: not west.spool.depth() and not cut_off.health().problem, "the spool to empty")
        wait_until(lambda: status(postgres_url).is_good, "the box to be heard of again")
    assert west.spool.rejected() == 0
    assert {row.uid for row in stored(east.config, VisitRow)} == {visit.uid for visit in east.visits + west.visits}
    assert sum(row.visits for row in stored(east.config, DailyVisitsRow)) == 3 + 3 + 60 * (4 + 2)
    assert len(stored(east.config, CameraMinuteRow)) == 2 * len(minutes)


def test_a_clock_a_minute_off_is_said_in_the_log_once_and_when_it_is_right_again(
    tmp_path: Path, postgres_url: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store_sink.NOTED_EVERY_S", 0.0)
    off = [timedelta(seconds=61)]
    config = box(tmp_path, "east", {"north": "rtsp://127.0.0.1:9/x"}, postgres_url)
    sink = StoreSink(config, clock=lambda: utc_now() + off[0])
    sink.say_alive()
    sink.say_alive()
    [told] = status(postgres_url).document["troubles"]
    off[0] = timedelta()
    sink.say_alive()
    sink.close()
    said = "".join(capfd.readouterr())
    assert "the clock of machine east is 61 s ahead of that of the database server" in told
    assert said.count("this computer's clock is 61 s ahead of that of the database server") == 1
    assert said.count("this computer's clock is that of the database server again") == 1
    assert status(postgres_url).document["troubles"] == []


def test_the_command_shows_machines_and_cameras_and_names_the_nearest_site(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_database(database_url)
    store, config = Store(engine), box(tmp_path, "east", {"north": "0"}, database_url)
    store.sync(config)
    store.note_heard(config)
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database_url)
    shown = CliRunner().invoke(app, ["status", "--site", "main"], env={"COLUMNS": "120"})
    assert (shown.exit_code, "never seen" in shown.output) == (1, True)  # a camera that is expected and was never there
    assert re.search(r"east .* s ago .* north", shown.output)
    document = json.loads(CliRunner().invoke(app, ["status", "--site", "main", "--json"]).output)
    assert [(one["camera"], one["machines"]) for one in document["cameras"]] == [("north", ["east"])]
    with pytest.raises(ConfigError, match="no site 'mian' in the database; did you mean 'main'"):
        fleet_status(engine, "mian")
    engine.dispose()


def test_everything_works_through_a_pooler_that_gives_connections_by_transaction(
    tmp_path: Path, postgres_url: str, pooler: Pooler
) -> None:
    """Migrations from four programs at once, then more of them than server connections store, read and report."""
    behind_it = pooler.url(postgres_url)
    with ThreadPoolExecutor(4) as programs:
        for engine in programs.map(open_database, [behind_it] * 4):
            engine.dispose()
    boxes = [WatchedBox(box(tmp_path, name, {f"{name}-door": "0"}, behind_it)) for name in "abcd"]
    begin = datetime(2026, 3, 2, 9, tzinfo=UTC)
    together = threading.Barrier(len(boxes))

    def work(one: WatchedBox) -> str:
        """Store twelve batches, more often than a driver needs to keep a statement prepared; return what went wrong."""
        sink = StoreSink(one.config)
        forwarder = Forwarder(one.config.service.spool_directory, sink, say_alive=sink.say_alive)
        for number in range(12):
            one.count(begin + timedelta(minutes=number), 5)
            together.wait()
            forwarder.forward_all()
        sink.close()
        return forwarder.state.problem or str(sum(forwarder.state.refused.values()) or "")

    with ThreadPoolExecutor(len(boxes)) as programs:
        assert list(programs.map(work, boxes)) == [""] * len(boxes)
    engine = open_database(behind_it)
    day = Selection(begin.date(), begin.date(), sites=("main",))
    for _ in range(12):
        with reading(engine) as connection:
            assert arrivals(connection, day)["arrivals"].tolist() == [4 * 12 * 5]
            assert set(timeline(connection, day)["started_at"]) == {begin}
            assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"
    writer = ReportWriter(engine, boxes[0].config.report, Store(engine), now=lambda: begin + timedelta(days=1))
    total = (table := writer.table("main", begin.date()))[table["row"] == "site total"].iloc[0]
    assert total["visits"] == 4 * 12 * 5
    assert writer.write("main", begin.date()).report.visits == 4 * 12 * 5
    assert Store(engine).verify(begin.date(), begin.date()) == []
    assert [machine["machine"] for machine in status(behind_it).document["machines"]] == list("abcd")
    engine.dispose()
