"""A short look through one camera: what it sends, and what faces it shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from footfall.errors import SourceError
from footfall.types import Detections, Frame
from inference.quality import face_sizes
from ingest.parts import Detector
from ingest.sources.kinds import Source


@dataclass(frozen=True, slots=True)
class CameraView:
    """What a camera showed in `frames` looks.

    `size` is width and height in px, `fps` what the source announces. Face sizes are in pixels of the full frame and
    None when there was no face; `picture` is the frame with most faces, with its detections, for a preview.
    """

    size: tuple[int, int]
    fps: float
    frames: int
    faces_per_frame: float
    smallest_px: float | None
    median_px: float | None
    largest_px: float | None
    picture: tuple[Frame, Detections]


def look_through(source: Source, detector: Detector, min_score: float, frames: int) -> CameraView:
    """Detect faces in the first `frames` frames of `source`.

    Raises:
        SourceError: it sends no frame.
    """
    seen = [(frame, _believed(detector.detect(frame.image), min_score)) for frame in _first(source, frames)]
    if not seen:
        raise SourceError(f"camera {source.camera_id}: opened, but sent no frame; check the stream in a video player")
    sizes = np.concatenate([face_sizes(detections) for _, detections in seen])
    return CameraView(
        size=source.size,
        fps=source.fps,
        frames=len(seen),
        faces_per_frame=len(sizes) / len(seen),
        smallest_px=float(sizes.min()) if len(sizes) else None,
        median_px=float(np.median(sizes)) if len(sizes) else None,
        largest_px=float(sizes.max()) if len(sizes) else None,
        picture=max(seen, key=lambda pair: len(pair[1])),
    )


def write_preview(view: CameraView, path: Path) -> None:
    """Write the frame with most faces, boxed and with their sizes in px, as PNG or JPEG. Only when a person asks.

    Raises:
        SourceError: the file cannot be written.
    """
    frame, detections = view.picture
    image = frame.image.copy()
    for box, size in zip(detections.boxes, face_sizes(detections), strict=True):
        left, top, right, bottom = (round(float(v)) for v in box)
        cv2.rectangle(image, (left, top), (right, bottom), (0, 200, 255), 2)
        cv2.putText(image, f"{size:.0f} px", (left, max(12, top - 5)), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 200, 255), 1)
    try:
        written = cv2.imwrite(str(path), image)
    except cv2.error:
        written = False
    if not written:
        raise SourceError(f"{path}: the preview cannot be written; give a .png or .jpg in a folder that exists")


def _first(source: Source, frames: int) -> Iterator[Frame]:
    return islice(iter(source), frames)


def _believed(detections: Detections, min_score: float) -> Detections:
    return detections.select(detections.scores >= min_score)
