"""How well people are told apart by the landmarks of each detector: what aligns a face decides what is seen of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from footfall.types import FloatArray, ImageArray
from training.demographics.prepare import LEAST_SCORE
from training.detector.teacher import Finds, same_face
from training.embedding.photographs import Faces, seen_at
from training.embedding.verification import accepted_at, pair_accuracy, pair_scores

SIZES_PX = (0, 64, 32)  # of the face's box; 0 is the photograph's own size
FALSE_RATE = 1e-3
SAME_FACE_IOU = 0.4

Embed = Callable[[Sequence[ImageArray], Sequence[FloatArray]], FloatArray]
"""From pictures and the landmarks (5, 2) px of a face in each to unit vectors float32 (N, D)."""


class Detector(Finds, Protocol):
    """Finds faces in a picture, and has a name."""

    @property
    def version(self) -> str:
        """Name and version of the network."""
        ...


def landmark_table(faces: Faces, detectors: Sequence[Detector], embed: Embed) -> str:
    """Return Markdown: accuracy of pairs and TAR at FAR 1e-3 of `embed`, by detector, over what all of them found."""
    rows = [
        "| face | detector | photographs | accuracy of pairs % | TAR at FAR 1e-3 |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for size_px in SIZES_PX:
        small, _ = seen_at(faces, np.full(len(faces), size_px or np.inf, np.float32))
        scenes = list(zip(small, faces.images, faces.boxes, strict=True))
        found = {one.version: [_landmarks_at(one, *scene) for scene in scenes] for one in detectors}
        common = [row for row in range(len(faces)) if all(marks[row] is not None for marks in found.values())]
        label = f"{size_px} px" if size_px else "as it is"
        if not common:
            rows.append(f"| {label} | – | 0 | – | – |")
            continue
        for name, marks in found.items():
            landmarks = [points for points in (marks[row] for row in common) if points is not None]
            embedded = embed([small[row] for row in common], landmarks)
            true, false = pair_scores(embedded, faces.groups[common])
            figures = f"{100 * pair_accuracy(true, false):.1f} | {accepted_at(true, false, FALSE_RATE):.3f}"
            rows.append(f"| {label} | {name} | {len(common)} | {figures} |")
    return "\n".join(rows)


def _landmarks_at(detector: Finds, image: ImageArray, large: ImageArray, box: FloatArray) -> FloatArray | None:
    """Return the landmarks (5, 2) px of the face that lies where `box` does in the large picture, or None."""
    seen = detector.detect(image, min_score=LEAST_SCORE)
    found = same_face(seen, box * np.float32(image.shape[1] / large.shape[1]), SAME_FACE_IOU)
    return None if found is None else seen.landmarks[found]
