"""Two machines, each with settings and a spool of its own, share one PostgreSQL: their cameras are one site's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.store_sink import StoreSink
from db.models import CameraRow, VisitRow
from db.reading.machines import boxes, camera_troubles, disagreements
from db.session import open_database, reading
from db.store import Store
from footfall.config import Config
from footfall.types import CameraMinute
from reports.writer import ReportWriter
from tests.integration.reliability.bench import running, settings, wait_until
from tests.integration.reliability.replay import ReplayServer
from tests.integration.reliability.stand_in import FPS, SPEED

DAY = timedelta(days=1)


@pytest.fixture
def streams() -> Iterator[list[ReplayServer]]:
    made = [ReplayServer(frames=100_000, fps=FPS * SPEED) for _ in range(3)]
    yield made
    for stream in made:
        stream.close()


def machine(folder: Path, box: str, cameras: dict[str, str], database_url: str, hours: str = "00:00-24:00") -> Config:
    """Return the settings of one machine for the site `main`, with a spool of its own."""
    config = settings(folder / box, cameras, database_url, sites={"main": {"opening_hours": hours}})
    return config.model_copy(update={"service": config.service.model_copy(update={"box": box})})


def counted(database_url: str) -> set[str]:
    """Return the cameras of which the database has visits."""
    engine = open_database(database_url)
    try:
        with reading(engine) as connection:
            query = select(CameraRow.name).join(VisitRow, VisitRow.camera_id == CameraRow.id)
            return set(connection.execute(query).scalars())
    finally:
        engine.dispose()


def test_two_machines_count_for_one_site_and_a_dead_camera_of_one_is_missed(
    tmp_path: Path, streams: list[ReplayServer], postgres_url: str
) -> None:
    east = machine(tmp_path, "east", {"a1": streams[0].url, "a2": streams[1].url}, postgres_url)
    west = machine(tmp_path, "west", {"b1": streams[2].url}, postgres_url)
    with running(east), running(west):
        wait_until(lambda: counted(postgres_url) == {"a1", "a2", "b1"}, "visits of all cameras of both machines")
    with running(west):  # a later start of one machine says nothing about the cameras of the other
        engine = open_database(postgres_url)
        wait_until(lambda: heard(postgres_url) == {"east", "west"}, "both machines to be known")
    dead_on = (datetime.now(UTC) + DAY).date()
    begin = datetime.combine(dead_on, time(), UTC)
    for camera in ("a1", "b1"):
        run, minutes = uuid4(), [begin + timedelta(minutes=number) for number in range(1440)]
        Store(engine).save_minutes([CameraMinute(camera, run, at, 60.0, 600, 600, 0, 0, 3, 1, 0.2) for at in minutes])
    writer = ReportWriter(engine, east.report, now=lambda: begin + 2 * DAY)
    table = writer.table("main", dead_on)
    total = table[table["row"] == "site total"].iloc[0]
    assert (total["observed_share"], total["complete"]) == (pytest.approx(2 / 3, abs=1e-4), False)
    cameras = table[table["row"] == "camera total"].set_index("camera")["observed_share"].to_dict()
    assert cameras == {"a1": 1.0, "a2": 0.0, "b1": 1.0}
    with reading(engine) as connection:
        assert (disagreements(connection), camera_troubles(connection, datetime.now(UTC))) == ([], [])
    engine.dispose()


def heard(database_url: str) -> set[str]:
    """Return the machines whose program the database has heard of."""
    engine = open_database(database_url)
    try:
        with reading(engine) as connection:
            return {box.name for box in boxes(connection) if box.heard_at is not None}
    finally:
        engine.dispose()


def test_settings_that_disagree_about_the_site_are_in_the_log_at_the_start(
    tmp_path: Path, postgres_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for box, hours in (("east", "10:00-20:00"), ("west", "09:00-21:00")):
        sink = StoreSink(machine(tmp_path, box, {box: "rtsp://127.0.0.1:9/x"}, postgres_url, hours))
        sink.say_alive()
        sink.close()
    output = capfd.readouterr()
    said = output.out + output.err
    assert "the settings of 2 machines disagree about its opening hours" in said
    assert "east: 10:00-20:00" in said and "west: 09:00-21:00" in said
