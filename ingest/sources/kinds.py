"""Where frames come from: one interface, one module for each kind of source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from footfall.secrets import mask_url
from footfall.types import Frame, require_aware

STREAM_SCHEMES = ("rtsp", "rtsps", "rtmp", "http", "https", "udp", "rtp", "srt", "tcp")


class Source(Protocol):
    """Frames of one camera or recording, in order of time, at most `max_fps` of them a second.

    Iterating decodes; a frame that is damaged is skipped and counted in `damaged`, one that is not wanted at this
    rate is not converted to BGR but counts in `decoded`. Live sources raise SourceError when the stream ends.
    """

    @property
    def camera_id(self) -> str:
        """Name of the camera, as in the configuration."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of every frame, in pixels, upright."""

    @property
    def fps(self) -> float:
        """Frames a second that the source announces, before sampling."""

    @property
    def is_live(self) -> bool:
        """Whether time passes at the source whether it is read or not."""

    @property
    def started_at(self) -> datetime:
        """When the first frame was taken."""

    @property
    def ended_at(self) -> datetime:
        """When the newest frame decoded was over; for a live source, when it was taken."""

    @property
    def expected_frames(self) -> int | None:
        """Frames that the source announces, before sampling; None when it does not say."""

    @property
    def decoded(self) -> int:
        """Frames decoded so far, damaged ones not among them."""

    @property
    def damaged(self) -> int:
        """Frames skipped so far because they were damaged or missing."""

    def __iter__(self) -> Iterator[Frame]:
        """Yield the wanted frames; only once."""

    def close(self) -> None:
        """Let go of the file, device or connection; safe to call twice."""


def open_source(camera_id: str, camera: CameraConfig, started_at: datetime | None = None) -> Source:
    """Open what `camera.source` names: a video file, a folder of images, a webcam index or a stream's URL.

    `started_at` dates the first frame of a recording. Without it a video file is dated by the creation time in its
    metadata, and what has none is refused: when a file was written or copied says nothing about when it was filmed.

    Raises:
        SourceError: it cannot be opened or holds no picture, or nobody knows when it was taken; one line that says
            what to do, without credentials.
    """
    # Imported here: each kind pulls in its own libraries, and a worker needs one of them.
    from ingest.sources.file import FileSource
    from ingest.sources.http_pictures import HttpSource
    from ingest.sources.images import ImageFolderSource
    from ingest.sources.stream import StreamSource
    from ingest.sources.webcam import WebcamSource

    if started_at is not None:
        require_aware(started_at)
    text = camera.source.strip()
    if not text:
        raise SourceError(f"camera {camera_id}: source is empty; give a file, a folder, a webcam index or a URL")
    if text.isdigit() or text.startswith("/dev/video"):
        return WebcamSource(camera_id, camera)
    scheme, separator, _ = text.partition("://")
    if separator and scheme.lower() != "file":
        if scheme.lower() not in STREAM_SCHEMES:
            raise SourceError(f"{mask_url(text)}: unknown kind of URL; use rtsp://, rtsps://, http:// or https://")
        kind = HttpSource if scheme.lower() in ("http", "https") else StreamSource
        return kind(camera_id, camera)
    path = Path(text.removeprefix("file://")).expanduser()
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder; check the path of camera {camera_id}")
    if path.is_dir():
        return ImageFolderSource(camera_id, camera, path, started_at)
    return FileSource(camera_id, camera, path, started_at)
