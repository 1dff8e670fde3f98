"""Recordings of one call are compared with each other, also of two cameras; processed again, they are judged again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from app.compose import Networks
from app.recordings import RecordingCounter
from app.registers import RECORDINGS, Registers, store_recorded
from db.models import RegisterPartRow, VisitFirstRow, VisitRow
from db.session import open_database, reading
from db.store import Store
from footfall.config import Config
from footfall.errors import SourceError
from reid.types import RegisterPart
from tests.integration.app.test_counting_recordings import FPS, walkers
from tests.unit.ingest.footage import START, ConstantJudge, GreenSquareDetector, write_video
from tests.unit.ingest.looks import ColourClothes, ColourEmbedder

TONIGHT = START + timedelta(hours=12)
CAMERAS = ("door", "gate")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    yield made
    made.dispose()


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    """Two people at the door, three at the gate."""
    return [write_video(tmp_path / f"{n}.mp4", walkers(n), FPS) for n in (2, 3)]


def process(engine: Engine, films: Sequence[Path], mode: str = "faces") -> tuple[RegisterPart, ...]:
    """Do what one call of `footfall process` does with a film of each camera."""
    cameras = {name: {"source": "recordings", "entrance": name} for name in CAMERAS}
    config = Config(sites={"mall": {}}, cameras=cameras, reid={"mode": mode})
    store = Store(engine)
    store.sync(config)
    registers = Registers(config, RECORDINGS)
    networks = Networks(GreenSquareDetector(), ConstantJudge(), ColourEmbedder(), ColourClothes())  # type: ignore[arg-type]
    for camera, film in zip(CAMERAS, films, strict=False):
        RecordingCounter(config, camera, networks, store, registers).count(film, START)
    return store_recorded(registers, store, TONIGHT)


def rows(engine: Engine, model: type[VisitFirstRow] | type[RegisterPartRow] | type[VisitRow]) -> list[object]:
    with reading(engine) as connection:
        return [row.uid for row in connection.execute(select(model))]


def test_the_films_of_one_call_are_one_part_of_the_day(engine: Engine, films: list[Path]) -> None:
    [part] = process(engine, films)
    assert (part.site, part.day, part.origin) == ("mall", START.date(), RECORDINGS)
    assert (part.arrivals, part.compared, part.held, part.deleted) == (5, 5, 0, 5)
    assert part.closed_at == TONIGHT
    assert part.unique < 5
    assert set(rows(engine, VisitFirstRow)) == set(rows(engine, VisitRow))
    assert len(rows(engine, VisitRow)) == 5
    assert Store(engine).verify(START.date(), START.date()) == []


def test_films_that_are_processed_again_are_judged_again_in_place_of_the_last_time(
    engine: Engine, films: list[Path]
) -> None:
    process(engine, films)
    [part] = process(engine, films)
    assert rows(engine, RegisterPartRow) == [part.uid]
    assert len(rows(engine, VisitFirstRow)) == 5


def test_without_comparison_nothing_is_said_of_it(engine: Engine, films: list[Path]) -> None:
    assert process(engine, films, mode="off") == ()
    assert rows(engine, VisitFirstRow) == rows(engine, RegisterPartRow) == []
    assert len(rows(engine, VisitRow)) == 5


def test_a_film_that_is_refused_leaves_no_visit_in_the_register(engine: Engine, films: list[Path]) -> None:
    broken = films[0].with_name("broken.mp4")
    broken.write_bytes(b"no film")
    with pytest.raises(SourceError):
        process(engine, [broken])
    [part] = process(engine, films)
    assert part.arrivals == 5
