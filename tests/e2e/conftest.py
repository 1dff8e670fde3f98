"""A real server in its own process, a real browser in front of it, and a watch on every address it calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dashboard.accounts.users import add_user
from footfall.config import Config
from tests.mall import NOW, fill_mall, mall_config
from tests.missing import missing
from tools.served import BROWSER_OPTIONS, NO_BROWSER, find_browser, free_port, served

PASSWORD = "correct horse battery"
PATIENCE_MS = 60_000
SERVE = (
    "import sys; from pathlib import Path; from tests.mall import mall_config; "
    "from dashboard.serving.launch import run; "
    "run(Path(sys.argv[2]) / 'footfall.toml', mall_config(sys.argv[1], Path(sys.argv[2]), port=int(sys.argv[3])))"
)


@dataclass(frozen=True)
class Server:
    """A running dashboard: its address and the settings of its database."""

    address: str
    config: Config


OpenPage = Callable[..., Page]


# One of each a file: the browser's event loop would run on below every test that the same process runs later, and what
# a file writes into its mall would be found by the next.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    path = find_browser()
    if path is None:
        missing(NO_BROWSER)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """The small mall with an administrator, a viewer of one site and somebody who forgets passwords."""
    folder = tmp_path_factory.mktemp("mall")
    port = free_port()
    config = mall_config(f"sqlite:///{folder / 'footfall.db'}", folder, port=port)
    engine = fill_mall(config)
    add_user(engine, "ada", PASSWORD, "admin", [], NOW)
    add_user(engine, "vera", PASSWORD, "viewer", ["main"], NOW)
    add_user(engine, "lola", PASSWORD, "viewer", ["main"], NOW)
    engine.dispose()
    url = config.database_url.get_secret_value()
    command = [sys.executable, "-c", SERVE, url, str(folder), str(port)]
    with (folder / "server.log").open("w") as log, served(command, port, log):
        yield Server(f"http://127.0.0.1:{port}", config)


def new_page(browser: Browser, *, width: int = 1280, zone: str = "Europe/Berlin") -> Page:
    """Return an empty page of a new browser profile."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, timezone_id=zone, color_scheme="light", accept_downloads=True
    )
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[OpenPage]:
    """Return a function that opens an address in a new browser profile; calls to any other host fail the test."""
    contexts, outside = [], []

    def opened(path: str = "/", *, width: int = 1280, zone: str = "Europe/Berlin") -> Page:
        page = new_page(browser, width=width, zone=zone)
        contexts.append(page.context)
        page.on("request", lambda request: outside.append(request.url) if _is_outside(request.url, server) else None)
        page.goto(server.address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert outside == []


def sign_in(page: Page, name: str, password: str = PASSWORD) -> Page:
    """Fill in the form and send it."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    return page


def _is_outside(url: str, server: Server) -> bool:
    return not url.startswith((server.address, server.address.replace("http", "ws"), "data:", "blob:"))
