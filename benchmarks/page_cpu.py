"""How much CPU Demographics of 13 weeks takes with a long history, in one process and without a browser.

    python -m benchmarks.page_cpu                             two years, 5 million visits, SQLite in a temporary file
    python -m benchmarks.page_cpu --days 200 --rounds 7       a part of them
    python -m benchmarks.page_cpu --database sqlite:///...    a database that benchmarks.dashboard_speed filled

Printed are milliseconds of CPU of the thread that makes the page, median and greatest of some rounds: with nothing kept
as after a start, with answers that are stale (the clock is moved on), and with answers that are kept. Other programs
lengthen it less than the wall clock.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from datetime import datetime, timedelta

from streamlit.testing.v1 import AppTest

from benchmarks.dashboard_speed import NOW, STALE_S
from benchmarks.estimate_rows import write_estimates
from benchmarks.rollups import DAYS, LAST_DAY, VISITS, counted, mall, open_hours, prepare
from dashboard.accounts.door import Door
from dashboard.accounts.sessions import Sessions
from dashboard.numbers.kept import forget_kept
from dashboard.serving.wiring import Wiring, wire
from db.session import open_database

CPU = "cpu_s"
SCRIPT = """
from time import thread_time
import streamlit as st
from dashboard.accounts.access import current_person
from dashboard.page import choose_site
from dashboard.views import {view}
choose_site(current_person())
before = thread_time()
{view}.show()
st.session_state["{cpu}"] = thread_time() - before
"""


class Clock:
    """A clock that is moved on by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.now


def page_script(view: str) -> str:
    """Return a Streamlit script that shows a page and notes the CPU seconds of its thread under CPU."""
    return SCRIPT.format(view=view, cpu=CPU)


def main() -> None:
    """Fill a database unless it is filled, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="URL of a database that may be filled")
    parser.add_argument("--days", type=int, default=DAYS, help="length of the history")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/footfall.db"
        engine = open_database(url)
        prepare(engine, options.days)
        days = [LAST_DAY - timedelta(days=number) for number in range(options.days - 1, 0, -1)]
        write_estimates(engine, mall(), VISITS // DAYS, [(day, open_hours(day)) for day in days])
        print(f"{engine.dialect.name}: {counted(engine)}")
        clock = Clock()
        sessions = Sessions(timedelta(hours=1), clock)
        wire(Wiring(mall(url), engine, sessions, Door(open_at_start=True), clock=clock))
        measure(clock, options.rounds)
        engine.dispose()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def measure(clock: Clock, rounds: int) -> None:
    """Print a line of the table for what is kept."""
    app = AppTest.from_string(page_script("demographics"), default_timeout=120).run()
    app.selectbox(key="people-range").set_value("Last 13 weeks").run()
    print("| kept | CPU, median ms | greatest ms |\n| --- | ---: | ---: |")
    for kept in ("nothing", "stale answers", "answers"):
        spent = []
        for _ in range(rounds):
            if kept == "nothing":
                forget_kept()
            if kept == "stale answers":
                clock.now += timedelta(seconds=STALE_S)
            app.run()
            if app.exception:
                raise SystemExit(str(app.exception))
            spent.append(1000 * app.session_state[CPU])
        print(f"| {kept} | {statistics.median(spent):.0f} | {max(spent):.0f} |", flush=True)


if __name__ == "__main__":
    main()
