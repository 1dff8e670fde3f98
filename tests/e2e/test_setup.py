"""A camera set up in the browser: what is seen and drawn, what the file says afterwards, and that no picture stays."""

from __future__ import annotations

import base64
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import cv2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.demo.scene import SceneOptions, render
from dashboard.accounts.users import add_user
from db.session import open_database
from tests.e2e.conftest import PASSWORD, sign_in
from tests.integration.ingest.http_camera import served_by
from tests.integration.test_privacy import find_pictures
from tests.mall import NOW
from tools.served import free_port, served

PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)
CAMERA_PASSWORD = "hush hush"
RUN = "import sys; from app.cli import main; sys.argv[0] = 'footfall'; main()"
SETTINGS = """# Of the mall in the east.
database_url = "sqlite:///{folder}/footfall.db"
[sites.main]
label = "Main mall"           # as on the door

# The door to the street.
[cameras.north]
source = "{url}/video"  # second stream
username = "guard"
label = "North door"
line = [[0.1, 0.3], [0.9, 0.3]]  # by Ann
# read_timeout_s = 4.0

# Is being repaired.
[cameras.away]
source = "rtsp://127.0.0.1:9/secret-path"

[service]
spool_directory = "{folder}/spool"
[dashboard]
port = {port}
"""


@dataclass(frozen=True)
class Mall:
    """A dashboard as `footfall dashboard` serves it, the folder in which it writes, and how many look at its camera."""

    address: str
    folder: Path
    connections: list[int]

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "footfall.toml"


def camera_of(footage: Path, connections: list[int]) -> type[BaseHTTPRequestHandler]:
    """Return a camera that wants a password and shows `footage`, again and again, as MJPEG."""
    capture, pictures = cv2.VideoCapture(str(footage)), []
    while (read := capture.read())[0]:
        pictures.append(cv2.imencode(".jpg", read[1])[1].tobytes())
    wanted = "Basic " + base64.b64encode(f"guard:{CAMERA_PASSWORD}".encode()).decode()
    pace = threading.Event()  # is never set: to wait on it is to wait

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with pictures until the other side hangs up."""
            if self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
            self.end_headers()
            connections.append(1)
            number = 0
            try:
                while not pace.wait(0.08):
                    jpeg = pictures[number % len(pictures)]
                    head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    self.wfile.write(head.encode() + jpeg + b"\r\n")
                    number += 1
            except OSError:
                connections.append(-1)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Camera


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Mall]:
    """The dashboard of a mall with a camera in the network and one that is away; it may write in its folder only."""
    folder, port = tmp_path_factory.mktemp("setup"), free_port()
    footage = tmp_path_factory.mktemp("footage") / "scene.mp4"
    options = SceneOptions(seed=4, people=5, people_per_minute=30, size=(960, 540), fps=10, backs_share=0.0)
    render(options, footage)
    connections: list[int] = []
    with served_by(camera_of(footage, connections)) as url:
        settings = folder / "footfall.toml"
        settings.write_text(SETTINGS.format(folder=folder, url=url, port=port))
        engine = open_database(f"sqlite:///{folder}/footfall.db")
        add_user(engine, "ada", PASSWORD, "admin", [], NOW)
        add_user(engine, "bert", PASSWORD, "admin", [], NOW)
        add_user(engine, "vera", PASSWORD, "viewer", [], NOW)
        engine.dispose()
        (folder / "tmp").mkdir()
        set_here = {"FOOTFALL_CAMERAS__NORTH__PASSWORD": CAMERA_PASSWORD, "TMPDIR": str(folder / "tmp")}
        command = ["env", *(f"{name}={value}" for name, value in set_here.items())]
        command += [sys.executable, "-c", RUN, "dashboard", "--config", str(settings)]
        with (folder / "server.log").open("w") as log, served(command, port, log):
            yield Mall(f"http://127.0.0.1:{port}", folder, connections)


def signed_in(browser: Browser, mall: Mall, name: str, **options: object) -> BrowserContext:
    """Return a browser profile in which `name` has signed in."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(mall.address + "/cameras")
    with page.expect_response(lambda answer: "/footfall/session" in answer.url):
        sign_in(page, name)
    page.close()
    return context


@pytest.fixture(scope="module")
def ada(browser: Browser, mall: Mall) -> Iterator[BrowserContext]:
    """The browser of an administrator; every answer of the page says that it is not to be kept."""
    context = signed_in(browser, mall, "ada", viewport={"width": 1280, "height": 900})
    kept: list[str] = []

    def look(answer: object) -> None:
        url, headers = answer.url, answer.headers  # type: ignore[attr-defined]
        if "/footfall/setup/" in url and headers.get("cache-control") != "no-store":
            kept.append(url)

    context.on("response", look)
    yield context
    context.close()
    assert kept == []


@pytest.fixture
def page(ada: BrowserContext, mall: Mall) -> Iterator[Page]:
    """The page of an administrator, whose scripts may not fail; the file is as it was."""
    before = mall.settings.read_bytes()
    opened, faults = ada.new_page(), list[str]()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(mall.address + "/footfall/setup")
    expect(opened.get_by_label("Camera", exact=True)).to_be_visible()
    yield opened
    opened.close()
    mall.settings.write_bytes(before)
    assert faults == []


def drag(page: Page, name: str, x: float, y: float) -> None:
    """Drag a point to a place of the picture, as shares of its width and height."""
    frame = page.locator("#drawing").bounding_box()
    assert frame is not None
    page.locator(f"[data-handle={name}]").hover()
    page.mouse.down()
    page.mouse.move(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"], steps=4)
    page.mouse.up()


def north_of(mall: Mall) -> dict[str, Any]:
    """Return what the settings file says of the camera."""
    return dict(tomllib.loads(mall.settings.read_text())["cameras"]["north"])


def test_a_line_is_dragged_over_the_live_picture_and_written_with_every_comment_kept(page: Page, mall: Mall) -> None:
    before = mall.settings.read_text()
    page.get_by_role("button", name="Show its picture").click()
    expect(page.locator("#looking")).to_contain_text("Live")
    page.locator(".face").first.wait_for(state="attached")
    expect(page.locator("#people")).to_contain_text("px of the camera's own picture")
    assert (page.locator("#picture").get_attribute("src") or "").startswith("data:image/jpeg")
    expect(page.locator("#way")).to_have_text("Coming in is passing down the picture.")
    drag(page, "line-0", 0.5, 0.9)
    drag(page, "line-1", 0.5, 0.1)
    expect(page.locator("#way")).to_have_text("Coming in is passing to the right.")
    page.get_by_role("button", name="Turn round").click()
    expect(page.locator("#way")).to_have_text("Coming in is passing to the left.")
    expect(page.locator("#crossed")).to_contain_text("came in over this line")
    page.get_by_role("button", name="Write to the settings").click()
    expect(page.locator("#saved")).to_contain_text("Written. Tell “footfall run”")
    line = north_of(mall)["line"]
    assert line == [[pytest.approx(0.5, abs=0.01), pytest.approx(0.1, abs=0.01)], [0.5, pytest.approx(0.9, abs=0.01)]]
    changed = [
        (old, new)
        for old, new in zip(before.split("\n"), mall.settings.read_text().split("\n"), strict=True)
        if old != new
    ]
    [(old, new)] = changed
    assert (old.partition("[[")[0], old.partition("#")[2]) == (new.partition("[[")[0], new.partition("#")[2])
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#looking")).to_have_text("The look is over; the last picture is on this page only.")


def test_by_keyboard_points_move_and_areas_are_drawn(page: Page, mall: Mall) -> None:
    page.locator("[data-handle=line-0]").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowUp"):
        page.keyboard.press(key)
    focused = page.locator("[data-handle=line-0]")
    expect(focused).to_be_focused()
    expect(focused).to_have_attribute("aria-label", "End 1 of the counting line: 11 % from the left, 32 % from the top")
    page.get_by_role("button", name="Add an area").click()
    page.get_by_role("button", name="Add a corner").click()
    page.locator("[data-handle=area-4]").focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Write to the settings").click()
    expect(page.locator("#saved")).to_contain_text("Written.")
    assert north_of(mall)["line"] == [[0.11, 0.318], [0.9, 0.3]]
    [area] = north_of(mall)["ignore"]
    assert len(area) == 4


def test_a_file_that_was_changed_meanwhile_is_not_written_over(page: Page, mall: Mall) -> None:
    changed = mall.settings.read_text() + "# by somebody else\n"
    mall.settings.write_text(changed)
    page.get_by_role("button", name="Turn round").click()
    page.get_by_role("button", name="Write to the settings").click()
    expect(page.locator("#saved")).to_contain_text("was changed meanwhile, nothing was written")
    expect(page.locator("#text")).to_contain_text("line = [[0.9, 0.3], [0.1, 0.3]]")
    assert mall.settings.read_text() == changed


def test_a_camera_that_is_away_is_one_sentence_without_its_path(page: Page) -> None:
    page.get_by_label("Camera", exact=True).select_option("away")
    page.get_by_role("button", name="Show its picture").click()
    expect(page.locator("#trouble")).to_contain_text("rtsp://127.0.0.1:9/***: nothing listens at that address")
    expect(page.get_by_role("button", name="Show its picture")).to_be_enabled()


def look_when_free(page: Page) -> None:
    """Ask for the picture again while somebody else still looks, as a person would, and wait for it."""
    until = time.monotonic() + PATIENCE_MS / 1000
    status = 409
    while status == 409 and time.monotonic() < until:
        with page.expect_response(lambda response: response.url.endswith("/footfall/setup/look")) as asked:
            page.get_by_role("button", name="Show its picture").click()
        status = asked.value.status
    expect(page.locator("#looking")).to_contain_text("Live")


def test_one_looks_at_a_time_and_the_camera_is_let_go_of_when_the_page_is_closed(
    page: Page, mall: Mall, browser: Browser
) -> None:
    page.get_by_role("button", name="Show its picture").click()
    expect(page.locator("#looking")).to_contain_text("Live")
    other = signed_in(browser, mall, "bert", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    second = other.new_page()
    second.goto(mall.address + "/footfall/setup")
    second.get_by_role("button", name="Show its picture").click()
    expect(second.locator("#trouble")).to_have_text("ada looks through a camera just now; try again in a minute.")
    assert second.evaluate("document.documentElement.scrollWidth <= 390")
    page.goto("about:blank")
    look_when_free(second)
    box = second.locator("[data-handle=line-0]").bounding_box()
    assert box is not None and box["width"] >= 44, "a finger finds it"
    second.get_by_role("button", name="Stop").click()
    other.close()


def test_a_viewer_has_no_page_and_a_stranger_is_sent_to_sign_in(mall: Mall, browser: Browser) -> None:
    viewer = signed_in(browser, mall, "vera")
    own = {"Origin": mall.address}
    for path in ("", "setup.js"):
        assert viewer.request.get(f"{mall.address}/footfall/setup/{path}").status == 403
    for path in ("cameras", "look", "seen", "save", "end"):
        answer = viewer.request.post(f"{mall.address}/footfall/setup/{path}", data={}, headers=own)
        assert (answer.status, "administrator" in answer.text()) == (403, True)
    viewer.close()
    stranger = browser.new_context()
    assert stranger.request.post(f"{mall.address}/footfall/setup/look", data={}, headers=own).status == 401
    page = stranger.new_page()
    page.goto(mall.address + "/footfall/setup")
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    stranger.close()


def test_another_sites_page_can_neither_look_nor_write(ada: BrowserContext, mall: Mall) -> None:
    for path in ("look", "seen", "save"):
        url = f"{mall.address}/footfall/setup/{path}"
        assert ada.request.post(url, data={"camera": "north"}, headers={"Origin": "https://example.org"}).status == 403


def test_no_picture_is_on_the_disk_and_nothing_of_it_in_the_log(mall: Mall) -> None:
    """Runs behind the others, which looked through the camera; every file that the dashboard could write is read."""
    assert sum(1 for change in mall.connections if change > 0) >= 2, "somebody looked"
    files = [path for path in mall.folder.rglob("*") if path.is_file()]
    assert {"footfall.db", "server.log", "footfall.toml"} <= {path.name for path in files}
    found = {path.name: kinds for path in files if (kinds := find_pictures(path.read_bytes()))}
    assert not found
    log = (mall.folder / "server.log").read_text()
    assert "somebody looks through the camera" in log and "camera=north" in log
    assert "base64" not in log and CAMERA_PASSWORD not in log and "secret-path" not in log
