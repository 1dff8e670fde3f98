"""Whom one look through a camera saw: their faces now, how large they were, and where they walked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from footfall.types import Direction, Frame, Visit

# What sees takes long to load, and few who start a dashboard set up a camera: it is imported where it is needed.
if TYPE_CHECKING:
    from ingest.motion import Polygon
    from ingest.pipeline import Pipeline

MOST_PEOPLE = 200
MOST_STEPS = 200
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Face:
    """A face that is believed: its box (shares of width and height), its size in the camera's own px, whether sure."""

    box: tuple[float, float, float, float]
    size_px: float
    is_sure: bool

    @property
    def middle(self) -> Point:
        """Its centre, shares of width and height."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2


@dataclass(slots=True)
class Walker:
    """Somebody who was followed: sure faces, the largest face in px, and (x, y, face size) in px of the frame.

    `visit` is what the visit is called, and `is_counted` whether it is one already.
    """

    visit: UUID
    sure_faces: int = 0
    nearest_px: float = 0.0
    is_counted: bool = False
    steps: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen so far, and the faces of the newest picture; `size` is the frame's (width, height), px."""

    size: tuple[int, int] = (0, 0)
    faces: tuple[Face, ...] = ()
    walkers: tuple[Walker, ...] = ()

    def copied(self) -> Seen:
        """Return a copy whose walkers walk no further."""
        return replace(self, walkers=tuple(replace(one, steps=list(one.steps)) for one in self.walkers))

    def outside(self, areas: Sequence[Polygon]) -> Seen:
        """Return what is left when faces in `areas` (corners as shares of width and height) are nobody."""
        from ingest.pipeline import is_inside

        width, height = self.size

        def is_ignored(point: Point) -> bool:
            return any(is_inside(area, *point) for area in areas)

        walkers = []
        for walker in self.walkers:
            steps = [step for step in walker.steps if not is_ignored((step[0] / width, step[1] / height))]
            if steps or not walker.steps:
                walkers.append(replace(walker, steps=steps))
        return replace(
            self, faces=tuple(face for face in self.faces if not is_ignored(face.middle)), walkers=tuple(walkers)
        )

    def median_of(self, name: str) -> float | None:
        """Return the median of a walker's attribute, None without anybody."""
        values = [float(getattr(one, name)) for one in self.walkers]
        return float(np.median(values)) if values else None

    def crossed(self, line: tuple[Point, Point]) -> dict[str, int]:
        """Return how many walkers crossed a line (shares of width and height) by direction, as a visit would say."""
        from tracking import CountingLine
        from tracking.line import LineCrossing

        (width, height), counts = self.size, {direction.value: 0 for direction in Direction}
        start, end = ((x * width, y * height) for x, y in line)
        if start == end:
            return counts
        for walker in self.walkers:
            crossing = LineCrossing(CountingLine(start, end))
            for x, y, face_px in walker.steps:
                crossing.move_to((x, y), face_px)
            counts[crossing.direction.value] += 1
        return counts


class Followed:
    """Adds up what a pipeline saw, one frame after the other; a face is believed from `min_score` on."""

    def __init__(self, pipeline: Pipeline, min_score: float) -> None:
        from ingest.pipeline import NOTHING

        self._pipeline = pipeline
        self._min_score = min_score
        self._walkers: dict[int, Walker] = {}
        self._counted: set[UUID] = set()
        self._last = NOTHING

    def see(self, frame: Frame) -> Seen:
        """Let the pipeline take a frame; return what was seen so far. The visits are nobody's afterwards."""
        from inference.quality import face_sizes

        self._count(self._pipeline.process(frame))
        self._count(self._pipeline.open_visits())
        observation = self._pipeline.observation
        height, width = frame.image.shape[:2]
        sizes = face_sizes(observation.detections).tolist()
        if observation is not self._last:  # the detector looked anew
            self._last = observation
            self._walk(sizes)
        for walker in self._walkers.values():
            walker.is_counted = walker.visit in self._counted
        sure = {track.detection for track in observation.tracks.active if track.sure_hits}
        scale = np.array([width, height, width, height], np.float32)
        faces = [
            Face(tuple((box / scale).clip(0, 1).tolist()), size, row in sure)
            for row, (box, size) in enumerate(zip(observation.detections.boxes, sizes, strict=True))
            if observation.detections.scores[row] >= self._min_score
        ]
        return Seen((width, height), tuple(faces), tuple(self._walkers.values()))

    def _count(self, visits: Sequence[Visit]) -> None:
        self._counted.update(visit.uid for visit in visits)

    def _walk(self, sizes: Sequence[float]) -> None:
        for track in self._last.tracks.active:
            if track.detection is None or (track.id not in self._walkers and len(self._walkers) >= MOST_PEOPLE):
                continue
            walker = self._walkers.setdefault(track.id, Walker(self._pipeline.visit_of(track.id)))
            walker.sure_faces = track.sure_hits
            walker.nearest_px = max(walker.nearest_px, sizes[track.detection])
            left, top, right, bottom = (float(value) for value in track.box)
            if len(walker.steps) < MOST_STEPS:
                walker.steps.append(((left + right) / 2, (top + bottom) / 2, sizes[track.detection]))
