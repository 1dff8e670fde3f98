"""A dashboard in its own process and the browser in front of it: for screenshots, benchmarks and tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_BROWSER = "no Chromium; `apt install chromium` brings one"
STARTED_WITHIN_S = 300
STOPPED_WITHIN_S = 30
# A finished page: the script of the server has ended, and every chart is drawn.
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
DRAWN = "[...document.querySelectorAll('[data-testid=stVegaLiteChart]')].every(one => one.querySelector('.marks'))"


class NotServedError(Exception):
    """The server ended, or did not answer in time."""


def find_browser() -> str | None:
    """Return the path of an installed Chromium or Chrome, None without one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    command: Sequence[str], port: int, output: IO[str] | None = None, base_path: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command`, which serves a dashboard on `port`, and give its process once it answers; end it afterwards.

    `base_path` is the path below which it answers.

    Raises:
        NotServedError: it ended, or does not answer within five minutes.
    """
    error = None if output is None else subprocess.STDOUT
    process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=error)
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}{base_path}/_stcore/health", process)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=STOPPED_WITHIN_S)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)  # nothing to wait on: the other process opens its port when it is ready
    raise NotServedError(f"the server did not start; it exited with {process.poll()}")
