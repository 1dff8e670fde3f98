"""A day is followed to its end; then disk, database and the memory of the program are searched for a template."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from db.models import RegisterPartRow, VisitFirstRow
from tests.integration.reliability.bench import PATIENCE_S, settings, stored, wait_until
from tests.integration.reliability.replay import ReplayServer
from tests.integration.reliability.stand_in import FPS, SPEED

PEOPLE = 6
NEEDLE_BYTES = 16  # four numbers


class Program:
    """The running program as a process, and what it told of the visits."""

    def __init__(self, folder: Path, url: str) -> None:
        reading, writing = os.pipe()
        path = os.pathsep.join(item for item in sys.path if item)
        script = Path(__file__).with_name("watched_day.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(folder), url, str(writing)],
            env={**os.environ, "PYTHONPATH": path},
            pass_fds=[writing],
        )
        os.close(writing)
        os.set_blocking(reading, False)
        self._told = os.fdopen(reading, "rb", buffering=0)
        self._bytes = b""

    def told(self, kind: bytes) -> list[bytes]:
        """Return what was told until now: templates that arrived (looks), that are held, or of each visit nothing."""
        while found := self._told.read(65_536):
            self._bytes += found
        found, place, told = [], 0, self._bytes
        while (begin := place + 9) <= len(told):
            end = begin + int.from_bytes(told[place + 5 : begin], "big")
            if end > len(told):
                break
            found += [told[begin:end]] if told[place : place + 5] == kind else []
            place = end
        return found

    def worker(self) -> int:
        """Return the process number of the only worker."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return next(int(pid) for pid in children if b"ingest.live.child" in Path(f"/proc/{pid}/cmdline").read_bytes())

    def close(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        self._told.close()


def memory_of(pid: int) -> Iterator[bytes]:
    """Yield what stands in the memory of a process that it can write to."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            area, rights = line.split()[:2]
            if not rights.startswith("rw") or "[v" in line:
                continue
            start, end = (int(part, 16) for part in area.split("-"))
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except OSError:  # an area that went meanwhile
                continue


def needles_of(templates: list[bytes]) -> set[bytes]:
    """Return pieces of each template, from its beginning, middle and end."""
    needles: set[bytes] = set()
    for template in templates:
        middle = len(template) // 8 * 4
        places = (0, middle, len(template) - NEEDLE_BYTES)
        needles |= {template[place : place + NEEDLE_BYTES] for place in places}
    return {needle for needle in needles if len(set(needle)) > 6}  # nothing that is everywhere


def times_found(pid: int, needles: set[bytes]) -> int:
    """Return how often a needle stands in the memory of `pid`."""
    return sum(times_within(area, needles) for area in memory_of(pid))


def times_within(area: bytes, needles: set[bytes]) -> int:
    """Return how often a needle stands in `area`, at any byte of it.

    One pass for all needles: of each word that begins at a byte, its 20 upper bits are looked up.
    """
    begins = np.zeros(2**20, np.bool_)
    begins[[int.from_bytes(needle[:4], "little") >> 12 for needle in needles]] = True
    times = 0
    for first in range(min(4, len(area) - 3)):
        words = np.frombuffer(area, "<u4", (len(area) - first) // 4, first)
        places = np.flatnonzero(begins[words >> 12]) * 4 + first
        times += sum(area[place : place + NEEDLE_BYTES] in needles for place in places.tolist())
    return times


@pytest.fixture
def stream() -> Iterator[ReplayServer]:
    made = ReplayServer(frames=100_000, fps=FPS * SPEED)
    yield made
    made.close()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is searched through /proc")
def test_after_the_close_of_day_no_template_is_left_anywhere(tmp_path: Path, stream: ReplayServer) -> None:
    program = Program(tmp_path, stream.url)
    try:
        wait_until(lambda: len(program.told(b"visit")) >= PEOPLE, "some visits")
        stream.close()
        wait_until(lambda: _judged_all(tmp_path, program), "the judgements")
        held = needles_of(program.told(b"holds"))
        needles = held | needles_of(program.told(b"looks"))
        assert len(held) >= PEOPLE
        worker, supervisor = program.worker(), program.process.pid
        assert times_found(supervisor, held) >= len(held), "the search finds what is there"
        (tmp_path / "night").touch()
        wait_until(lambda: _closed(tmp_path), "the day to be closed")
        assert times_found(supervisor, needles) == 0
        assert times_found(worker, needles) == 0
        os.kill(supervisor, signal.SIGTERM)
        assert program.process.wait(PATIENCE_S) == 0
    finally:
        program.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".db", ".spool", ".json"}
    assert [path.name for path in files if any(needle in path.read_bytes() for needle in needles)] == []


def _judged_all(folder: Path, program: Program) -> bool:
    config = settings(folder, {"door": "0"})
    return len(stored(config, VisitFirstRow)) >= len(program.told(b"visit"))


def _closed(folder: Path) -> bool:
    return any(part.closed_at for part in stored(settings(folder, {"door": "0"}), RegisterPartRow))


def test_a_needle_in_memory_is_found() -> None:
    hidden = np.random.default_rng(1).normal(size=128).astype(np.float32)
    assert times_found(os.getpid(), {hidden[40:44].tobytes()}) > 0


def test_needles_are_found_at_any_byte() -> None:
    area = np.random.default_rng(1).bytes(600)
    needles = {area[place : place + NEEDLE_BYTES] for place in (0, 101, 202, 303, 400, 600 - NEEDLE_BYTES)}
    assert times_within(area, needles) == len(needles)
    assert [times_within(area[:size], needles) for size in (0, 3, NEEDLE_BYTES - 1, NEEDLE_BYTES)] == [0, 0, 0, 1]
