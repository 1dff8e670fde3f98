"""Network cameras: pictures arrive, and what goes wrong is told in one line without the password."""

from __future__ import annotations

import base64
import socket
from http.server import BaseHTTPRequestHandler

import cv2
import pytest

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from ingest.sources.kinds import open_source
from tests.integration.ingest.http_camera import served_by
from tests.unit.ingest.footage import wall, with_faces

USER, PASSWORD = "guard", "s3cret/p@ss"
PICTURES = 12


class MjpegCamera(BaseHTTPRequestHandler):
    """A camera that wants a password and sends a dozen pictures as MJPEG."""

    def do_GET(self) -> None:
        """Answer a request for pictures."""
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.path == "/nowhere":
            self.send_error(404)
        elif self.headers.get("Authorization") != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
            self.end_headers()
            for index in range(PICTURES):
                _, jpeg = cv2.imencode(".jpg", with_faces(wall(), [(20 + 20 * index, 90)]))
                head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self.wfile.write(head.encode() + jpeg.tobytes() + b"\r\n")
            self.wfile.write(b"--picture--\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_mjpeg_over_http_with_a_password_arrives_until_the_camera_hangs_up() -> None:
    with served_by(MjpegCamera) as url:
        camera = CameraConfig.model_validate(
            {"source": f"{url}/video", "username": USER, "password": PASSWORD, "max_fps": 60, "read_timeout_s": 3}
        )
        source = open_source("door", camera)
        frames = iter(source)
        first = next(frames)
        with pytest.raises(SourceError, match=r"the stream ended|broke off") as ended:
            for frame in frames:
                assert frame.captured_at >= first.captured_at
        source.close()
    assert source.is_live
    assert source.size == (320, 180)
    assert source.decoded == PICTURES
    assert "s3cret" not in str(ended.value)


@pytest.mark.parametrize(
    ("path", "password", "words"),
    [("video", "wrong-pass", "user name or password"), ("nowhere", PASSWORD, "path of the URL")],
)
def test_refusals_say_what_to_do_and_show_no_password(
    path: str, password: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with served_by(MjpegCamera) as url:
        camera = CameraConfig.model_validate({"source": f"{url}/{path}", "username": USER, "password": password})
        with pytest.raises(SourceError, match=words) as raised:
            open_source("door", camera)
    shown = str(raised.value) + repr(raised.value.__cause__) + "".join(capfd.readouterr())
    assert password not in shown
    assert "p%40ss" not in shown


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_silent_address_is_told_in_time(scheme: str, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"{scheme}://u:hidden@127.0.0.1:{listener.getsockname()[1]}/x"
        with pytest.raises(SourceError, match="within the time allowed") as raised:
            open_source("door", CameraConfig(source=url, open_timeout_s=0.3, read_timeout_s=0.3))
    assert "hidden" not in str(raised.value) + "".join(capfd.readouterr())


def test_a_closed_port_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SourceError, match="nothing listens"):
        open_source("door", CameraConfig(source=f"rtsp://u:hidden@127.0.0.1:{port}/x"))
