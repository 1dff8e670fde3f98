"""Small real videos for tests: squares that stand for faces on a textured wall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from footfall.types import Attributes, Detections, FloatArray, ImageArray

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
GREEN_BGR = (40, 230, 40)
SIZE = (320, 180)


def wall(size: tuple[int, int] = SIZE, seed: int = 0) -> ImageArray:
    """Return a static grey background with structure, uint8 (H, W, 3)."""
    random = np.random.default_rng(seed)
    coarse = random.integers(40, 140, (size[1] // 20 + 1, size[0] // 20 + 1), np.uint8)
    grey = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def with_faces(background: ImageArray, centres: Iterable[tuple[float, float]], side_px: int = 24) -> ImageArray:
    """Return a copy of `background` with a green square around each centre, px."""
    image = background.copy()
    for x, y in centres:
        left, top = round(x - side_px / 2), round(y - side_px / 2)
        cv2.rectangle(image, (left, top), (left + side_px - 1, top + side_px - 1), GREEN_BGR, -1)
    return image


def write_video(
    path: Path,
    images: Sequence[ImageArray],
    fps: int = 25,
    *,
    times_s: Sequence[float] | None = None,
    options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    pixel_aspect: Fraction | None = None,
) -> Path:
    """Encode `images` as H.264; `times_s` sets each picture's time, else they lie evenly.

    `pixel_aspect` is the sample aspect ratio to declare.
    """
    time_base = Fraction(1, 90_000)
    with av.open(str(path), "w", options=options or {}) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "18"})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = time_base
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        for index, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            moment_s = index / fps if times_s is None else times_s[index]
            frame.pts, frame.time_base = round(moment_s * 90_000), time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """Write a second of silence, without pictures."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


class GreenSquareDetector:
    """A detector of green squares: looks at the pixels as a real one does, and counts how often it was asked."""

    model_version = "squares"

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, image_bgr: ImageArray) -> Detections:
        """Return a box with score 0.9 around each green square."""
        self.calls += 1
        green = cv2.inRange(image_bgr, np.array((0, 170, 0)), np.array((110, 255, 110)))
        count, _, stats, _ = cv2.connectedComponentsWithStats(green)
        boxes = [(x, y, x + w, y + h) for x, y, w, h, area in stats[1:count].tolist() if area >= 36]
        if not boxes:
            return Detections.empty()
        corners = np.array(boxes, np.float32)
        inside = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
        landmarks = corners[:, None, :2] + inside[None] * (corners[:, 2:] - corners[:, :2])[:, None]
        return Detections(corners, np.full(len(corners), 0.95, np.float32), landmarks)

    def detect_in(self, image_bgr: ImageArray, regions: npt.NDArray[np.int32], scale: float) -> Detections:
        """Return the same for what lies in `regions`, int32 (N, 4) xyxy px."""
        shown = np.zeros_like(image_bgr)
        for left, top, right, bottom in regions.tolist():
            shown[top:bottom, left:right] = image_bgr[top:bottom, left:right]
        return self.detect(shown)


class ConstantJudge:
    """An attribute network that takes everybody for a woman of 30; counts the faces it was shown."""

    model_version = "constant"

    def __init__(self) -> None:
        self.faces = 0

    def predict(
        self, image_bgr: ImageArray, detections: Detections, qualities: FloatArray | None = None
    ) -> list[Attributes]:
        """Return the same judgement for each face."""
        del image_bgr, qualities
        self.faces += len(detections)
        ages = np.zeros(101, np.float32)
        ages[30] = 1.0
        return [
            Attributes(p_female=0.95, age_years=30.0, age_probabilities=ages, quality=0.9) for _ in detections.scores
        ]
