"""How much CPU each page takes on the large chain, in one process and without a browser.

    python -m benchmarks.large_chain_pages --database postgresql://postgres@127.0.0.1/large     (benchmarks.large_chain)

Printed are seconds of CPU with nothing kept, as after a start: of the thread that makes the page, of the server
processes that answered it (which must run on this machine), and the wall clock, which other programs lengthen.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from datetime import timedelta

import psutil
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from benchmarks.large_chain_data import large_chain
from benchmarks.page_cpu import CPU, Clock, page_script
from dashboard.accounts.door import Door
from dashboard.accounts.sessions import Sessions
from dashboard.numbers.kept import forget_kept
from dashboard.serving.wiring import Wiring, wire
from db.session import open_database, reading

PAGES = (
    ("all_sites", ""),
    ("overview", ""),
    ("demographics", ""),
    ("demographics", "Last 13 weeks"),
    ("trends", ""),
    ("trends", "Last 12 months"),
    ("cameras", ""),
    ("reports", ""),
    ("sales", ""),
)


def main() -> None:
    """Show every page a few times and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="URL of a database that benchmarks.large_chain filled")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    engine, clock = open_database(options.database), Clock()
    sessions = Sessions(timedelta(hours=1), clock)
    wire(Wiring(large_chain(options.database), engine, sessions, Door(open_at_start=True), clock=clock))
    print("| page | page CPU s | server CPU s | wall s |\n| --- | ---: | ---: | ---: |")
    for view, choice in PAGES:
        print(_line(engine, view, choice, options.rounds), flush=True)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _line(engine: Engine, view: str, choice: str, rounds: int) -> str:
    app = AppTest.from_string(page_script(view), default_timeout=600).run()
    if choice:
        next(box for box in app.selectbox if choice in box.options).set_value(choice).run()
    pages, servers, walls = [], [], []
    for _ in range(rounds):
        forget_kept()
        before, begun = _server_cpu_s(engine), time.perf_counter()
        app.run()
        if app.exception:
            raise SystemExit(str(app.exception))
        walls.append(time.perf_counter() - begun)
        servers.append(_server_cpu_s(engine) - before)
        pages.append(float(app.session_state[CPU]))
    page, server, wall = (statistics.median(taken) for taken in (pages, servers, walls))
    return f"| {view.replace('_', ' ')}{', ' * bool(choice)}{choice.lower()} | {page:.2f} | {server:.2f} | {wall:.1f} |"


def _server_cpu_s(engine: Engine) -> float:
    """Return the CPU seconds of every process that serves this program; the connections stay open between pages."""
    ports = {mine.laddr.port for mine in psutil.Process().net_connections()}
    query = f"SELECT pid FROM pg_stat_activity WHERE client_port IN ({', '.join(map(str, sorted(ports)))})"
    with reading(engine) as connection:
        times = [psutil.Process(pid).cpu_times() for pid in connection.exec_driver_sql(query).scalars()]
    return float(sum(one.user + one.system for one in times))


if __name__ == "__main__":
    main()
