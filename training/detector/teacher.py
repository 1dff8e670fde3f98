"""Faces of unlabelled photographs as a teacher detector sees them, at several scales."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from footfall.types import Detections
from training.detector.decode import suppress
from training.detector.samples import MIRRORED_LANDMARKS, Floats, Image, Labels, Sample

CERTAIN_SCORE = 0.7
DOUBTFUL_SCORE = 0.3
SAME_FACE_IOU = 0.5
SAME_FACE_SCORE = 0.5


class Finds(Protocol):
    """Whatever finds faces in a picture after resizing it."""

    def detect(self, image: Image, scale: float = 1.0, min_score: float = ...) -> Detections:
        """Return the faces in the picture's own pixels."""
        ...


def overlap(first: Floats, second: Floats) -> Floats:
    """Return the intersection over union (N, M) of boxes (N, 4) and (M, 4) xyxy."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    area = (first[:, 2:] - first[:, :2]).prod(axis=1)[:, None] + (second[:, 2:] - second[:, :2]).prod(axis=1)
    return np.asarray(shared / np.maximum(area - shared, 1e-9), np.float32)


def same_face(faces: Detections, box: Floats, least_iou: float) -> int | None:
    """Return which of the faces overlaps `box` (4,) most, if by `least_iou` or more."""
    iou = overlap(box[None], faces.boxes)[0]
    return int(iou.argmax()) if iou.max(initial=0.0) >= least_iou else None


def look(teacher: Finds, image: Image, scales: tuple[float, ...], min_score: float = DOUBTFUL_SCORE) -> Detections:
    """Find faces at every scale and keep the best of the overlapping ones."""
    return suppress(_join([teacher.detect(image, scale, min_score) for scale in scales]))


def look_twice(
    teacher: Finds, image: Image, scales: tuple[float, ...], min_score: float = DOUBTFUL_SCORE
) -> Detections:
    """Find faces at every scale, mirrored too, and average the landmarks of what is the same face.

    On All-Age-Faces that takes a fifth off the distance of YuNet-n's landmarks from the annotated ones.
    """
    mirrored = np.ascontiguousarray(image[:, ::-1])
    found = []
    for scale in scales:
        found.append(teacher.detect(image, scale, min_score))
        found.append(_mirror(teacher.detect(mirrored, scale, min_score), image.shape[1]))
    best, everything = suppress(_join(found)), _join(found)
    landmarks = best.landmarks.copy()
    for index, box in enumerate(best.boxes):
        same = (overlap(box[None], everything.boxes)[0] > SAME_FACE_IOU) & (everything.scores >= SAME_FACE_SCORE)
        if same.any():
            landmarks[index] = everything.landmarks[same].mean(axis=0)
    return Detections(best.boxes, best.scores, landmarks)


def _mirror(faces: Detections, width: int) -> Detections:
    boxes = faces.boxes.copy()
    boxes[:, [0, 2]] = width - faces.boxes[:, [2, 0]]
    landmarks = faces.landmarks[:, MIRRORED_LANDMARKS].copy()
    landmarks[..., 0] = width - landmarks[..., 0]
    return Detections(boxes, faces.scores, landmarks)


def _join(found: list[Detections]) -> Detections:
    return Detections(
        np.concatenate([faces.boxes for faces in found]),
        np.concatenate([faces.scores for faces in found]),
        np.concatenate([faces.landmarks for faces in found]),
    )


def label_photo(faces: Detections) -> Labels:
    """Take the teacher's certain faces as labels and its doubtful ones as ignored regions."""
    certain = faces.scores >= CERTAIN_SCORE
    return Labels(faces.boxes[certain], faces.landmarks[certain], faces.boxes[~certain])


def add_landmarks(boxes: Floats, faces: Detections) -> Labels:
    """Give annotated boxes the landmarks of the teacher's matching faces; its other faces are ignored regions."""
    landmarks = np.full((len(boxes), 5, 2), np.nan, np.float32)
    iou = overlap(boxes, faces.boxes)
    if iou.size:
        best = iou.argmax(axis=1)
        matched = iou[np.arange(len(boxes)), best] >= SAME_FACE_IOU
        landmarks[matched] = faces.landmarks[best[matched]]
    lone = iou.max(axis=0, initial=0.0) < 0.3
    return Labels(boxes.astype(np.float32), landmarks, faces.boxes[lone])


def add_unlabelled(sample: Sample, faces: Detections) -> Sample:
    """Label the teacher's `faces` that the labels of a picture are silent about, whatever hides or blurs them.

    Certain ones become labels, also inside ignored regions, doubtful ones ignored regions.
    """
    labels = sample.labels
    middle = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    inside = (middle[:, None] > labels.boxes[None, :, :2]) & (middle[:, None] < labels.boxes[None, :, 2:])
    silent = ~np.any(np.all(inside, axis=2), axis=1) & (
        overlap(faces.boxes, labels.boxes).max(axis=1, initial=0.0) < 0.2
    )
    certain, doubtful = silent & (faces.scores >= CERTAIN_SCORE), silent & (faces.scores < CERTAIN_SCORE)
    known = overlap(labels.ignored, faces.boxes[certain]).max(axis=1, initial=0.0) >= 0.3
    return Sample(
        sample.image,
        Labels(
            np.concatenate([labels.boxes, faces.boxes[certain]]),
            np.concatenate([labels.landmarks, faces.landmarks[certain]]),
            np.concatenate([labels.ignored[~known], faces.boxes[doubtful]]),
        ),
    )
