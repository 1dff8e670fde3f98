"""How long the server takes for each page with two years of history, measured in a real browser.

    python -m benchmarks.dashboard_speed

Writes rollups as 5 million visits over two years leave them (8 cameras, about 35 groups an hour), opens every page in
Chromium, and prints the time between the browser's request for a page and the server's word that the page is complete:
first with cold caches, then again. Needs Chromium.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from pydantic import SecretStr
from sqlalchemy import Engine, insert
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.launch import run
from db.models import DailyVisitsRow, HourlyObservationRow, HourlyVisitsRow
from db.session import open_database, writing
from db.store import Store
from footfall.config import CameraConfig, Config, DashboardConfig, SiteConfig
from footfall.local_time import hours_of_day

NOW = datetime(2026, 11, 21, 15, 37, tzinfo=UTC)
DAYS = 730
CAMERAS = 8
VISITS = 5_000_000
OPENING = "08:00-22:00"
GROUPS = [
    (direction, gender, age)
    for direction in ("in", "out", "none")
    for gender in ("female", "male", "unknown")
    for age in ("0-12", "13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+", "unknown")
]
PAGES = ("overview", "demographics", "trends", "cameras", "reports")
ROUNDS = 5


def history_config(url: str, port: int) -> Config:
    """Return one site with eight cameras."""
    cameras = {
        f"camera-{number}": CameraConfig(
            source=f"{number}.mp4", label=f"Camera {number}", entrance=f"Door {number // 2}"
        )
        for number in range(CAMERAS)
    }
    site = SiteConfig(label="Two years", time_zone="Europe/Berlin", opening_hours=OPENING)
    return Config(
        database_url=SecretStr(url), sites={"mall": site}, cameras=cameras, dashboard=DashboardConfig(port=port)
    )


def fill(engine: Engine, config: Config) -> int:
    """Write the rollups of the history and return how many visits they hold."""
    Store(engine, clock=lambda: NOW - timedelta(days=DAYS - 1)).sync(config)
    rng = np.random.default_rng(4)
    zone = config.sites["mall"].zone
    shares = rng.dirichlet(np.full(len(GROUPS), 0.6))
    total = 0
    for days_ago in reversed(range(DAYS)):
        day = NOW.date() - timedelta(days=days_ago)
        hours = hours_of_day(day, zone)[8:22]
        counts = rng.multinomial(VISITS // (DAYS * CAMERAS * len(hours)), shares, size=(CAMERAS, len(hours)))
        total += int(counts.sum())
        with writing(engine) as connection:
            connection.execute(insert(HourlyVisitsRow), list(_hourly(day, hours, counts)))
            connection.execute(insert(DailyVisitsRow), list(_daily(day, counts)))
            connection.execute(insert(HourlyObservationRow), list(_observation(day, hours)))
    return total


def _hourly(day: date, hours: Any, counts: Any) -> Iterator[dict[str, object]]:
    for camera, hour, group in np.argwhere(counts):
        yield _row(camera, day, GROUPS[group], counts[camera, hour, group]) | {"hour_start": hours[hour].start}


def _daily(day: date, counts: Any) -> Iterator[dict[str, object]]:
    sums = counts.sum(axis=1)
    for camera, group in np.argwhere(sums):
        yield _row(camera, day, GROUPS[group], sums[camera, group])


def _row(camera: int, day: date, group: tuple[str, str, str], visits: int) -> dict[str, object]:
    names = dict(zip(("direction", "gender", "age_group"), group, strict=True))
    return {"camera_id": int(camera) + 1, "day": day, "visits": int(visits), **names}


def _observation(day: date, hours: Any) -> Iterator[dict[str, object]]:
    figures = dict.fromkeys(("frames_dropped", "frames_damaged", "faces_small"), 3) | {"faces": 900, "lag_s": 0.3}
    frames = {"frames_seen": 28_800, "frames_processed": 28_797}
    for camera in range(CAMERAS):
        for hour in hours:
            seconds = {"observed_s": 3600.0, "observed_open_s": 3600.0}
            yield {"camera_id": camera + 1, "day": day, "hour_start": hour.start, **seconds, **frames, **figures}


class Stopwatch:
    """Notes when the browser asked for a page and when the server said that it was complete."""

    def __init__(self, page: Page) -> None:
        self._asked = 0.0
        self.seconds: list[float] = []
        page.on("websocket", self._watch)

    def _watch(self, socket_: Any) -> None:
        socket_.on("framesent", lambda _data: self._ask())
        socket_.on("framereceived", self._receive)

    def _ask(self) -> None:
        self._asked = time.perf_counter()

    def _receive(self, data: Any) -> None:
        if isinstance(data, bytes):
            message = ForwardMsg()
            message.ParseFromString(data)
            if message.WhichOneof("type") == "script_finished":
                self.seconds.append(time.perf_counter() - self._asked)


def measure(browser: Browser, address: str) -> Iterator[tuple[str, list[float]]]:
    """Yield each page with its seconds: the first visit, then later ones."""
    for name in PAGES:
        found: list[float] = []
        for _ in range(ROUNDS):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            page.set_default_timeout(120_000)
            stopwatch = Stopwatch(page)
            page.goto(f"{address}/{'' if name == 'overview' else name}")
            page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
            page.wait_for_selector("h1")
            found.append(stopwatch.seconds[0])
            context.close()
        yield name, found


def main() -> None:
    """Fill a database, measure, print."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        sys.exit("no Chromium; `apt install chromium` brings one")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{folder}/footfall.db"
        engine = open_database(url)
        print(f"{fill(engine, history_config(url, port)):,} visits in two years")
        engine.dispose()
        server = subprocess.Popen([sys.executable, "-m", "benchmarks.dashboard_speed", url, str(port)])
        try:
            _wait_until_healthy(port, server)
            browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
            print(f"{'page':14} {'first':>7} {'median of later':>16} seconds; load {os.getloadavg()[0]:.1f}")
            for name, seconds in measure(browser, f"http://127.0.0.1:{port}"):
                print(f"{name:14} {seconds[0]:7.2f} {statistics.median(seconds[1:]):16.2f}", flush=True)
            browser.close()
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_until_healthy(port: int, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("the server did not start")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        run(Path("footfall.toml"), history_config(sys.argv[1], int(sys.argv[2])), clock=lambda: NOW)
    else:
        main()
