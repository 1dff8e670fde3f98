"""Times the work of a night at the size of a chain: 20 cameras, a year, 2.9 million visits, 5.7 million minutes.

    createdb chain && python -m benchmarks.chain --database postgresql://postgres@127.0.0.1/chain --prepare
    createdb --template chain tried && python -m benchmarks.chain --database postgresql://postgres@127.0.0.1/tried
    python -m benchmarks.chain --database sqlite:////tmp/chain.db --days 92

Prints what a day's report takes (the median of some days, never written before), `db verify` of all days, and, while
retention deletes the oldest week, the longest time that another process waits to store a visit; and, because other
programs make it wait as well, what the same process waits when nothing is deleted. The week is gone then, so that a
second run wants a fresh copy.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, func, select

from benchmarks.chain_data import DAYS, chain, prepare
from benchmarks.rollups import LAST_DAY, ZONE
from db.models import CameraMinuteRow, VisitRow
from db.session import open_database, reading
from db.store import Store
from footfall.config import Config
from footfall.config_sections import ReportConfig, RetentionConfig
from footfall.types import Direction, Gender, Visit
from reports.writer import ReportWriter

REPORTS = 5
OLD_DAYS = 7
NOW = datetime.combine(LAST_DAY + timedelta(days=1), datetime.min.time(), ZONE).astimezone(UTC) + timedelta(hours=9)
PAUSE_S = 0.02
ALONE_S = 20.0


def main() -> None:
    """Fill the database where it is empty, then do the night's work and print what each part took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="URL of a database that may be filled and thinned out")
    parser.add_argument("--days", type=int, default=DAYS, help="length of the history")
    parser.add_argument("--prepare", action="store_true", help="only fill the database")
    parser.add_argument("--only", choices=["reports", "verify", "retention"], help="one part alone")
    options = parser.parse_args()
    engine = open_database(options.database)
    prepare(engine, options.days)
    if options.prepare:
        return
    print(f"{engine.dialect.name}: {_size(engine)}", flush=True)
    if options.only in (None, "reports"):
        _time_reports(engine)
    if options.only in (None, "verify"):
        _time_verify(engine, options.days)
    if options.only in (None, "retention"):
        _time_retention(engine, options.database, options.days - OLD_DAYS)


def _time_reports(engine: Engine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = ReportWriter(engine, ReportConfig(directory=Path(folder)))
        hidden = ReportWriter(engine, ReportConfig(directory=Path(folder), small_cell=5))
        begun = time.perf_counter()
        due = writer.due("main", NOW)
        print(f"asking which of {len(due)} days are due: {time.perf_counter() - begun:.2f} s", flush=True)
        days = due[-REPORTS:]
        wall, cpu = _timed(writer, days)
        print(f"a day's report: {wall:.2f} s median, {cpu:.2f} s of it this process's CPU", flush=True)
        wall, cpu = _timed(hidden, [day - timedelta(days=REPORTS) for day in days])
        print(f"the same with counts below 5 hidden: {wall:.2f} s median, {cpu:.2f} s CPU", flush=True)


def _timed(writer: ReportWriter, days: list[date]) -> tuple[float, float]:
    walls, cpus = [], []
    for day in days:
        begun, begun_cpu = time.perf_counter(), time.process_time()
        writer.write("main", day)
        walls.append(time.perf_counter() - begun)
        cpus.append(time.process_time() - begun_cpu)
    return statistics.median(walls), statistics.median(cpus)


def _time_verify(engine: Engine, days: int) -> None:
    begun, begun_cpu = time.perf_counter(), time.process_time()
    differences = Store(engine).verify(LAST_DAY - timedelta(days=days - 1), LAST_DAY)
    wall, cpu = time.perf_counter() - begun, time.process_time() - begun_cpu
    print(f"db verify of {days} days: {wall:.1f} s, {cpu:.1f} s CPU, {len(differences)} differences", flush=True)


def _time_retention(engine: Engine, database_url: str, kept_days: int) -> None:
    settings = RetentionConfig(visits_days=kept_days, minutes_days=kept_days)
    delete_beside_a_writer(engine, database_url, chain(retention=settings), "camera00")


def delete_beside_a_writer(engine: Engine, database_url: str, config: Config, camera: str, now: datetime = NOW) -> None:
    """Delete what is too old at `now` while another process stores visits of `camera` one by one."""
    spawn = multiprocessing.get_context("spawn")
    ready, done = spawn.Event(), spawn.Event()
    waits: multiprocessing.Queue[list[tuple[float, float]]] = spawn.Queue()
    other = spawn.Process(target=_store_visits, args=(database_url, camera, ready, done, waits))
    other.start()
    ready.wait()
    time.sleep(ALONE_S)
    begun = time.monotonic()
    deleted = Store(engine).apply_retention(config, now)
    wall = time.monotonic() - begun
    done.set()
    taken = waits.get()
    other.join()
    rows = sum(one.rows for one in deleted)
    alone = [took for since, took in taken if since + took < begun]
    print(f"a writer alone stored visits one by one: {_spread(alone)}")
    print(f"retention of {rows:,} rows: {wall:.1f} s; beside it: {_spread([t for at, t in taken if at + t >= begun])}")


def _spread(taken: list[float]) -> str:
    median, slow = (statistics.quantiles(taken, n=100)[place] for place in (49, 98))
    late = sum(took > 1 for took in taken)
    return (
        f"{len(taken)} visits, {max(taken):.2f} s at most ({late} over 1 s), one in a hundred {slow:.2f} s or longer, "
        f"{median * 1000:.0f} ms in the median"
    )


def _store_visits(
    database_url: str, camera: str, ready: Event, done: Event, waits: multiprocessing.Queue[list[tuple[float, float]]]
) -> None:
    store = Store(open_database(database_url))
    taken: list[tuple[float, float]] = []
    while not done.is_set():
        at = NOW + timedelta(milliseconds=len(taken))
        visit = Visit(uuid4(), camera, at, at, Direction.IN, Gender.FEMALE, "25-34", 30.0, 0.9, 4, 0.7, "benchmark")
        begun = time.monotonic()
        store.save_visits([visit])
        taken.append((begun, time.monotonic() - begun))
        ready.set()
        time.sleep(PAUSE_S)
    waits.put(taken)


def _size(engine: Engine) -> str:
    with reading(engine) as connection:
        visits = connection.execute(select(func.count()).select_from(VisitRow)).scalar_one()
        minutes = connection.execute(select(func.count()).select_from(CameraMinuteRow)).scalar_one()
    return f"{visits:,} visits, {minutes:,} minutes"


if __name__ == "__main__":
    main()
