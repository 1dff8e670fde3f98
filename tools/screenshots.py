"""Takes the pictures of docs/screenshots from the simulated month; `make screenshots`.

The month ends at a fixed moment and the server's clock stands still there, so that the same program gives the same
pictures. Needs Chromium (`apt install chromium`).
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from app.demo.month import write_month
from dashboard.serving.launch import run
from db.session import open_database
from db.store import Store
from footfall.config_services import DashboardConfig
from reports.writer import ReportWriter
from tools.served import BROWSER_OPTIONS, DRAWN, NO_BROWSER, READY, ROOT, find_browser, free_port, served

FOLDER = ROOT / "docs" / "screenshots"
NOW = datetime(2026, 11, 21, 15, 37, tzinfo=UTC)
FRIDAY = "day=2026-11-20"
DESK, PHONE = 1280, 390
TALLEST_PX = 3200
PATIENCE_MS = 300_000
COLOURS = 256
WRITTEN_REPORTS = 12
HEIGHT = "document.querySelector('[data-testid=stMain]').scrollHeight"


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its file, the address, light or dark, the window's width in pixels, whether charts are on it."""

    name: str
    address: str
    theme: str = "light"
    width: int = DESK
    charts: bool = True


SHOTS = (
    Shot("all-sites", "", charts=False),
    Shot("overview", "?site=galleria"),
    Shot("overview-gap-dark", f"?{FRIDAY}", "dark"),
    Shot("overview-phone", f"?{FRIDAY}", width=PHONE),
    Shot("demographics", "demographics"),
    Shot("demographics-dark", "demographics", "dark"),
    Shot("trends", "trends"),
    Shot("trends-dark", "trends", "dark"),
    Shot("sales", "sales"),
    Shot("sales-phone-dark", "sales", "dark", PHONE),
    Shot("cameras", f"cameras?{FRIDAY}"),
    Shot("cameras-phone-dark", f"cameras?{FRIDAY}", "dark", PHONE),
    Shot("reports", f"reports?{FRIDAY}", charts=False),
)


def serve(folder: Path, port: int) -> None:
    """Write the month and its reports below `folder` and serve them until the process is told to stop."""
    os.chdir(folder)
    config = write_month("sqlite:///month.db", NOW)
    config = config.model_copy(update={"dashboard": DashboardConfig(port=port)})
    engine = open_database(config.database_url.get_secret_value())
    writer = ReportWriter(engine, config.report, Store(engine, clock=lambda: NOW), reid=config.reid)
    for days_ago in range(1, WRITTEN_REPORTS + 1):
        writer.write("galleria", date(NOW.year, NOW.month, NOW.day) - timedelta(days=days_ago))
    engine.dispose()
    run(None, config, clock=lambda: NOW)


def main() -> None:
    """Take every picture."""
    browser_path = find_browser()
    if browser_path is None:
        sys.exit(NO_BROWSER)
    FOLDER.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        served([sys.executable, "-m", "tools.screenshots", folder, str(port)], port),
    ):
        browser = playwright.chromium.launch(executable_path=browser_path, args=BROWSER_OPTIONS)
        for shot in SHOTS:
            _take(browser, f"http://127.0.0.1:{port}/", shot)
        browser.close()


def _take(browser: Browser, address: str, shot: Shot) -> None:
    context = browser.new_context(
        viewport={"width": shot.width, "height": 900}, color_scheme="dark" if shot.theme == "dark" else "light"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address + shot.address)
    page.wait_for_selector(READY)
    page.wait_for_selector("h1")
    if shot.charts:
        page.wait_for_selector("[data-testid=stVegaLiteChart] .marks")
    page.wait_for_function(DRAWN)
    height = 0
    while (grown := int(page.evaluate(HEIGHT))) > height:  # tables and small charts come late
        height = grown
        page.set_viewport_size({"width": shot.width, "height": min(height, TALLEST_PX)})
        page.wait_for_function(DRAWN)
        page.wait_for_timeout(1500)  # charts fade in
    # Few colours compress well; maximum coverage keeps those of small areas such as legends.
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = FOLDER / f"{shot.name}.png"
    picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} kB")
    context.close()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        serve(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        main()
