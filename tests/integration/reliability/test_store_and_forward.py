"""The database goes away, the disk fills up, files are damaged: everything arrives once."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app.store_sink import StoreSink
from db.models import DailyVisitsRow, VisitRow
from footfall.config import Config
from footfall.types import CameraMinute, Direction, Gender, Outage, Visit
from ingest.spooling.forward import Forwarder, ForwardOptions
from ingest.spooling.records import Batch
from ingest.spooling.spool import Spool
from ingest.spooling.writer import SpoolWriter
from tests.integration.reliability.bench import settings, stored, wait_until
from tests.integration.reliability.postgres import PostgresServer
from tests.missing import missing

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
QUICK = ForwardOptions(batch_size=200, pause_s=0.02, pause_after_failure_s=0.1)


def visit(number: int, camera_id: str = "door") -> Visit:
    entered_at = MORNING + timedelta(seconds=number)
    values = (Direction.IN, Gender.FEMALE, "25-34", 30.5, 0.91, 4, 0.7, "test")
    return Visit(uuid4(), camera_id, entered_at, entered_at + timedelta(seconds=3), *values)


def minute(number: int) -> CameraMinute:
    return CameraMinute("door", uuid4(), MORNING + timedelta(minutes=number), 60.0, 600, 590, 10, 0, 5, 1, 0.3)


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def sinks() -> Iterator[Callable[[Config], StoreSink]]:
    """Makes sinks that are closed after the test."""
    made: list[StoreSink] = []

    def make(config: Config) -> StoreSink:
        made.append(StoreSink(config))
        return made[-1]

    yield make
    for sink in made:
        sink.close()


Sinks = Callable[[Config], StoreSink]


@pytest.mark.parametrize(
    ("away_s", "outages"),
    [pytest.param(2.0, 2, id="short"), pytest.param(150.0, 2, id="long", marks=pytest.mark.soak)],
)
def test_a_database_that_is_away_loses_and_doubles_nothing(
    tmp_path: Path, postgres: PostgresServer, sinks: Sinks, away_s: float, outages: int
) -> None:
    """10,000 visits arrive while the server is stopped in the middle of what it does, and started again."""
    config = settings(tmp_path, {"door": "0"}, postgres.url)
    writer = SpoolWriter(Spool(config.service.spool_directory / "door.spool"))
    forwarder = Forwarder(config.service.spool_directory, sinks(config), QUICK)
    stopping, total = threading.Event(), 10_000
    thread = threading.Thread(target=forwarder.run, args=(stopping,))
    thread.start()
    try:
        for number in range(outages + 1):
            visits = [visit(index) for index in range(number, total, outages + 1)]
            for start in range(0, len(visits), 50):
                assert writer.write(visits[start : start + 50])
                if start == 500 and number < outages:
                    postgres.stop()
                    stopped_at = time.monotonic()
            if number < outages:
                wait_until(lambda: forwarder.state.problem, "the outage to be noticed")
                time.sleep(max(away_s - (time.monotonic() - stopped_at), 0))
                postgres.start()
        wait_until(lambda: forwarder.state.waiting == {"door": 0} and not forwarder.state.problem, "the spool to empty")
    finally:
        stopping.set()
        thread.join()
    rows = stored(config, VisitRow)
    assert len({row.uid for row in rows}) == len(rows) == total
    assert sum(row.visits for row in stored(config, DailyVisitsRow)) == total


def test_a_full_disk_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """A process that may not write files beyond a limit counts on; when there is room again, all of it is written."""
    script = Path(__file__).with_name("full_disk.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "refused while full, 2000 visits arrived, 2000 different\n"


def test_a_small_file_system_that_fills_up_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """The same with a real file system of one megabyte, where one may be mounted."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        missing("no small file system may be mounted; run as root, or in a container with --cap-add SYS_ADMIN")
    try:
        spool = Spool(small / "door.spool")
        writer = SpoolWriter(spool)
        visits = [visit(number) for number in range(3000)]
        for start in range(0, 3000, 100):
            writer.write(visits[start : start + 100])
        assert writer.waiting > 0, "the file system never was full"
        arrived: list[Visit] = []
        wait_until(lambda: not _drain(spool, writer, arrived), "the spool to empty")
        assert len(arrived) == len(set(arrived)) == 3000
    finally:
        subprocess.run(["umount", str(small)], check=True)


def _drain(spool: Spool, writer: SpoolWriter, arrived: list[Visit]) -> bool:
    """Send one batch, let the writer try again, and return whether anything is left."""
    spool.drain(lambda batch: arrived.extend(batch.visits), 200)
    return not writer.flush() or spool.depth() > 0


def test_a_read_only_spool_keeps_counting_and_catches_up(tmp_path: Path) -> None:
    """A folder in the spool's place stands for a file system that takes no file, also for root."""
    blocked = tmp_path / "spool"
    blocked.write_text("not a folder")
    writer = SpoolWriter(Spool(blocked / "door.spool"))
    visits = [visit(number) for number in range(20)]
    assert not writer.write(visits)
    assert (writer.waiting, writer.lost) == (20, 0)
    blocked.unlink()
    assert writer.flush()
    arrived: list[Batch] = []
    Spool(blocked / "door.spool").drain(arrived.append)
    assert arrived[0].visits == tuple(visits)


def test_a_moment_without_free_files_does_not_end_forwarding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Batch] = []
    spool = Spool(tmp_path / "door.spool")
    spool.put([visit(0)])
    forwarder, stopping = Forwarder(tmp_path, sent.append, QUICK), threading.Event()
    really, told = Path.glob, threading.Event()

    def glob(folder: Path, pattern: str) -> Iterator[Path]:
        if not told.is_set():
            told.set()
            raise OSError(errno.EMFILE, "Too many open files")
        return really(folder, pattern)

    monkeypatch.setattr(Path, "glob", glob)
    assert not forwarder.forward_all() and "Too many open files" in forwarder.state.problem
    told.clear()
    running = threading.Thread(target=forwarder.run, args=(stopping,))
    running.start()
    wait_until(lambda: bool(sent), "the record is sent")
    stopping.set()
    running.join()
    assert told.is_set() and len(sent) == 1 and forwarder.state.problem == ""


def test_memory_has_a_limit_and_what_is_given_up_is_counted(tmp_path: Path) -> None:
    """Minutes go before visits: a visit is what the program is for."""
    (tmp_path / "spool").write_text("not a folder")
    writer = SpoolWriter(Spool(tmp_path / "spool" / "door.spool"), max_waiting=10)
    writer.write([*(minute(number) for number in range(4)), *(visit(number) for number in range(8))])
    assert (writer.waiting, writer.lost) == (10, 2)
    writer.write([visit(number) for number in range(3)])
    assert (writer.waiting, writer.lost) == (10, 5)


def test_a_batch_that_stored_but_was_not_confirmed_is_sent_again_and_counted_once(
    tmp_path: Path, database_url: str, sinks: Sinks
) -> None:
    """The crash between the commit and the spool's forgetting."""
    config = settings(tmp_path, {"door": "0"}, database_url)
    spool = Spool(tmp_path / "door.spool")
    visits = [visit(number) for number in range(50)]
    outage = Outage(uuid4(), "door", MORNING, None, "the camera hung up")
    spool.put([*visits, minute(1), outage])
    sink = sinks(config)

    def store_and_crash(batch: Batch) -> None:
        sink(batch)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spool.drain(store_and_crash)
    assert spool.drain(sink) == 52
    assert spool.depth() == 0
    assert {row.uid for row in stored(config, VisitRow)} == {item.uid for item in visits}
    assert sum(row.visits for row in stored(config, DailyVisitsRow)) == 50


def test_a_record_that_the_database_refuses_does_not_stop_the_others(
    tmp_path: Path, database_url: str, sinks: Sinks
) -> None:
    """A camera that was never configured; once it is, its records go through."""
    config = settings(tmp_path, {"door": "0"}, database_url)
    spools = config.service.spool_directory
    spool = Spool(spools / "door.spool")
    spool.put([visit(0), visit(1, "unknown"), visit(2)])
    forwarder = Forwarder(spools, sinks(config), QUICK)
    assert forwarder.forward_all()
    assert (len(stored(config, VisitRow)), spool.depth(), spool.rejected()) == (2, 0, 1)
    wider = settings(tmp_path, {"door": "0", "unknown": "1"}, database_url)
    Forwarder(spools, sinks(wider), QUICK).forward_all()
    assert (len(stored(wider, VisitRow)), spool.depth(), spool.rejected()) == (3, 0, 0)


def test_a_record_whose_kind_of_value_was_damaged_stops_neither_its_spool_nor_the_others(tmp_path: Path) -> None:
    """SQLite keeps in one bit whether a value is bytes or text."""
    visits, other = [visit(number) for number in range(5)], visit(9, "garage")
    Spool(tmp_path / "door.spool").put(visits)
    Spool(tmp_path / "garage.spool").put([other])
    with closing(sqlite3.connect(tmp_path / "door.spool")) as connection, connection:
        connection.execute("UPDATE records SET body = CAST(body AS TEXT) WHERE id = 3")
    sent: list[Batch] = []
    forwarder = Forwarder(tmp_path, sent.append, QUICK)
    assert forwarder.forward_all(), forwarder.state.problem
    arrived = [one for batch in sent for one in batch.visits]
    assert set(arrived) <= {*visits, other} and other in arrived
    assert len(arrived) == len(set(arrived)) >= 5


def test_a_defect_in_one_round_does_not_end_forwarding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Batch] = []
    Spool(tmp_path / "door.spool").put([visit(0)])
    really, broken = Spool.depth, threading.Event()

    def depth(spool: Spool) -> int:
        if not broken.is_set():
            broken.set()
            raise TypeError("a defect")
        return really(spool)

    monkeypatch.setattr(Spool, "depth", depth)
    forwarder, stopping = Forwarder(tmp_path, sent.append, QUICK), threading.Event()
    running = threading.Thread(target=forwarder.run, args=(stopping,))
    running.start()
    broken.wait()
    Spool(tmp_path / "garage.spool").put([visit(1, "garage")])
    wait_until(lambda: len(sent) == 2, "the record that came after it is sent")
    stopping.set()
    running.join()
    assert forwarder.state.problem == ""


@pytest.mark.parametrize("kind", ["cut", "overwritten", "emptied", "replaced"])
def test_a_damaged_spool_is_set_aside_and_what_is_whole_is_kept(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "door.spool"
    notices: list[str] = []
    visits = [visit(number) for number in range(200)]
    Spool(path).put(visits)
    content = path.read_bytes()
    damaged = {
        "cut": content[: len(content) // 2],
        "overwritten": content[:20_000] + b"\xff" * 9000 + content[29_000:],
        "emptied": b"",
        "replaced": b"this is no database at all" * 400,
    }[kind]
    path.write_bytes(damaged)
    spool = Spool(path, notices.append)
    arrived: list[Batch] = []
    spool.drain(arrived.append, 1000)
    kept = arrived[0].visits if arrived else ()
    assert set(kept) <= set(visits)
    assert len(kept) == len(set(kept))
    assert len(kept) >= {"cut": 60, "overwritten": 150, "emptied": 0, "replaced": 0}[kind]
    assert path.with_name("door.spool.damaged").read_bytes() == damaged
    assert notices and "set aside as door.spool.damaged" in notices[0]
    spool.put([visit(1)])
    assert spool.depth() == 1
