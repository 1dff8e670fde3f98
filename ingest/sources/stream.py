"""Live network cameras: RTSP and what else libav reads from a URL; those on HTTP are in http_pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from av.video.frame import VideoFrame

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from footfall.secrets import mask_url
from footfall.types import Frame
from ingest.sources.address import bounded_options, checked_address, refuse_rtsp_redirect
from ingest.sources.libav import Decoder, explain
from ingest.sources.shape import ratio_of
from ingest.sources.timeline import FrameSampler, LiveTimeline, utc_now

# These carry no time of their own: libav would invent 25 frames a second for them.
UNDATED_FORMATS = frozenset({"mpjpeg", "mjpeg", "image2pipe", "jpeg_pipe", "png_pipe"})


class LiveSource:
    """Frames of a live stream, dated by `LiveTimeline`; ends only with a SourceError."""

    is_live = True
    expected_frames = None

    def __init__(self, camera_id: str, decoder: Decoder, max_fps: float, now: Callable[[], datetime] = utc_now) -> None:
        self.camera_id = camera_id
        self._decoder = decoder
        self.size = decoder.size
        self.fps = decoder.fps
        self._sampler = FrameSampler(max_fps)
        self._timeline = LiveTimeline(decoder.container.format.name not in UNDATED_FORMATS, now)
        self.started_at = self.ended_at = now()

    @property
    def decoded(self) -> int:
        """Frames decoded so far, whether wanted at this rate or not."""
        return self._decoder.decoded

    @property
    def damaged(self) -> int:
        """Frames that could not be decoded."""
        return self._decoder.damaged

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames at most `max_fps` a second, as they arrive.

        Raises:
            SourceError: the stream ended, changed its size or shape, or nothing came within the camera's read timeout.
        """
        for index, (presented_s, picture) in enumerate(self._pictures()):
            # Lines and positions are in pixels of one size: a camera set to another one is opened anew.
            if (size := self._decoder.size_of(picture)) != self.size:
                raise SourceError(f"{self._decoder.shown}: the picture changed to {size[0]}x{size[1]}")
            captured_at = self.ended_at = self._timeline.moment(presented_s)
            if self._sampler.due((captured_at - self.started_at).total_seconds()):
                yield Frame(self.camera_id, index, captured_at, self._decoder.to_bgr(picture))
        if self._decoder.failure is not None:
            raise explain(self._decoder.failure, self._decoder.shown)
        raise SourceError(f"{self._decoder.shown}: the stream ended; check that the camera is on")

    def close(self) -> None:
        """Hang up; safe to call twice."""
        self._decoder.close()

    def _pictures(self) -> Iterator[tuple[float | None, VideoFrame]]:
        return self._decoder.frames()


class StreamSource(LiveSource):
    """A stream named by its URL."""

    def __init__(self, camera_id: str, camera: CameraConfig, now: Callable[[], datetime] = utc_now) -> None:
        """Connect and wait for the first picture.

        Raises:
            SourceError: no answer in time, refused, wrong credentials, or not a video.
        """
        super().__init__(camera_id, connect(camera), camera.max_fps, now)


def connect(camera: CameraConfig, format: str | None = None) -> Decoder:
    """Open the URL of `camera`, as the libav `format` where one is given, and wait for the first picture.

    Credentials are put into the URL in memory only and shown nowhere.

    Raises:
        SourceError: no answer in time, refused, wrong credentials, or not a video.
    """
    url = camera.source.strip()
    address = checked_address(url, camera.username, camera.password.get_secret_value())
    refuse_rtsp_redirect(url, camera.open_timeout_s)
    timeout = (camera.open_timeout_s, camera.read_timeout_s)
    aspect = ratio_of(camera.pixel_aspect)
    return Decoder(mask_url(url), address, aspect, format=format, options=bounded_options(url), timeout=timeout)
