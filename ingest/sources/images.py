"""A folder of images, as cameras that upload snapshots leave them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from PIL import Image

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from footfall.types import Frame, ImageArray
from ingest.sources.beginning import unknown_time
from ingest.sources.memory import LARGEST_PIXELS
from ingest.sources.shape import fitted
from ingest.sources.timeline import FrameSampler

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
LARGEST_FILE_BYTES = 128 * 1024**2
NUMBER_PATTERN = re.compile(r"(\d+)")


def natural_order(path: Path) -> list[tuple[int, int, str]]:
    """Return the sort key by which frame2.jpg comes before frame10.jpg."""
    parts = NUMBER_PATTERN.split(path.name.lower())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]


def list_images(folder: Path) -> list[Path]:
    """Return the image files directly in `folder`, in natural order of their names."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()]
    return sorted(found, key=natural_order)


class ImageFolderSource:
    """Images of one folder in natural order.

    They are taken to lie evenly from `started_at` on, `max_fps` of them a second: when the files were written says
    when they were copied, not when they were taken.
    """

    is_live = False

    def __init__(self, camera_id: str, camera: CameraConfig, folder: Path, started_at: datetime | None = None) -> None:
        """List the folder and read its first sound image.

        Raises:
            SourceError: no image in it, none that can be read, or no `started_at`.
        """
        self.camera_id = camera_id
        self.fps = camera.max_fps
        self.damaged = 0
        self.decoded = 0
        try:
            self._paths = list_images(folder)
        except OSError as error:
            raise SourceError(f"{folder}: cannot be listed ({error.strerror}); check its permissions") from None
        if not self._paths:
            raise SourceError(f"{folder}: no images in this folder; it should hold {', '.join(sorted(SUFFIXES))} files")
        first = next((image for image in map(_read, self._paths) if image is not None), None)
        if first is None:
            raise SourceError(f"{folder}: none of its {len(self._paths)} images can be read; copy them again")
        self.size = (first.shape[1], first.shape[0])
        if started_at is None:
            raise unknown_time(folder, "pictures do not say when they were taken")
        self.started_at = self.ended_at = started_at
        self._sampler = FrameSampler(camera.max_fps)

    @property
    def expected_frames(self) -> int:
        """Number of image files."""
        return len(self._paths)

    @property
    def last_at(self) -> datetime:
        """When the last image was taken."""
        return self.started_at + timedelta(seconds=(len(self._paths) - 1) / self.fps)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the images; one of another size than the first is scaled to it."""
        period = timedelta(seconds=1.0 / self.fps)
        for index, path in enumerate(self._paths):
            image = _read(path)
            moment, self.ended_at = self.started_at + index * period, self.started_at + (index + 1) * period
            if image is None:
                self.damaged += 1
                continue
            self.decoded += 1
            if not self._sampler.due((moment - self.started_at).total_seconds()):
                continue
            yield Frame(self.camera_id, index, moment, fitted(image, self.size))

    def close(self) -> None:
        """Nothing is held open."""


def _read(path: Path) -> ImageArray | None:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES or not _fits(path):
            return None
        content = np.frombuffer(path.read_bytes(), np.uint8)
        return cast("ImageArray | None", cv2.imdecode(content, cv2.IMREAD_COLOR)) if len(content) else None
    except (OSError, cv2.error):
        return None


def _fits(path: Path) -> bool:
    """Return whether the header announces a size that a camera has; OpenCV would allocate whatever it says."""
    try:
        with Image.open(path) as header:
            return header.width * header.height <= LARGEST_PIXELS
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return False
