"""What a cluster asks of PostgreSQL: measured on this one, and reckoned line by line for many machines."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread
from uuid import uuid4

import psutil
import psycopg
from sqlalchemy import make_url

from benchmarks.cluster_work import NETWORKS, START, footfall_of
from db.session import open_database
from db.store import Store
from footfall.config import Config
from footfall.types import Recording

VISITS, MINUTES = 200, 60  # of a recording of an hour
TRANSACTIONS = 4  # of a recording: lengths known, time uncounted, stored; known by name with --resume
COUNTERS = "SELECT xact_commit, tup_inserted, tup_updated FROM pg_stat_database WHERE datname = current_database()"
SESSIONS = (
    "SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'footfall'"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing recordings of an hour from `writers` at once came to."""

    writers: int
    recordings: int
    seconds: float
    rows: int
    connections: int
    waiting: int
    server_s: float
    """Processor seconds of the server, all its processes; nan where it runs on another machine."""

    @property
    def per_s(self) -> float:
        """Recordings a second."""
        return self.recordings / self.seconds


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """Give the URL of an empty database on `server`, dropped at the end."""
    name = f"footfall_cluster_{uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def store_recordings(url: str, writers: int, recordings: int) -> Stored:
    """Store `recordings` of an hour, each of the next camera of one site, from `writers` threads."""
    engine = open_database(url, pooled=False)
    names = [f"camera-{number}" for number in range(writers)]
    Store(engine).sync(Config.model_validate({"cameras": {name: {"source": "recordings"} for name in names}}))
    with psycopg.connect(url, autocommit=True) as watching:
        before, used = _counters(watching), _processor_s(watching)
        most = [0, 0]
        ended = Event()
        watch = Thread(target=_watch, args=(url, most, ended))
        watch.start()
        began = time.perf_counter()
        with ThreadPoolExecutor(writers) as pool:
            list(
                pool.map(
                    lambda number: _store_one(Store(engine), names[number % writers], writers, number),
                    range(recordings),
                )
            )
        seconds = time.perf_counter() - began
        ended.set()
        watch.join()
        time.sleep(1.5)  # the server publishes its counters a second late
        after, server_s = _counters(watching), _processor_s(watching) - used
    engine.dispose()
    rows = after[1] + after[2] - before[1] - before[2]
    return Stored(writers, recordings, seconds, rows, most[0], most[1], server_s)


def reckoning(one: Stored, many: Stored, nodes: int, cores: int, footage_per_core: float) -> str:
    """Return what `nodes` of `cores` need of PostgreSQL, line by line; `footage_per_core` is hours an hour."""
    workers = nodes * cores
    arriving = workers * footage_per_core / 3600
    rows = one.rows / one.recordings
    alone_s, server_s = one.seconds / one.recordings, one.server_s / one.recordings
    load = arriving / many.per_s
    waiting_s = load / (2 * (1 - load) * many.per_s) if load < 1 else float("inf")
    lines = [
        ("workers (tasks at once)", f"{nodes} x {cores} = {workers}"),
        ("hours of footage a core counts in an hour", f"{footage_per_core:.1f}"),
        ("recordings of an hour that end in a second", f"{workers} x {footage_per_core:.1f} / 3600 = {arriving:.2f}"),
        (f"rows written for one ({VISITS} visits, {MINUTES} minutes, totals)", f"{rows:.0f}"),
        ("rows a second", f"{arriving:.2f} x {rows:.0f} = {arriving * rows:.0f}"),
        ("rows a second that this server took", f"{many.rows / many.seconds:.0f}"),
        ("recordings a second that it took, one at a time under the lock", f"{many.per_s:.1f}"),
        ("share of the time in which the lock is held", f"{arriving:.2f} / {many.per_s:.1f} = {100 * load:.0f} %"),
        ("a lone writer's connections, looks and storing of one", f"{1000 * alone_s:.0f} ms"),
        ("processor time of the server for one", f"{1000 * server_s:.0f} ms"),
        ("cores of the server at work", f"{arriving:.2f} x {server_s:.3f} s = {arriving * server_s:.2f}"),
        ("mean wait for it (one queue, constant service)", f"{1000 * waiting_s:.0f} ms"),
        ("transactions a second", f"{arriving:.2f} x {TRANSACTIONS} = {arriving * TRANSACTIONS:.1f}"),
        (
            "connections at once, on average",
            f"{arriving:.2f} x {alone_s + waiting_s:.3f} s = {arriving * (alone_s + waiting_s):.1f}",
        ),
        ("connections at once, when all workers end together", f"{workers} (max_connections, or pgbouncer before it)"),
        ("and the last of them waits", f"{workers} / {many.per_s:.1f} = {workers / many.per_s:.0f} s"),
    ]
    return "\n".join(["| what | reckoned |", "| --- | --- |", *(f"| {what} | {value} |" for what, value in lines)])


def _store_one(store: Store, camera: str, writers: int, number: int) -> None:
    start = START + timedelta(hours=number // writers)
    visits, minutes = footfall_of(camera, start, minutes=MINUTES, visits=VISITS)
    sha256 = hashlib.sha256(f"{camera} {number}".encode()).hexdigest()
    end = start + timedelta(minutes=MINUTES)
    recording = Recording(camera, sha256, f"{number}.mp4", start, end, 36_000, 0, NETWORKS, 1_000_000 + number)
    store.recording_lengths(camera)
    store.uncounted_s(recording)
    store.save_recording(recording, visits, minutes)


def _counters(connection: psycopg.Connection) -> tuple[int, int, int]:
    found = connection.execute(COUNTERS).fetchone()
    assert found is not None
    return int(found[0]), int(found[1]), int(found[2])


def _processor_s(watching: psycopg.Connection) -> float:
    """Return the processor seconds of the server's processes, those that ended included; the watching ones, too."""
    try:
        server = psutil.Process(watching.info.backend_pid).parent()
        assert server is not None
        ended, alive = server.cpu_times(), [process.cpu_times() for process in server.children()]
    except psutil.Error:
        return math.nan
    return sum((*ended[:4], *(time for one in alive for time in one[:2])))


def _watch(url: str, most: list[int], ended: Event) -> None:
    with psycopg.connect(url, autocommit=True, application_name="watching") as connection:
        while not ended.wait(0.05):
            found = connection.execute(SESSIONS).fetchone()
            assert found is not None
            most[:] = [max(old, new) for old, new in zip(most, found, strict=True)]
