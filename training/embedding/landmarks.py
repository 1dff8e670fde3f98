"""How well people are told apart by the landmarks of each detector: what aligns a face decides what is seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from footfall.types import Detections, FloatArray, ImageArray
from training.demographics.prepare import LEAST_SCORE, nearest_the_middle
from training.detector.teacher import Finds, overlap
from training.embedding.judges import Judge
from training.embedding.photographs import Faces
from training.embedding.verification import accepted_at, pair_accuracy, pair_scores

SIZES_PX = (0, 64, 32)  # of the face's box; 0 is the photograph's own size
FALSE_RATE = 1e-3
SAME_FACE_IOU = 0.4


class Detector(Finds, Protocol):
    """Finds faces in a picture, and has a name."""

    @property
    def version(self) -> str:
        """Name and version of the network."""
        ...


def landmark_table(faces: Faces, reference: Finds, detectors: Sequence[Detector], judge: Judge) -> str:
    """Return Markdown: accuracy of pairs and TAR at FAR 1e-3 of `judge`, by detector, over what all of them found.

    `faces` are photographs with the face that they are about as `reference` finds it at their own size.
    """
    rows = [
        "| face | detector | photographs | accuracy of pairs % | TAR at FAR 1e-3 |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    boxes = [_middle_face(reference.detect(image, min_score=LEAST_SCORE), image) for image in faces.images]
    for size_px in SIZES_PX:
        small = [_shrink(image, side_px, size_px) for image, side_px in zip(faces.images, faces.sides_px, strict=True)]
        scenes = list(zip(small, faces.images, boxes, strict=True))
        found = {one.version: [_same_face(one, *scene) for scene in scenes] for one in detectors}
        common = [row for row in range(len(faces)) if all(marks[row] is not None for marks in found.values())]
        label = f"{size_px} px" if size_px else "as it is"
        if not common:
            rows.append(f"| {label} | – | 0 | – | – |")
            continue
        for name, marks in found.items():
            landmarks = [points for points in (marks[row] for row in common) if points is not None]
            embedded = judge.found([small[row] for row in common], landmarks)
            true, false = pair_scores(embedded, faces.groups[common])
            figures = f"{100 * pair_accuracy(true, false):.1f} | {accepted_at(true, false, FALSE_RATE):.3f}"
            rows.append(f"| {label} | {name} | {len(common)} | {figures} |")
    return "\n".join(rows)


def _shrink(image: ImageArray, side_px: float, size_px: float) -> ImageArray:
    """Return the picture with its face `size_px` large, never enlarged."""
    factor = min(1.0, size_px / side_px) if size_px else 1.0
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def _middle_face(seen: Detections, image: ImageArray) -> FloatArray:
    return np.asarray(seen.boxes[nearest_the_middle(seen, image)], np.float32)


def _same_face(detector: Finds, image: ImageArray, large: ImageArray, box: FloatArray) -> FloatArray | None:
    """Return the landmarks (5, 2) px of the face that lies where `box` does in the large picture, or None."""
    seen = detector.detect(image, min_score=LEAST_SCORE)
    factor = np.float32(image.shape[1] / large.shape[1])
    iou = overlap((box * factor)[None], seen.boxes)[0]
    return seen.landmarks[int(iou.argmax())] if iou.max(initial=0.0) >= SAME_FACE_IOU else None
