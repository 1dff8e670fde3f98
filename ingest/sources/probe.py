"""A short look through one camera: what it sends, what faces it shows, and whether people would be counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from footfall.types import Detections, FloatArray, Frame
from inference.quality import face_sizes
from ingest.pipeline import Pipeline
from ingest.setup_drawing import draw_setup
from ingest.sources.kinds import Source
from tracking.tracks import Tracks


@dataclass(frozen=True, slots=True)
class CameraView:
    """What a camera showed in `frames` frames.

    `size` is width and height in px, `fps` what the source announces. Face sizes are in pixels of the full frame and
    None when there was no face. `followed` people were followed, `counted` of them became visits; `sure_faces` is how
    many sure faces one of them showed, `nearest_px` the size of their largest face (medians over the followed, None
    without any). `picture` is the frame with most faces, with its detections, for a preview.
    """

    size: tuple[int, int]
    fps: float
    frames: int
    faces_per_frame: float
    smallest_px: float | None
    median_px: float | None
    largest_px: float | None
    followed: int
    counted: int
    sure_faces: float | None
    nearest_px: float | None
    picture: tuple[Frame, Detections]


@dataclass(slots=True)
class _Followed:
    """The largest face and the sure faces of everybody who was followed, by track."""

    nearest_px: dict[int, float] = field(default_factory=dict)
    sure_hits: dict[int, int] = field(default_factory=dict)

    def see(self, tracks: Tracks, sizes: FloatArray) -> None:
        """Take the tracks of a frame and the sizes of its detections."""
        for track in tracks.active:
            if track.detection is not None:
                nearest = max(float(sizes[track.detection]), self.nearest_px.get(track.id, 0.0))
                self.nearest_px[track.id] = nearest
                self.sure_hits[track.id] = track.sure_hits


def look_through(source: Source, pipeline: Pipeline, min_score: float, frames: int) -> CameraView:
    """Count the first `frames` frames of `source` as a run would, and say what was seen; nothing is stored.

    Raises:
        SourceError: it sends no frame.
    """
    seen: list[FloatArray] = []
    people, counted, picture = _Followed(), 0, None
    for frame in _first(source, frames):
        noted = pipeline.observation
        counted += len(pipeline.process(frame))
        observed = pipeline.observation
        people.see(observed.tracks, face_sizes(observed.detections))
        believed = observed.detections.select(observed.detections.scores >= min_score)
        if picture is None or (observed is not noted and len(believed) > len(picture[1])):
            picture = (frame, believed)
        seen.append(face_sizes(believed))
    counted += len(pipeline.finish())
    if picture is None:
        raise SourceError(f"camera {source.camera_id}: opened, but sent no frame; check the stream in a video player")
    sizes = np.concatenate(seen)
    return CameraView(
        size=source.size,
        fps=source.fps,
        frames=len(seen),
        faces_per_frame=len(sizes) / len(seen),
        smallest_px=float(sizes.min()) if len(sizes) else None,
        median_px=_median(sizes),
        largest_px=float(sizes.max()) if len(sizes) else None,
        followed=len(people.nearest_px),
        counted=counted,
        sure_faces=_median(list(people.sure_hits.values())),
        nearest_px=_median(list(people.nearest_px.values())),
        picture=picture,
    )


def _median(values: FloatArray | list[int] | list[float]) -> float | None:
    return float(np.median(values)) if len(values) else None


def write_preview(view: CameraView, camera: CameraConfig, path: Path) -> None:
    """Write the frame with most faces, boxed and with their sizes in px, as PNG or JPEG. Only when a person asks.

    The counting line of `camera`, with an arrow to the inside, and what it ignores are drawn on, too.

    Raises:
        SourceError: the file cannot be written.
    """
    frame, detections = view.picture
    image = frame.image.copy()
    draw_setup(image, camera)
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
