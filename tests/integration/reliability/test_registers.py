"""Workers tell the supervising process what visits looked like; what it makes of that reaches the database."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.store_sink import StoreSink
from db.models import RegisterPartRow, VisitFirstRow, VisitRow
from footfall.config import Config
from footfall.types import Direction, Gender, Visit
from ingest.spooling.forward import Forwarder, ForwardOptions
from ingest.spooling.spool import Spool
from reid.types import STAY_BUCKETS, First, RegisterPart, ReidMode
from tests.integration.reliability.bench import pid_of, running, settings, stored, wait_until
from tests.integration.reliability.replay import ReplayServer
from tests.integration.reliability.stand_in import BEGINNING, FPS, SPEED

SITES = {"main": {"time_zone": "UTC"}}
FACES = {"mode": "faces"}
PART = UUID(int=4)


def clock() -> datetime:
    """The replayed day never ends."""
    return BEGINNING


@pytest.fixture
def stream() -> Iterator[ReplayServer]:
    made = ReplayServer(frames=100_000, fps=FPS * SPEED)
    yield made
    made.close()


def visits_of(config: Config) -> set[UUID]:
    return {row.uid for row in stored(config, VisitRow)}


def judged(config: Config) -> dict[UUID, VisitFirstRow]:
    return {row.uid: row for row in stored(config, VisitFirstRow)}


def test_every_visit_is_judged_and_the_templates_are_deleted_at_the_end(tmp_path: Path, stream: ReplayServer) -> None:
    config = settings(tmp_path, {"door": stream.url}, sites=SITES, reid=FACES)
    with running(config, clock=clock) as service:
        wait_until(lambda: service.health().sent, "the database")
        wait_until(lambda: len(stored(config, VisitRow)) >= 3, "some visits")
        wait_until(lambda: service.health().document()["visits_compared"] >= 3, "them to be compared")
    with running(config, clock=clock):  # what the last second did not carry to the database, the next run does
        wait_until(lambda: judged(config).keys() >= visits_of(config), "the judgements")
        wait_until(lambda: any(part.closed_at for part in stored(config, RegisterPartRow)), "the part that ended")
    [part, *_] = [part for part in stored(config, RegisterPartRow) if part.closed_at]
    mine = [row for row in judged(config).values() if row.part == part.uid]
    assert len(mine) == part.arrivals >= 3
    assert (part.held, part.deleted) == (0, part.compared)
    assert all(row.compared and row.first is not None for row in mine)
    assert sum(row.first or 0 for row in mine) == pytest.approx(part.unique * 10_000, abs=1)


def test_who_was_in_view_of_a_killed_worker_is_told_without_a_signature(tmp_path: Path, stream: ReplayServer) -> None:
    config = settings(tmp_path, {"door": stream.url}, sites=SITES, reid=FACES)
    with running(config, clock=clock) as service:
        wait_until(lambda: service.health().sent, "the database")
        wait_until(lambda: stored(config, VisitRow), "a visit")
        before = pid_of(service, "door")
        seen = len(visits_of(config))
        stream.wait_for_frames(int(FPS * 4) * (seen + 1) + int(FPS * 1.5))  # somebody is in the middle of the view
        if before is not None:
            os.kill(before, signal.SIGKILL)
        wait_until(lambda: pid_of(service, "door") not in (None, before), "another worker")
        wait_until(lambda: len(visits_of(config)) >= seen + 3, "visits after it")
    with running(config, clock=clock):
        wait_until(lambda: judged(config).keys() >= visits_of(config), "judgements of all, the interrupted one too")


def test_visits_are_not_compared_unless_the_settings_say_so(tmp_path: Path, stream: ReplayServer) -> None:
    config = settings(tmp_path, {"door": stream.url})
    with running(config, clock=clock) as service:
        wait_until(lambda: service.health().sent, "the database")
        wait_until(lambda: len(stored(config, VisitRow)) >= 2, "visits")
    assert not stored(config, VisitFirstRow) and not stored(config, RegisterPartRow)
    assert not (config.service.spool_directory / "_registers.spool").exists()


def test_a_part_is_stored_before_what_names_it_and_either_before_the_visits(tmp_path: Path) -> None:
    config = settings(tmp_path, {"door": "0"}, sites=SITES, reid=FACES)
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    values = (Direction.IN, Gender.FEMALE, "25-34", 30.5, 0.91, 4, 0.7, "test")
    visit = Visit(uuid4(), "door", moment, moment + timedelta(seconds=3), *values)
    first = First(visit.uid, PART, "door", 10_000, True, False)
    facts = (PART, "main", date(2026, 3, 2), "box", ReidMode.FACES, moment, moment)
    part = RegisterPart(*facts, 1, 1, 0, 1.0, None, None, 0.0, (0.0,) * STAY_BUCKETS, 1, 0, None, "test")
    folder = config.service.spool_directory
    Spool(folder / "_registers.spool").put([first, part])
    sink = StoreSink(config)
    Forwarder(folder, sink, ForwardOptions()).forward_all()
    assert [row.uid for row in stored(config, RegisterPartRow)] == [PART]
    Spool(folder / "door.spool").put([visit])
    Forwarder(folder, sink, ForwardOptions()).forward_all()
    sink.close()
    assert judged(config).keys() == {visit.uid} == visits_of(config)
