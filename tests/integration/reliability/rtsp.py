"""A camera for tests: an RTSP server in its own process that can be killed, frozen and changed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

from tests.missing import missing

SYSTEM_PYTHON = "/usr/bin/python3"
PACKAGES = "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{base,good,ugly}"
BINDINGS = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"


def require_rtsp_server() -> None:
    """Skip, or in CI fail, where the system has no GStreamer RTSP server."""
    found = Path(SYSTEM_PYTHON).exists() and subprocess.run(
        [SYSTEM_PYTHON, "-c", BINDINGS], check=False, capture_output=True
    )
    if found and found.returncode == 0:
        return
    missing(f"no RTSP server; apt install {PACKAGES}")


class RtspCamera:
    """An RTSP camera on loopback, always at the same address however often it is killed."""

    def __init__(self, user: str = "", password: str = "") -> None:
        self._credentials = [user, password] if user else []
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """The stream's address, without credentials."""
        return f"rtsp://127.0.0.1:{self._port}/cam"

    def start(self, codec: str = "h264", size: str = "320x180") -> None:
        """Return when the server listens."""
        script = str(Path(__file__).with_name("rtsp_server.py"))
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, script, str(self._port), codec, size, *self._credentials],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the RTSP server did not start"

    def kill(self) -> None:
        """End it without a goodbye."""
        if self._process is not None and self._process.stdout is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    def freeze(self) -> None:
        """Leave the connections open and send nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self._signal(signal.SIGCONT)

    def halve_picture(self) -> None:
        """Change the picture's size without ending the stream."""
        self._signal(signal.SIGUSR1)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
