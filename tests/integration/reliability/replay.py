"""A stream that waits for its viewer: whoever connects goes on where the one before was cut off."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress


class ReplayServer:
    """Gives out frame numbers up to `frames`, one for each byte asked, at most `fps` a second."""

    def __init__(self, frames: int, fps: float) -> None:
        self._frames, self._period_s = frames, 1.0 / fps
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self.position = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """What a camera's source is set to."""
        return f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def at_end(self) -> bool:
        """Whether the last frame was given out."""
        return self.position >= self._frames

    def wait_for_frames(self, count: int, within_s: float = 240.0) -> None:
        """Return when `count` more frames were given out, or all."""
        wanted = min(self.position + count, self._frames)
        give_up = time.monotonic() + within_s
        while self.position < wanted:
            assert time.monotonic() < give_up, f"nobody asked for frames within {within_s:.0f} s"
            time.sleep(0.01)

    def close(self) -> None:
        """Hang up."""
        self._stopping.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        self._listener.settimeout(0.1)
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                viewer, _ = self._listener.accept()
                with viewer, suppress(ConnectionError):
                    self._play(viewer)

    def _play(self, viewer: socket.socket) -> None:
        viewer.settimeout(0.1)
        due = time.monotonic()
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                if not viewer.recv(1):
                    return
                due = max(due + self._period_s, time.monotonic() - self._period_s)
                self._stopping.wait(max(due - time.monotonic(), 0.0))
                while self.at_end and not self._stopping.wait(0.1):
                    pass
                viewer.sendall(self.position.to_bytes(8, "big"))
                self.position += 1
