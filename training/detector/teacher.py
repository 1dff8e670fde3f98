"""Faces of unlabelled photographs as a teacher detector sees them, at several scales."""

from __future__ import annotations

import numpy as np

from footfall.types import Detections
from training.detector.decode import OnnxFaces, suppress
from training.detector.samples import Floats, Image, Labels, Sample

CERTAIN_SCORE = 0.7
DOUBTFUL_SCORE = 0.3
SAME_FACE_IOU = 0.5


def overlap(first: Floats, second: Floats) -> Floats:
    """Return the intersection over union (N, M) of boxes (N, 4) and (M, 4) xyxy."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    area = (first[:, 2:] - first[:, :2]).prod(axis=1)[:, None] + (second[:, 2:] - second[:, :2]).prod(axis=1)
    return np.asarray(shared / np.maximum(area - shared, 1e-9), np.float32)


def look(teacher: OnnxFaces, image: Image, scales: tuple[float, ...]) -> Detections:
    """Find faces at every scale and keep the best of the overlapping ones."""
    found = [teacher.detect(image, scale, DOUBTFUL_SCORE) for scale in scales]
    return suppress(
        Detections(
            np.concatenate([faces.boxes for faces in found]),
            np.concatenate([faces.scores for faces in found]),
            np.concatenate([faces.landmarks for faces in found]),
        )
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
