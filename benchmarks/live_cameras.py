"""Cameras to measure with: a recording is sent over and over, as live MPEG transport streams, at its own pace."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import av

WAIT_S = 0.2


class _Outgoing:
    """The viewer's end of a stream, as a file that PyAV writes to."""

    def __init__(self, viewer: socket.socket) -> None:
        self._viewer = viewer

    def write(self, data: bytes) -> int:
        """Send all of `data`."""
        self._viewer.sendall(data)
        return len(data)


class LiveCamera:
    """Sends `video` to whoever connects, from its beginning, again and again; nothing is encoded anew."""

    def __init__(self, video: Path) -> None:
        self._video = video
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(WAIT_S)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """What a camera's source is set to."""
        return f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Hang up."""
        self._stopping.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError, OSError, av.error.FFmpegError):
                viewer, _ = self._listener.accept()
                with viewer:
                    self._play(viewer)

    def _play(self, viewer: socket.socket) -> None:
        with av.open(_Outgoing(viewer), "w", format="mpegts", options={"flush_packets": "1"}) as out:
            began, offset_s, due_s, stream = time.monotonic(), 0.0, 0.0, None
            while not self._stopping.is_set():
                with av.open(str(self._video)) as recording:
                    source = recording.streams.video[0]
                    stream = stream or out.add_stream_from_template(source)
                    for packet in recording.demux(source):
                        if packet.dts is None or packet.pts is None:  # the demuxer's last word
                            continue
                        due_s = offset_s + float(packet.dts * packet.time_base)
                        if self._stopping.wait(max(began + due_s - time.monotonic(), 0.0)):
                            return
                        shift = round(offset_s / packet.time_base)
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = stream
                        out.mux(packet)
                    offset_s = due_s + 1.0 / float(source.average_rate or 1)


@contextmanager
def live_cameras(video: Path, count: int) -> Iterator[list[LiveCamera]]:
    """Give `count` cameras that show `video`, and hang up afterwards."""
    cameras = [LiveCamera(video) for _ in range(count)]
    try:
        yield cameras
    finally:
        for camera in cameras:
            camera.close()
