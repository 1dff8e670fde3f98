"""How long the server takes for each page with a long history, measured in a real browser.

    python -m benchmarks.dashboard_speed                       two years, 5 million visits, SQLite in a temporary file
    python -m benchmarks.dashboard_speed --days 73             a tenth of it: what does the length of the history cost?
    python -m benchmarks.dashboard_speed --small-cell 5        small counts hidden
    python -m benchmarks.dashboard_speed --page demographics   one page alone
    python -m benchmarks.dashboard_speed --database postgresql://postgres@127.0.0.1/speed       (an empty database)

Every day has corrected shares, of the site and each entrance, with the sums of its hours, as the nightly job stores
them. Opens every page in Chromium, and the longest choices of those that have them. Printed are the seconds between the
browser's request and the server's word that the page is complete, first with cold caches (median and slowest of a few,
the server's clock is moved on in between) and then again with warm ones, and the CPU seconds of the server, which other
programs on the machine lengthen less.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.estimate_rows import write_estimates
from benchmarks.large_chain_data import large_chain
from benchmarks.rollups import DAYS, LAST_DAY, VISITS, counted, mall, open_hours, prepare
from dashboard.serving.launch import run
from db.session import open_database
from footfall.config_sections import ReportConfig
from footfall.config_services import DashboardConfig
from tools.served import BROWSER_OPTIONS, NO_BROWSER, READY, find_browser, free_port, served

NOW = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)  # five in the afternoon; the rounds move the clock on for hours
STALE_S = 121  # longer than any answer is kept
ROUNDS = 3
PATIENCE_MS = 120_000


@dataclass(frozen=True, slots=True)
class Case:
    """A page, and what is chosen on it from the list called "Days"; empty for the page as it opens."""

    address: str
    choice: str = ""


ALL_SITES = Case("all-sites")
CASES = (
    Case("overview"),
    Case("demographics"),
    Case("demographics", "Last 13 weeks"),
    Case("trends"),
    Case("trends", "Last 12 months"),
    Case("cameras"),
    Case("reports"),
)


class Stopwatch:
    """Notes when the browser asked for a page and when the server said that it was complete."""

    def __init__(self, page: Page) -> None:
        self._asked = 0.0
        self.seconds: list[float] = []
        page.on("websocket", self._watch)

    def _watch(self, socket: Any) -> None:
        socket.on("framesent", lambda _data: self._ask())
        socket.on("framereceived", self._receive)

    def _ask(self) -> None:
        self._asked = perf_counter()

    def _receive(self, data: Any) -> None:
        if isinstance(data, bytes):
            message = ForwardMsg()
            message.ParseFromString(data)
            if message.WhichOneof("type") == "script_finished":
                self.seconds.append(perf_counter() - self._asked)


class Clock:
    """The server's clock, which the measuring process moves on through a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> datetime:
        """Return the present moment."""
        return NOW + timedelta(seconds=int(self._path.read_text() or 0))

    def move_on(self) -> None:
        """Make every kept answer stale."""
        seconds = int(self._path.read_text() or 0) if self._path.exists() else 0
        self._path.write_text(str(seconds + STALE_S))


def measure(browser: Browser, address: str, clock: Clock, server: psutil.Process, only: str = "") -> Iterator[str]:
    """Yield a line of the table for each case, `only` of one page where it is named."""
    for case in [case for case in (*CASES, ALL_SITES) if case.address == only or (not only and case is not ALL_SITES)]:
        cold: list[float] = []
        warm: list[float] = []
        cpu: list[float] = []
        for _ in range(ROUNDS):
            for found in (cold, warm):
                if found is cold:
                    clock.move_on()
                before = _cpu_s(server)
                seconds, apart_s = _open(browser, address, case, clock if found is cold else None, server)
                found.append(seconds)
                if found is cold:
                    cpu.append(_cpu_s(server) - before - apart_s)
        name = f"{case.address}, {case.choice.lower()}" if case.choice else case.address
        yield (
            f"| {name} | {statistics.median(cold):.2f} | {max(cold):.2f} | {statistics.median(warm):.2f} "
            f"| {statistics.median(cpu):.2f} |"
        )


def _open(
    browser: Browser, address: str, case: Case, clock: Clock | None, server: psutil.Process
) -> tuple[float, float]:
    """Return how long the case took, and the CPU seconds that went into the page before the choice."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    stopwatch = Stopwatch(page)
    before = _cpu_s(server)
    page.goto(f"{address}/{'' if case.address == 'overview' else case.address}")
    page.wait_for_selector(READY)
    page.wait_for_selector("h1")
    apart_s = 0.0
    if case.choice:
        if clock is not None:
            clock.move_on()
        seen = len(stopwatch.seconds)
        page.get_by_test_id("stSelectbox").filter(has_text="Days").locator("input").click()
        apart_s = _cpu_s(server) - before
        page.get_by_role("option", name=case.choice).click()
        while len(stopwatch.seconds) == seen:
            page.wait_for_timeout(10)
    context.close()
    return stopwatch.seconds[-1 if case.choice else 0], apart_s


def _cpu_s(server: psutil.Process) -> float:
    times = server.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    """Fill a database unless it is filled, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="URL of a database that may be filled")
    parser.add_argument("--days", type=int, default=DAYS, help="length of the history")
    parser.add_argument("--small-cell", type=int, default=0, help="counts below this are hidden")
    parser.add_argument(
        "--page", default="", choices=sorted({case.address for case in (*CASES, ALL_SITES)}), help="one page alone"
    )
    parser.add_argument(
        "--large-chain", action="store_true", help="the history of benchmarks.large_chain, filled before"
    )
    parser.add_argument("--serve", nargs=2, metavar=("PORT", "CLOCK"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        port, clock = options.serve
        settings: dict[str, Any] = {
            "dashboard": DashboardConfig(port=int(port)),
            "report": ReportConfig(small_cell=options.small_cell),
        }
        of = large_chain if options.large_chain else mall
        run(None, of(options.database, **settings), clock=Clock(Path(clock)))
        return
    browser_path = find_browser()
    if browser_path is None:
        sys.exit(NO_BROWSER)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = options.database or f"sqlite:///{folder}/footfall.db"
        engine = open_database(url)
        if not options.large_chain:
            _fill(engine, options.days, options.small_cell)
        print(f"{engine.dialect.name}: {counted(engine)}")
        engine.dispose()
        port, clock = free_port(), Clock(Path(folder) / "clock")
        clock.move_on()
        command = [sys.executable, "-m", "benchmarks.dashboard_speed", "--database", url]
        command += ["--large-chain"] * options.large_chain
        command += ["--small-cell", str(options.small_cell), "--serve", str(port), f"{folder}/clock"]
        with served(command, port) as process:
            browser = playwright.chromium.launch(executable_path=browser_path, args=BROWSER_OPTIONS)
            _open(browser, f"http://127.0.0.1:{port}", CASES[0], None, psutil.Process(process.pid))  # imports
            print("| page | cold, median s | cold, slowest s | warm, median s | server CPU, cold s |")
            print("| --- | ---: | ---: | ---: | ---: |")
            for line in measure(browser, f"http://127.0.0.1:{port}", clock, psutil.Process(process.pid), options.page):
                print(line, flush=True)
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            browser.close()


def _fill(engine: Engine, count: int, small_cell: int) -> None:
    prepare(engine, count)
    days = [LAST_DAY - timedelta(days=number) for number in range(count - 1, 0, -1)]
    config = mall(report=ReportConfig(small_cell=small_cell))
    write_estimates(engine, config, VISITS // DAYS, [(day, open_hours(day)) for day in days])


if __name__ == "__main__":
    main()
