"""How long it takes from starting the dashboard to the first page, painted in a real browser.

    python -m benchmarks.dashboard_start                              this checkout
    python -m benchmarks.dashboard_start --against FOLDER             and another checkout, in turns
    python -m benchmarks.dashboard_start --rounds 5

Each round starts a server on a simulated month, opens the overview in a fresh Chromium profile as soon as the server
answers (first visit), and again in another fresh one (second visit). A page is painted when its numbers stand and its
charts are drawn. Printed are medians and the slowest, in seconds: from the start of the process to the server's first
answer, and to the painted page; the two visits from the browser's request on; and the server's CPU time until the first
page was painted, which other programs on the machine lengthen less.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import psutil
from playwright.sync_api import BrowserType, sync_playwright

from app.demo.month import write_month
from tools.served import BROWSER_OPTIONS, DRAWN, NO_BROWSER, READY, ROOT, find_browser, free_port, served

NOW = datetime(2026, 11, 21, 15, 37, tzinfo=UTC)
PATIENCE_MS = 120_000
SERVE = """
import sys
sys.path.insert(0, sys.argv[1])
from datetime import UTC, datetime
from app.demo.month_plan import month_config
from dashboard.serving.launch import run
from footfall.config_services import DashboardConfig
config = month_config(sys.argv[2]).model_copy(update={"dashboard": DashboardConfig(port=int(sys.argv[3]))})
now = datetime.fromisoformat(sys.argv[4])
run(None, config, clock=lambda: now)
"""


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds: until the server answered and until the first page was painted, since the process began; both visits;
    and the server's CPU time until then."""

    answered: float
    painted: float
    first_visit: float
    second_visit: float
    cpu: float


def measure(checkout: Path, url: str, browsers: tuple[BrowserType, str]) -> Start:
    """Start a server of `checkout` and visit it twice."""
    port = free_port()
    command = [sys.executable, "-c", SERVE, str(checkout), url, str(port), NOW.isoformat()]
    began = perf_counter()
    with served(command, port) as process:
        answered = perf_counter() - began
        first = _visit(browsers, port)
        times = psutil.Process(process.pid).cpu_times()
        return Start(answered, answered + first, first, _visit(browsers, port), times.user + times.system)


def _visit(browsers: tuple[BrowserType, str], port: int) -> float:
    """Return how long the overview took in a browser that was never there; starting the browser is not in it."""
    kind, path = browsers
    browser = kind.launch(executable_path=path, args=BROWSER_OPTIONS)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    began = perf_counter()
    page.goto(f"http://127.0.0.1:{port}/")
    page.wait_for_selector(READY)
    page.wait_for_selector("[data-testid=stMetricValue]")
    page.wait_for_selector("[data-testid=stVegaLiteChart] .marks")
    page.wait_for_function(DRAWN)
    took = perf_counter() - began
    browser.close()
    return took


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="another checkout of this repository")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    path = find_browser()
    if path is None:
        sys.exit(NO_BROWSER)
    checkouts = {"this checkout": ROOT}
    if options.against:
        checkouts = {"the other checkout": options.against.resolve(), **checkouts}
    found: dict[str, list[Start]] = {name: [] for name in checkouts}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{folder}/month.db"
        write_month(url, NOW)
        for _ in range(options.rounds):
            for name, checkout in checkouts.items():
                found[name].append(measure(checkout, url, (playwright.chromium, path)))
    print("| | server answers | first page painted | slowest | first visit | second visit | server CPU, first page |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, starts in found.items():
        painted = [one.painted for one in starts]
        medians = [
            statistics.median(values)
            for values in (
                [one.answered for one in starts],
                painted,
                [max(painted)],
                [one.first_visit for one in starts],
                [one.second_visit for one in starts],
                [one.cpu for one in starts],
            )
        ]
        print(f"| {name} | " + " | ".join(f"{seconds:.1f}" for seconds in medians) + " |")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
