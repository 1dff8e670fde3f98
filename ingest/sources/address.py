"""The address of a network camera: what it must look like, and how a worker is kept from being sent anywhere else."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import closing
from urllib.parse import quote, urlsplit, urlunsplit

from footfall.errors import SourceError
from footfall.secrets import mask_url, place_of

RTSP_PORTS = {"rtsp": 554, "rtsps": 322}
LONGEST_ANSWER_BYTES = 16_384
SILENT = "no data within the time allowed; check the network, or raise the camera's timeouts"
POINTS_ELSEWHERE = (
    "the camera points to another address, which is not followed; if it is yours, give that address as the source"
)
# Containers of one stream. Playlists (HLS, DASH, SDP, concat) name other addresses, so they are not among them.
STREAM_FORMATS = (
    "rtsp,rtp,mpjpeg,mjpeg,jpeg_pipe,png_pipe,image2pipe,mpegts,mpegtsraw,mpeg,mpegvideo,flv,live_flv,h264,hevc,av1,"
    "obu,ivf,m4v,vc1,nut,mov,mp4,matroska,webm,avi,asf,ogg"
)
PROTOCOLS = {
    "rtsp": "rtsp,rtp,srtp,tcp,udp",
    "rtsps": "rtsps,rtsp,rtp,srtp,tls,tcp,udp",
    "http": "http,tcp",
    "https": "https,http,tls,tcp",
    "rtmp": "rtmp,tcp",
    "udp": "udp",
    "rtp": "rtp,srtp,udp",
    "srt": "srt,udp",
    "tcp": "tcp",
}


def checked_address(url: str, username: str, password: str) -> str:
    """Return `url` with its credentials for libav. Never print it.

    Raises:
        SourceError: the host cannot be told from a part of a password: libav would look that up and call it.
    """
    if not place_of(url):
        raise SourceError(
            f"{mask_url(url)}: the host is not clear; give username and password as settings of their own, or "
            "percent-encode them in the URL"
        )
    return with_credentials(url, username, password)


def with_credentials(url: str, username: str, password: str) -> str:
    """Return `url` with user name and password, percent-encoded; those already in it give way. Never print it."""
    if not username and not password:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = quote(username, safe="")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def bounded_options(url: str) -> dict[str, str]:
    """Return libav's options for `url`: no redirect, no playlist, no proxy of the environment, no other protocol."""
    scheme = url.partition("://")[0].lower()
    options = {"format_whitelist": STREAM_FORMATS, "protocol_whitelist": PROTOCOLS.get(scheme, scheme)}
    if scheme.startswith("http"):
        options |= {"max_redirects": "0", "http_proxy": ""}
    if scheme.startswith("rtsp"):
        options["rtsp_transport"] = "tcp"  # lost datagrams would be damaged frames
    return options


def refuse_rtsp_redirect(url: str, timeout_s: float) -> None:
    """Ask an RTSP camera as libav will, because libav follows it wherever it points and cannot be told not to.

    A camera that refuses is left to libav, which says why.

    Raises:
        SourceError: it points to another address, or stays silent for `timeout_s`.
    """
    parts = urlsplit(url)
    if parts.scheme.lower() not in RTSP_PORTS or not parts.hostname:
        return
    plain = f"{parts.scheme}://{place_of(url)}{parts.path}{'?' * bool(parts.query)}{parts.query}"
    until = time.monotonic() + timeout_s
    try:
        with closing(_connect(parts.scheme.lower(), parts.hostname, parts.port, timeout_s)) as camera:
            for number, method in enumerate(("OPTIONS", "DESCRIBE"), 1):
                camera.sendall(f"{method} {plain} RTSP/1.0\r\nCSeq: {number}\r\n\r\n".encode())
                if _status(camera, until).startswith(b"3"):
                    raise SourceError(f"{mask_url(url)}: {POINTS_ELSEWHERE}")
    except TimeoutError:
        raise SourceError(f"{mask_url(url)}: {SILENT}") from None
    except (OSError, ValueError):
        return


def _connect(scheme: str, host: str, port: int | None, timeout_s: float) -> socket.socket:
    plain = socket.create_connection((host, port or RTSP_PORTS[scheme]), timeout_s)
    if scheme == "rtsp":
        return plain
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # as libav does; cameras sign for themselves
    return context.wrap_socket(plain)


def _status(camera: socket.socket, until: float) -> bytes:
    """Read one answer to its empty line, with what follows of it, and return the digits of its status."""
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < LONGEST_ANSWER_BYTES:
        camera.settimeout(max(until - time.monotonic(), 0.001))  # a camera that sends a byte a second is silent too
        received = camera.recv(4096)
        if not received:
            break
        answer += received
    return answer.partition(b" ")[2][:3]
