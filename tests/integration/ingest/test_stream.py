"""Network cameras: pictures arrive, and what goes wrong is told in one line without the password."""

from __future__ import annotations

import base64
import io
import socket
import threading
from contextlib import closing, suppress
from fractions import Fraction
from http.server import BaseHTTPRequestHandler
from itertools import islice, pairwise

import av
import cv2
import numpy as np
import pytest

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from ingest.sources import libav
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


class PlainCamera(BaseHTTPRequestHandler):
    """A camera without a password: /picture.jpg is one picture; elsewhere a stream of them, untidy as the path says."""

    taken = 0

    def do_GET(self) -> None:
        """Answer a request for a picture or for many."""
        self.send_response(200)
        if self.path.startswith("/picture"):
            PlainCamera.taken += 1
            kind = "png" if self.path.endswith("png") else "jpeg"
            jpeg = a_picture(PlainCamera.taken // 2, kind)  # asked twice as often as it looks
            self.send_header("Content-Type", f"image/{kind}")
            self.send_header("Content-Length", str(len(jpeg)))
            self.end_headers()
            self.wfile.write(jpeg)
            return
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        self.end_headers()
        for index in range(PICTURES):
            boundary = b"--picture\r\n" if index or self.path != "/no-first-boundary" else b""
            head = b"\r\n" if self.path == "/no-headings" else b"Content-Type: image/jpeg\r\n\r\n"
            self.wfile.write(boundary + head + a_picture(index) + b"\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def a_picture(number: int, kind: str = "jpeg") -> bytes:
    _, encoded = cv2.imencode(f".{kind}", with_faces(wall(), [(20 + 20 * number, 90)]))
    return encoded.tobytes()


@pytest.mark.parametrize("path", ["no-first-boundary", "no-headings"])
def test_an_untidy_stream_of_pictures_is_read_whole(path: str) -> None:
    with served_by(PlainCamera) as url:
        camera = CameraConfig.model_validate({"source": f"{url}/{path}", "max_fps": 60, "read_timeout_s": 3})
        source = open_source("door", camera)
        with closing(source), pytest.raises(SourceError, match=r"the stream ended|broke off"):
            list(source)
    assert source.decoded == PICTURES


@pytest.mark.parametrize("path", ["picture.jpg", "picture.cgi?channel=1", "picture.png"])
def test_an_address_of_one_picture_is_asked_again_and_the_same_picture_left_out(path: str) -> None:
    PlainCamera.taken = 1
    with served_by(PlainCamera) as url:
        source = open_source("door", CameraConfig.model_validate({"source": f"{url}/{path}", "max_fps": 60}))
        with closing(source):
            frames = list(islice(source, 6))
        asked = PlainCamera.taken
    assert all((one.image != other.image).any() for one, other in pairwise(frames))
    assert asked >= 11  # each picture was given twice
    assert source.size == (320, 180)


def test_an_address_of_one_picture_that_goes_away_is_told() -> None:
    with served_by(PlainCamera) as url:
        source = open_source("door", CameraConfig.model_validate({"source": f"{url}/picture.jpg", "max_fps": 60}))
        frames = iter(source)
        next(frames)
    with closing(source), pytest.raises(SourceError, match="nothing listens"):
        list(frames)


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


def pictures_and_longer_sound(seconds: float) -> bytes:
    """Return MPEG-TS of one second of pictures and `seconds` of sound, as of an encoder whose video hangs."""
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts") as container:
        video, sound = container.add_stream("mpeg2video", rate=25), container.add_stream("mp2", rate=48_000)
        video.width, video.height, video.pix_fmt, sound.layout = 320, 180, "yuv420p", "stereo"
        for number in range(25):
            picture = av.VideoFrame.from_ndarray(with_faces(wall(), [(20 + 8 * number, 90)]), format="bgr24")
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        for number in range(int(seconds * 48_000 / 1152)):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 2304), np.int16), format="s16", layout="stereo")
            silence.sample_rate, silence.pts, silence.time_base = 48_000, number * 1152, Fraction(1, 48_000)
            container.mux(sound.encode(silence))
    return file.getvalue()


def test_a_stream_that_goes_on_with_sound_alone_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libav, "LONGEST_WITHOUT_PICTURE_S", 1.0)
    data, hung_up = pictures_and_longer_sound(120.0), threading.Event()

    def send(server: socket.socket) -> None:
        """Send a little at a time, for ever as far as the reader can tell, until it hangs up."""
        connection, _ = server.accept()
        with connection, suppress(OSError):
            for begin in range(0, len(data), 18_800):
                connection.sendall(data[begin : begin + 18_800])
                if begin > 400_000 and hung_up.wait(0.05):
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        camera = CameraConfig.model_validate({"source": f"tcp://127.0.0.1:{server.getsockname()[1]}"})
        sending = threading.Thread(target=send, args=(server,), daemon=True)
        sending.start()
        with (
            closing(open_source("door", camera)) as source,
            pytest.raises(SourceError, match="no data within the time"),
        ):
            list(source)
        hung_up.set()
        sending.join()
    assert source.decoded > 10
