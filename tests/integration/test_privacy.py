"""No picture, crop or face template is ever written: a whole day is counted, then disk and database are searched."""

from __future__ import annotations

import json
import re
import sqlite3
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest

from app.compose import load_networks
from app.demo.scene import SceneOptions, render, settings_text
from app.jobs import DailyJobs
from app.opening import open_engine
from app.recordings import RecordingCounter
from app.registers import RECORDINGS, Registers, store_recorded, utc_now
from footfall.config import Config, load_config
from ingest.spooling.records import Batch
from ingest.spooling.spool import Spool
from reid.types import STAY_BUCKETS, First, RegisterPart, Sighting

# The first bytes of the usual containers of pictures, films and arrays.
SIGNATURES = {
    "JPEG": rb"\xff\xd8\xff[\xdb\xe0\xe1\xee]",
    "PNG": rb"\x89PNG\r\n",
    "WebP": rb"RIFF....WEBP",
    "BMP": rb"BM....\x00\x00\x00\x00",
    "TIFF": rb"(II\*\x00|MM\x00\*)",
    "film": rb"ftyp(isom|mp4|iso|avc1)",
    "numpy": rb"\x93NUMPY",
    "pickle": rb"\x80[\x02-\x05].{0,8}(numpy|torch)",
}
LONGEST_VALUE_BYTES = 600  # of a cell: a template of 128 numbers, or the smallest crop, is longer


def find_pictures(content: bytes) -> list[str]:
    """Return the kinds of picture whose signature is anywhere in `content`."""
    return [kind for kind, pattern in SIGNATURES.items() if re.search(pattern, content, flags=re.DOTALL)]


class ToldRegisters(Registers):
    """Registers that remember what no register tells: the templates themselves."""

    def __init__(self, config: Config, origin: str) -> None:
        super().__init__(config, origin)
        self.templates: list[bytes] = []

    def see(self, sighting: Sighting) -> None:
        """Note the templates of a visit, then take it."""
        if sighting.signature is not None:
            self.templates += [row.tobytes() for row in (*sighting.signature.faces, sighting.signature.clothes)]
        super().see(sighting)


class CountedDay(NamedTuple):
    """Where a day was counted, what it was counted from, and the templates that were compared."""

    folder: Path
    footage: Path
    templates: list[bytes]


@pytest.fixture(scope="module")
def counted_day(tmp_path_factory: pytest.TempPathFactory) -> CountedDay:
    """A folder in which a day was counted, compared, spooled, reported and retained; the footage lies elsewhere."""
    folder = tmp_path_factory.mktemp("day")
    footage = tmp_path_factory.mktemp("footage") / "scene.mp4"
    options = SceneOptions(seed=6, people=4, people_per_minute=30, size=(960, 540), fps=10, backs_share=0.0)
    truth = render(options, footage)
    text = (
        f'database_url = "sqlite:///{folder / "footfall.db"}"\n{settings_text(truth, footage)}\n'
        f'[report]\ndirectory = "{folder / "reports"}"\n[service]\nspool_directory = "{folder / "spool"}"\n'
        '[reid]\nmode = "faces"\n'
    )
    (folder / "footfall.toml").write_text(text)
    config = load_config(folder / "footfall.toml")
    engine = open_engine(config)
    from db.store import Store

    networks = load_networks(config, config.camera("entrance"))
    registers = ToldRegisters(config, RECORDINGS)
    counter = RecordingCounter(config, "entrance", networks, Store(engine), registers)
    counted = counter.count(footage, datetime(2026, 3, 28, 9, 0, tzinfo=UTC))
    assert counted.visits
    spool = Spool(folder / "spool" / "entrance.spool")
    spool.put(counted.visits)
    Spool(folder / "spool" / "_registers.spool").put(registers.changes())
    store_recorded(registers, Store(engine), utc_now())
    DailyJobs(config, engine).run_once()
    engine.dispose()
    return CountedDay(folder, footage, registers.templates)


def test_no_file_holds_a_template_as_numbers_or_as_text(counted_day: CountedDay) -> None:
    assert len(counted_day.templates) >= 8, "faces and clothes of several visits"
    pieces = [template[place : place + 12] for template in counted_day.templates for place in (0, len(template) - 12)]
    pieces = [piece for piece in pieces if len(set(piece)) > 6]
    written = [*pieces, *(piece.hex().encode() for piece in pieces), *(b64encode(piece)[:15] for piece in pieces)]
    files = [path for path in counted_day.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"footfall.db", "_registers.spool"}
    for path in files:
        content = path.read_bytes()
        assert not any(piece in content for piece in written), path.name


def test_no_file_holds_a_picture(counted_day: CountedDay) -> None:
    folder, footage, _ = counted_day
    assert find_pictures(footage.read_bytes())  # the search finds what is there
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 3
    found = {path.name: kinds for path in files if (kinds := find_pictures(path.read_bytes()))}
    assert not found


def test_no_cell_of_the_database_is_long_enough_for_a_face_or_its_template(counted_day: CountedDay) -> None:
    folder = counted_day.folder
    with sqlite3.connect(folder / "footfall.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert "visits" in tables
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')
            columns = [name for name, *_ in rows.description]
            for row in rows:
                for column, cell in zip(columns, row, strict=True):
                    if column == "stays":  # sums of how long people stayed, in a fixed number of steps
                        assert len(json.loads(cell)) == STAY_BUCKETS
                        continue
                    assert not isinstance(cell, bytes) or len(cell) <= 16, (table, cell)
                    assert len(str(cell)) <= LONGEST_VALUE_BYTES, (table, cell)


def test_the_search_would_find_a_hidden_crop() -> None:
    crop = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    for suffix in (".jpg", ".png", ".webp", ".bmp"):
        encoded = cv2.imencode(suffix, crop)[1].tobytes()
        assert find_pictures(b"x" * 100 + encoded + b"y" * 100), suffix


def test_a_batch_on_its_way_to_the_database_has_no_field_for_pixels() -> None:
    import dataclasses
    import typing

    from footfall.types import CameraMinute, Outage, Recording, Visit

    assert dataclasses.is_dataclass(Batch)
    for record in (Visit, CameraMinute, Outage, Recording, First, RegisterPart):
        for name, kind in typing.get_type_hints(record).items():
            assert "ndarray" not in str(kind), (record, name)
