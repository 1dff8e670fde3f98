"""Cameras on this computer: Video4Linux devices, named by their index or device file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from ingest.sources.libav import Decoder
from ingest.sources.shape import ratio_of
from ingest.sources.stream import LiveSource
from ingest.sources.timeline import utc_now

DEVICE_FORMAT = "video4linux2"


class WebcamSource(LiveSource):
    """A webcam; source '0' is /dev/video0."""

    def __init__(self, camera_id: str, camera: CameraConfig, now: Callable[[], datetime] = utc_now) -> None:
        """Open the device and wait for the first picture.

        Raises:
            SourceError: no such device, in use, not permitted, or it gives no picture.
        """
        text = camera.source.strip()
        device = Path(f"/dev/video{int(text)}") if text.isdigit() else Path(text)
        if not device.exists():
            present = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*"))) or "none"
            raise SourceError(f"{device}: no such webcam; plug it in or choose another (present: {present})")
        timeout = (camera.open_timeout_s, camera.read_timeout_s)
        decoder = Decoder(
            str(device), str(device), ratio_of(camera.pixel_aspect), format=DEVICE_FORMAT, timeout=timeout
        )
        super().__init__(camera_id, decoder, camera.max_fps, now)
