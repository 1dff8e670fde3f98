"""A camera cannot send the program anywhere else, nor take more memory than a picture needs."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
import pytest

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from ingest.sources.address import checked_address, with_credentials
from ingest.sources.kinds import open_source
from ingest.sources.memory import limit_allocations
from tests.integration.ingest.http_camera import served_by
from tests.integration.ingest.test_stream import PASSWORD, USER, MjpegCamera
from tests.unit.ingest.footage import wall

Answer = Callable[[BaseHTTPRequestHandler], None]
PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://{elsewhere}/1.ts\n#EXT-X-ENDLIST\n"
DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT5S" '
    'profiles="urn:mpeg:dash:profile:isoff-main:2011"><Period><AdaptationSet mimeType="video/mp4">'
    '<Representation id="1" bandwidth="1"><BaseURL>http://{elsewhere}/1.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>'
)
CONCAT = "ffconcat version 1.0\nfile http://{elsewhere}/1.mp4\n"
SDP = (
    "v=0\no=- 0 0 IN IP4 {host}\ns=x\nc=IN IP4 {host}\nt=0 0\nm=video 5004 RTP/AVP 26\na=control:rtsp://{elsewhere}/\n"
)
# Sends a picture's announced 2 GB as fast as they are taken, then says how much memory this process ever held.
TAKE_ALL = """
import resource, sys
from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from ingest.sources.kinds import open_source
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    source = open_source("door", CameraConfig(source=sys.argv[1], open_timeout_s=20, read_timeout_s=20))
    for frame in source:
        pass
except SourceError:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@contextmanager
def http_camera(answer: Answer) -> Iterator[str]:
    """Serve `answer` to every request; give the start of the URLs."""

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(ConnectionError):
                answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with served_by(Camera) as url:
        yield url


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another computer, which must not be called."""
    with socket.create_server(("127.0.0.2", 0)) as listener:
        yield f"127.0.0.2:{listener.getsockname()[1]}"
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def document(content: bytes, kind: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def camera(source: str) -> CameraConfig:
    return CameraConfig(source=source, open_timeout_s=5, read_timeout_s=5)


def test_an_http_camera_that_redirects_is_not_followed(elsewhere: str) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", f"http://{elsewhere}/video")
        request.end_headers()

    with http_camera(answer) as url, pytest.raises(SourceError, match="points to another address"):
        open_source("door", camera(f"{url}/video"))


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("live.m3u8", PLAYLIST, "application/vnd.apple.mpegurl"),
        ("live.mpd", DASH, "application/dash+xml"),
        ("live.ffconcat", CONCAT, "text/plain"),
        ("live.sdp", SDP, "application/sdp"),
    ],
)
def test_a_list_of_other_addresses_is_not_followed(elsewhere: str, name: str, text: str, kind: str) -> None:
    told = text.format(elsewhere=elsewhere, host="127.0.0.2").encode()
    with (
        http_camera(document(told, kind)) as url,
        pytest.raises(SourceError, match=r"list of other addresses|no video"),
    ):
        open_source("door", camera(f"{url}/{name}"))


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "h264"), ("mpegts", "h264"), ("matroska", "h264"), ("flv", "h264"), ("h264", "h264"), ("avi", "mjpeg")],
)
def test_streams_in_the_usual_containers_are_read(tmp_path: Path, container: str, codec: str) -> None:
    path = tmp_path / "clip"
    options = {"movflags": "frag_keyframe+empty_moov"} if container == "mp4" else {}
    with av.open(str(path), "w", format=container, options=options) as clip:
        stream = cast(av.VideoStream, clip.add_stream(codec, rate=10))
        stream.width, stream.height = 320, 180
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for _ in range(10):
            clip.mux(stream.encode(av.VideoFrame.from_ndarray(wall(), format="bgr24")))
        clip.mux(stream.encode())
    with http_camera(document(path.read_bytes(), "application/octet-stream")) as url:
        source = open_source("door", camera(f"{url}/live"))
        assert source.size == (320, 180)
        source.close()


@pytest.mark.parametrize("redirected", ["OPTIONS", "DESCRIBE"])
def test_an_rtsp_camera_that_redirects_is_not_followed(elsewhere: str, redirected: str) -> None:
    def serve() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                with caller, suppress(ConnectionError):
                    while asked := caller.recv(4096).decode():
                        number = asked.partition("CSeq: ")[2].split()[0]
                        status = "302 Moved" if asked.startswith(redirected) else "200 OK"
                        place = f"Location: rtsp://{elsewhere}/x\r\n"
                        caller.sendall(f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n{place}\r\n".encode())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(SourceError, match="points to another address") as raised:
            open_source("door", camera(f"rtsp://guard:hidden@127.0.0.1:{listener.getsockname()[1]}/x"))
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert "hidden" not in str(raised.value)


def test_a_proxy_of_the_environment_does_not_get_the_camera_and_its_password(
    elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://{elsewhere}")
    with served_by(MjpegCamera) as url:
        given = {"source": f"{url}/video", "username": USER, "password": PASSWORD}
        source = open_source("door", CameraConfig.model_validate(given))
        source.close()


@pytest.mark.parametrize("character", "/?#")
def test_a_password_that_would_be_taken_for_a_host_is_refused_before_anything_is_called(character: str) -> None:
    with pytest.raises(SourceError, match="the host is not clear") as raised:
        open_source("door", camera(f"rtsp://admin:geh{character}eim77@127.0.0.1:5599/stream"))
    assert "geh" not in str(raised.value) and "eim77" not in str(raised.value)


def test_credentials_are_encoded_and_replace_those_in_the_url() -> None:
    assert with_credentials("rtsp://old:one@cam:554/a", "me", "p@/:?") == "rtsp://me:p%40%2F%3A%3F@cam:554/a"
    assert checked_address("rtsp://cam/a", "", "") == "rtsp://cam/a"


def test_a_picture_announced_as_two_gigabytes_is_not_taken() -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        request.end_headers()
        request.wfile.write(b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: 2000000000\r\n\r\n\xff\xd8")
        for _ in range(2000):
            request.wfile.write(bytes(1_000_000))

    assert limit_allocations()
    with http_camera(answer) as url:
        assert taken_mib(f"{url}/video") < 600


def test_a_picture_that_says_it_is_enormous_is_not_decoded() -> None:
    data = enormous_jpeg()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        request.end_headers()
        for _ in range(20):
            head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            request.wfile.write(head.encode() + data + b"\r\n")
        request.wfile.write(b"--picture--\r\n")

    with http_camera(answer) as url:
        assert taken_mib(f"{url}/video") < 300


def test_a_file_of_a_picture_that_says_it_is_enormous_is_not_decoded(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(enormous_jpeg(16_000))  # OpenCV takes up to 2^30 px: 3 GB
    sound = cv2.imencode(".png", np.zeros((64, 64, 3), np.uint8))[1].tobytes()
    (tmp_path / "2.png").write_bytes(sound)
    source = open_source("door", CameraConfig(source=str(tmp_path)), datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert source.size == (64, 64)
    assert len(list(source)) == 1
    assert source.damaged == 1


def enormous_jpeg(side_px: int = 65_500) -> bytes:
    """Return a small picture whose header announces `side_px` a side."""
    data = bytearray(cv2.imencode(".jpg", np.zeros((64, 64, 3), np.uint8))[1].tobytes())
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", side_px, side_px)
    return bytes(data)


def taken_mib(url: str) -> int:
    """Return how much memory a process took to read `url` until that failed, in MiB."""
    done = subprocess.run([sys.executable, "-c", TAKE_ALL, url], capture_output=True, text=True, check=True)
    return int(done.stdout)
