"""The program as it is installed: `footfall run` with its own networks, on cameras with passwords."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.status import collect_status
from footfall.config import load_config
from tests.integration.reliability.bench import PATIENCE_S, wait_until
from tests.integration.reliability.rtsp import RtspCamera, require_rtsp_server

PASSWORD, WRONG = "s3cret/p@ss", "wr0ng-pass"
COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]


@pytest.fixture
def cameras() -> Iterator[list[RtspCamera]]:
    require_rtsp_server()
    made = [RtspCamera("guard", PASSWORD), RtspCamera("guard", "another one")]
    for camera in made:
        camera.start()
    yield made
    for camera in made:
        camera.kill()


@pytest.fixture
def place(tmp_path: Path, cameras: list[RtspCamera]) -> Path:
    """A folder with settings for both cameras; the password of south is wrong."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "footfall.toml").write_text(
        f"""
[sites.mall]
time_zone = "Europe/Berlin"
[cameras.north]
source = "{cameras[0].url}"
entrance = "North"
username = "guard"
max_fps = 2
[cameras.south]
source = "{cameras[1].url}"
username = "guard"
password = "{WRONG}"
[service]
http_port = {port}
log_format = "json"
"""
    )
    return tmp_path


def environment() -> dict[str, str]:
    cleaned = {name: value for name, value in os.environ.items() if not name.startswith("FOOTFALL_")}
    path = os.pathsep.join(item for item in sys.path if item)
    return {**cleaned, "PYTHONPATH": path, "COLUMNS": "200", "FOOTFALL_CAMERAS__NORTH__PASSWORD": PASSWORD}


def footfall(place: Path, *arguments: str) -> str:
    """Return what a command prints."""
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=place, env=environment(), capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done.stdout


def camera_of(place: Path, name: str) -> dict[str, Any]:
    """Return what the running program says about a camera, empty while it does not answer."""
    document = collect_status(load_config(place / "footfall.toml")).document
    return {} if document["status"] == "not running" else dict(document["cameras"][name])


def test_the_installed_program_watches_says_what_is_wrong_and_ends(place: Path) -> None:
    log = place / "run.log"
    with log.open("wb") as output:
        program = subprocess.Popen([*COMMAND, "run"], cwd=place, env=environment(), stderr=output)
        try:
            wait_until(lambda: camera_of(place, "north").get("frames_processed", 0) > 1, "frames of north")
            wait_until(lambda: "password refused" in camera_of(place, "south").get("reason", ""), "the wrong password")
            assert camera_of(place, "south")["restarts"] == 0
            first = camera_of(place, "north")["pid"]
            os.kill(first, signal.SIGKILL)
            wait_until(lambda: camera_of(place, "north").get("pid") not in (None, first), "another worker")
            wait_until(lambda: camera_of(place, "north").get("state") == "live", "frames again")
            assert "SIGKILL" in camera_of(place, "north")["last_end"]
            south = camera_of(place, "south")["pid"]
            text = (place / "footfall.toml").read_text()
            (place / "footfall.toml").write_text(text.replace('"North"', '"North gate"'))
            program.send_signal(signal.SIGHUP)
            wait_until(lambda: "North gate" in asked(place, "SELECT entrance FROM cameras"), "the new name")
            for reason in ("restarted", "no connection"):
                wait_until(lambda reason=reason: reason in asked(place, "SELECT reason FROM outages"), reason)  # type: ignore[misc]
            assert not re.search("SIG|://|refused", asked(place, "SELECT reason FROM outages"))
            assert camera_of(place, "south")["pid"] == south
            assert "password refused" in footfall(place, "status")
            told = json.loads(footfall(place, "status", "--json"))
            assert (told["status"], sorted(told["cameras"])) == ("degraded", ["north", "south"])
            program.terminate()
            began = time.monotonic()
            assert program.wait(PATIENCE_S) == 0
            print(f"\nended {time.monotonic() - began:.1f} s after SIGTERM")
        finally:
            program.kill()
            program.wait()
    lines = log.read_text().splitlines()
    assert all(json.loads(line)["event"] for line in lines), "every line of the log is a JSON document"
    assert "not running" in footfall(place, "status")
    written = [path for path in place.rglob("*") if path.is_file() and path.name != "footfall.toml"]
    assert log in written
    for path in written:
        assert not any(secret.encode() in path.read_bytes() for secret in (PASSWORD, WRONG)), path


def asked(place: Path, query: str) -> str:
    """Return what the database answers, one line a row."""
    with closing(sqlite3.connect(place / "footfall.db")) as database:
        return "\n".join(str(row[0]) for row in database.execute(query))
