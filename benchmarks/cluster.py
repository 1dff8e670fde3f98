"""Measures recordings on Ray: workers against one, overhead, killed workers, memory of the driver, PostgreSQL.

    python -m benchmarks.cluster speed     # 2 workers against 1, and 1 against plain `process`; 3 minutes alone
    python -m benchmarks.cluster kills     # 60 recordings, 10 workers killed, totals beside those of plain `process`
    python -m benchmarks.cluster memory    # resident memory of the driver over 2,000 recordings, stand-in networks
    python -m benchmarks.cluster database [--server URL] [--nodes 100] [--cores 16]

Everything runs on this machine: a Ray with as many cores as a figure needs, SQLite for the first three. Beside wall
clocks stands processor time, Ray's own processes included, which other work on the machine hardly changes.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import psutil

from app.cluster.driver import Work, count_orders
from app.cluster.errand import Errand, Outcome, errand_for
from app.cluster.place import LOCAL, connected
from app.compose import check_networks
from app.demo.scene import SceneOptions, settings_text
from app.opening import open_engine
from app.order_counting import How, LoadedNetworks, OrderCounter
from app.orders import Order
from app.registers import RECORDINGS, Registers
from benchmarks.cluster_database import own_database, reckoning, store_recordings
from benchmarks.cluster_work import CAMERA, START, copies, stand_in, tiny
from benchmarks.scene import rendered
from db.reading import queries
from db.reading.recordings import counted_files
from db.reading.selection import Selection
from db.session import open_database, reading
from db.store import Store
from footfall.config import Config, load_config

SERVER = os.environ.get("FOOTFALL_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
LARGE = SceneOptions(seed=4, people=20, people_per_minute=100, fps=25)
SMALL = SceneOptions(seed=4, people=3, people_per_minute=60, size=(640, 360), fps=5, backs_share=0.0)


@dataclass(frozen=True, slots=True)
class Run:
    """Wall clock and processor seconds of a call, its start and the loading of networks left out."""

    name: str
    wall_s: float
    processor_s: float


def settings(options: SceneOptions, folder: Path) -> tuple[Config, Path]:
    """Return the settings of a scene with an empty database in `folder`, and its footage."""
    video, truth = rendered(options)
    path = folder / "footfall.toml"
    text = settings_text(truth, video.absolute(), CAMERA)
    path.write_text(f'database_url = "sqlite:///{folder / "cluster.db"}"\n\n{text}', encoding="utf-8")
    return load_config(path), video


def errand_of(config: Config) -> Errand:
    """Open the database as `footfall process` does, and return what the workers are told."""
    engine = open_engine(config)
    completed = Store(engine).completed(config)
    engine.dispose()
    return errand_for(completed, [CAMERA], How(), LoadedNetworks(config).of(CAMERA).version)


def plain(config: Config, orders: Sequence[Order], warm: int, together: Callable[[], object] = bool) -> Run:
    """Count in this process, as `footfall process` without --on; the first `warm` are not timed.

    After them `together` is called, which may wait for others.
    """
    check_networks(config)
    networks, store = LoadedNetworks(config), Store(open_engine(config))
    config = store.completed(config)
    counter = OrderCounter(config, store, networks.of, Registers(config, RECORDINGS), How())
    for order in orders[:warm]:
        counter.count(order)
    together()
    began, used = time.perf_counter(), time.process_time()
    for order in orders[warm:]:
        counter.count(order)
    return Run("plain `process`", time.perf_counter() - began, time.process_time() - used)


def on_ray(config: Config, orders: Sequence[Order], warm: int, cores: int) -> Run:
    """Count on a local Ray with `cores`; the first `warm` are not timed."""
    errand = errand_of(config)
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 - as plain `process`, where the machine does other work
    with connected(LOCAL, cores):
        require_counted(list(count_orders(errand, orders[:warm])))
        began, used = time.perf_counter(), processor_s()
        require_counted(list(count_orders(errand, orders[warm:])))
        return Run(f"{cores} workers" if cores > 1 else "1 worker", time.perf_counter() - began, processor_s() - used)


def side_by_side(recordings: int, warm: int) -> Run:
    """Count in two processes that know nothing of each other: what two cores of this machine can give at most."""
    with ProcessPoolExecutor(2, get_context("spawn")) as two, get_context("spawn").Manager() as between:
        start = between.Barrier(2)
        halves = [two.submit(_half, recordings // 2, warm, start) for _ in range(2)]
        runs = [half.result() for half in halves]
    return Run("2 plain `process` side by side", max(run.wall_s for run in runs), sum(run.processor_s for run in runs))


def _half(recordings: int, warm: int, start: threading.Barrier) -> Run:
    with tempfile.TemporaryDirectory() as name:
        config, video = settings(LARGE, Path(name))
        return plain(config, copies(video, Path(name), recordings + warm), warm, start.wait)


def processor_s() -> float:
    """Return the processor seconds of this process and of all that Ray started for it."""
    me = psutil.Process()
    total = 0.0
    for process in [me, *me.children(recursive=True)]:
        try:
            total += sum(process.cpu_times()[:2])
        except psutil.NoSuchProcess:
            continue
    return total


def require_counted(outcomes: Sequence[Outcome]) -> None:
    """Make sure that none failed."""
    assert not [one.reason for one in outcomes if one.reason], [one.reason for one in outcomes if one.reason]


def speed(recordings: int) -> None:
    """Print how much faster two workers are than one, what Ray costs beside plain `process`, and what two can reach."""
    runs = []
    for cores in (0, 1, 2):
        with tempfile.TemporaryDirectory() as name:
            config, video = settings(LARGE, Path(name))
            warm = max(2, cores)
            orders = copies(video, Path(name), recordings + warm)
            runs.append(on_ray(config, orders, warm, cores) if cores else plain(config, orders, warm))
    runs.append(side_by_side(recordings, 2))
    print("| run | wall clock, s | processor time, s | times one worker, wall clock | over plain, processor time |")
    print("| --- | --- | --- | --- | --- |")
    for run in runs:
        faster, over = runs[1].wall_s / run.wall_s, 100 * (run.processor_s / runs[0].processor_s - 1)
        print(f"| {run.name} | {run.wall_s:.1f} | {run.processor_s:.1f} | {faster:.2f} | {over:+.1f} % |")
    print(f"\nover plain, wall clock, one worker: {100 * (runs[1].wall_s / runs[0].wall_s - 1):+.1f} %")
    print(f"the ceiling, two plain against one, without Ray: {runs[0].wall_s / runs[3].wall_s:.2f} times")


def kills(recordings: int, kills_in_all: int) -> None:
    """Kill workers amid recordings, and print what is stored beside what plain `process` stores."""
    with tempfile.TemporaryDirectory() as name:
        config, video = settings(SMALL, Path(name))
        orders = copies(video, Path(name), recordings)
        plain(config, orders, 0)
        expected = stored(config)
    killed = 0
    with tempfile.TemporaryDirectory() as name:
        config, video = settings(SMALL, Path(name))
        orders = copies(video, Path(name), recordings)
        with connected(LOCAL, 2):
            outcomes = []
            for outcome in count_orders(errand_of(config), orders):
                outcomes.append(outcome)
                if killed < kills_in_all and len(outcomes) * kills_in_all >= killed * recordings:
                    killed += kill_one()
        found = stored(config)
    failed = [one.reason for one in outcomes if one.reason]
    print(f"{recordings} recordings, {killed} workers killed amid one, {len(failed)} failed: {failed}")
    print(f"stored: {found[0]} recordings, each once, {found[1]} visits; plain `process`: {expected[0]}, {expected[1]}")
    print("equal" if found == expected else "NOT EQUAL")


def kill_one() -> int:
    """Kill one worker that is at work on a recording; return how many were."""
    busy = []
    for process in psutil.Process().children(recursive=True):
        try:
            if " ".join(process.cmdline()).startswith("ray::recording"):
                busy.append(process)
        except psutil.NoSuchProcess:
            continue
    if not busy:
        return 0
    random.choice(busy).kill()
    return 1


def stored(config: Config) -> tuple[int, int, tuple[int, ...]]:
    """Return recordings, visits of all days, and visits of each recording, after totals were derived again."""
    first = START.date()
    days = Selection(first, first + timedelta(days=30))
    engine = open_database(config.database_url.get_secret_value())
    assert Store(engine).verify(days.first_day, days.last_day) == []
    with reading(engine) as connection:
        files = counted_files(connection)
        visits = int(queries.daily(connection, days, ())["visits"].sum())
    engine.dispose()
    assert len({one.sha256 for one in files}) == len(files)
    return len(files), visits, tuple(one.visits for one in files)


def memory(recordings: int, work: Work = stand_in) -> None:
    """Print the resident memory of this process, which drives the call, ten times on the way."""
    me = psutil.Process()
    with tempfile.TemporaryDirectory() as name:
        config, _ = settings(SMALL, Path(name))
        orders = tiny(Path(name), recordings)
        errand = errand_of(config)
        print("| recordings | driver, MiB | seconds |\n| --- | --- | --- |")
        with connected(LOCAL, 2):
            began = time.perf_counter()
            for done, outcome in enumerate(count_orders(errand, orders, work), 1):
                require_counted([outcome])
                if done % (recordings // 10) == 0:
                    taken_s = time.perf_counter() - began
                    print(f"| {done} | {me.memory_info().rss / 2**20:.1f} | {taken_s:.1f} |", flush=True)
        files, visits, _ = stored(config)
    print(f"\nstored: {files} recordings, {visits} visits")


def database(server: str, nodes: int, cores: int, footage_per_core: float) -> None:
    """Print what PostgreSQL takes from one and from many writers, and what a cluster asks of it."""
    measured = []
    for writers, recordings in ((1, 20), (32, 96)):
        with own_database(server) as url:
            measured.append(store_recordings(url, writers, recordings))
    print("| writers at once | recordings | recordings/s | rows/s | most connections | most waiting for a lock |")
    print("| --- | --- | --- | --- | --- | --- |")
    for one in measured:
        rows = f"{one.rows / one.seconds:.0f}"
        print(f"| {one.writers} | {one.recordings} | {one.per_s:.1f} | {rows} | {one.connections} | {one.waiting} |")
    print(f"\n{reckoning(measured[0], measured[1], nodes, cores, footage_per_core)}")


def main() -> None:
    """Measure one figure and print it with the load of the machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", choices=("speed", "kills", "memory", "database"))
    parser.add_argument("--recordings", type=int, default=0, help="default: 10, 60, 2000")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--server", default=SERVER, help="a PostgreSQL on which a database may be made")
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--cores", type=int, default=16, help="of a node")
    parser.add_argument(
        "--footage-per-core", type=float, default=7.6, help="hours an hour; see docs/benchmarks/speed.md"
    )
    given = parser.parse_args()
    if given.figure == "speed":
        speed(given.recordings or 10)
    elif given.figure == "kills":
        kills(given.recordings or 60, given.kills)
    elif given.figure == "memory":
        memory(given.recordings or 2000)
    else:
        database(given.server, given.nodes, given.cores, given.footage_per_core)
    print(f"\nLoad of the machine at the end: {os.getloadavg()[0]:.1f} processes on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
