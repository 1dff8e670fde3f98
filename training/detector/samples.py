"""A labelled picture, and the geometry that moves its labels along with its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

# Mirroring swaps the eyes and the corners of the mouth (right eye, left eye, nose, right mouth, left mouth).
MIRRORED_LANDMARKS = (1, 0, 2, 4, 3)
KEEP_VISIBLE_FRACTION = 0.6
IGNORE_VISIBLE_FRACTION = 0.15
SMALLEST_LABEL_PX = 6.0


@dataclass(frozen=True, slots=True)
class Labels:
    """What is known about the faces of one picture, in its pixels.

    `boxes` float32 (N, 4) xyxy; `landmarks` float32 (N, 5, 2), NaN where unknown; `ignored` float32 (K, 4) xyxy,
    regions that count neither as face nor as background.
    """

    boxes: Floats
    landmarks: Floats
    ignored: Floats

    @staticmethod
    def empty() -> Labels:
        """Return the labels of a picture without faces."""
        return Labels(np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32), np.zeros((0, 4), np.float32))


@dataclass(frozen=True, slots=True)
class Dense:
    """What a detector says in each of its cells: scores float32 (A,), boxes float32 (A, 4) xyxy in pixels.

    Cells run over strides 8, 16, 32, row by row.
    """

    scores: Floats
    boxes: Floats


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture uint8 (H, W, 3) BGR with its labels, and what a teacher says in each cell, if one was asked."""

    image: Image
    labels: Labels
    taught: Dense | None = None


def concatenate(parts: list[Labels]) -> Labels:
    """Join the labels of pictures that share one pixel grid."""
    if not parts:
        return Labels.empty()
    return Labels(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
        np.concatenate([part.ignored for part in parts]),
    )


def shift(labels: Labels, x: float, y: float) -> Labels:
    """Move labels by (x, y) pixels."""
    offset = np.array([x, y], np.float32)
    pair = np.concatenate([offset, offset])
    return Labels(labels.boxes + pair, labels.landmarks + offset, labels.ignored + pair)


def side_px(boxes: Floats) -> Floats:
    """Return the square root of each box's area, in pixels."""
    extent = np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None)
    return np.asarray(np.sqrt(extent[:, 0] * extent[:, 1]), np.float32)


def transform_boxes(boxes: Floats, matrix: Floats) -> Floats:
    """Map boxes by an affine matrix (2, 3), taking each face for the ellipse that its box encloses.

    An ellipse keeps a turned face's box tight, where turning the corners of the box would inflate it.
    """
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    extent = np.sqrt(half**2 @ (matrix[:, :2] ** 2).T)
    return np.concatenate([centre - extent, centre + extent], axis=1).astype(np.float32)


def clip_labels(labels: Labels, width: int, height: int) -> Labels:
    """Cut labels to the picture: mostly hidden or tiny faces become ignored regions, slivers vanish."""
    limit = np.array([width, height, width, height], np.float32)
    boxes = np.clip(labels.boxes, 0.0, limit).astype(np.float32)
    visible = (side_px(boxes) / np.maximum(side_px(labels.boxes), 1e-6)) ** 2
    keep = (visible >= KEEP_VISIBLE_FRACTION) & (side_px(boxes) >= SMALLEST_LABEL_PX)
    ignore = ~keep & (visible >= IGNORE_VISIBLE_FRACTION)
    ignored = np.clip(labels.ignored, 0.0, limit).astype(np.float32)
    ignored = ignored[side_px(ignored) > 0]
    return Labels(boxes[keep], labels.landmarks[keep], np.concatenate([boxes[ignore], ignored]))


def warp(sample: Sample, matrix: Floats, width: int, height: int) -> Sample:
    """Resample a picture by an affine matrix (2, 3) into width x height pixels, labels included."""
    image, pixels = sample.image, matrix
    determinant = float(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])
    area = abs(determinant)
    while area < 0.36 and min(image.shape[:2]) > 2:  # bilinear sampling aliases far below full size: halve first
        height_even, width_even = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
        half = (width_even // 2, height_even // 2)
        image = np.asarray(cv2.resize(image[:height_even, :width_even], half, interpolation=cv2.INTER_AREA), np.uint8)
        pixels = np.concatenate([pixels[:, :2] * 2, pixels[:, 2:]], axis=1)
        area *= 4
    warped = cv2.warpAffine(image, pixels, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    labels = sample.labels
    landmarks = (labels.landmarks @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    if determinant < 0:
        landmarks = landmarks[:, MIRRORED_LANDMARKS]
    moved = Labels(transform_boxes(labels.boxes, matrix), landmarks, transform_boxes(labels.ignored, matrix))
    return Sample(np.asarray(warped, np.uint8), clip_labels(moved, width, height))
