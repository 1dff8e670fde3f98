"""Cameras that speak HTTP: a stream of JPEG pictures, or an address that gives one picture at a time.

libav reads both, but a stream that begins without its boundary, or whose parts have no headings, it takes for nothing,
and an address that gives just one picture for a stream that ends. Such an address is asked again and again here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import numpy as np
from av.video.frame import VideoFrame

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from ingest.sources.libav import Decoder, UnknownFormatError
from ingest.sources.stream import LiveSource, connect
from ingest.sources.timeline import utc_now

BARE_PICTURES = "mjpeg"  # libav's name for JPEG pictures one after the other, whatever lies between them
PICTURE_FORMATS = frozenset({"jpeg_pipe", "png_pipe", "image2pipe", BARE_PICTURES})


class HttpSource(LiveSource):
    """A camera's address on HTTP; one that gives a picture at a time is asked at most `max_fps` times a second.

    What such an address gives twice was taken once and is left out: nobody stands still in it, and a camera whose
    picture never changes is silent.
    """

    def __init__(self, camera_id: str, camera: CameraConfig, now: Callable[[], datetime] = utc_now) -> None:
        """Connect and wait for the first picture.

        Raises:
            SourceError: no answer in time, refused, wrong credentials, or not a video.
        """
        self._camera = camera
        self._closed = threading.Event()
        self._earlier_decoded = self._earlier_damaged = 0
        self._format: str | None = None
        super().__init__(camera_id, self._ask(), camera.max_fps, now)

    @property
    def decoded(self) -> int:
        """Pictures decoded so far, whether wanted at this rate or not."""
        return self._earlier_decoded + self._decoder.decoded

    @property
    def damaged(self) -> int:
        """Pictures that could not be decoded."""
        return self._earlier_damaged + self._decoder.damaged

    def close(self) -> None:
        """Hang up; safe to call twice."""
        self._closed.set()
        super().close()

    def _ask(self) -> Decoder:
        self._asked_at = time.monotonic()
        try:
            return connect(self._camera, self._format)
        except UnknownFormatError as unknown:
            try:
                decoder = connect(self._camera, BARE_PICTURES)
            except SourceError:  # what came is no picture either: the first answer says more
                raise unknown from None
            self._format = BARE_PICTURES
            return decoder

    def _pictures(self) -> Iterator[tuple[float | None, VideoFrame]]:
        before: Any = None
        while True:
            came = 0
            for presented_s, picture in self._decoder.frames():
                came += 1
                shown: Any = picture.to_ndarray() if came == 1 else None
                if came > 1 or before is None or not np.array_equal(shown, before):
                    yield presented_s, picture
                before = shown
            if came != 1 or self._decoder.container.format.name not in PICTURE_FORMATS:
                return
            if self._closed.wait(self._asked_at + 1.0 / self._camera.max_fps - time.monotonic()):
                return
            self._earlier_decoded, self._earlier_damaged = self.decoded, self.damaged
            self._decoder.close()
            self._decoder = self._ask()
