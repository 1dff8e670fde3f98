"""Geometry of axis-aligned boxes, xyxy in pixels, always many at once.

Faces at 5 to 10 frames/s move further than their own width between two frames, so overlap alone cannot tell how
near two boxes are. `centre_offsets` measures in box sizes instead and `generalised_iou` stays informative for
boxes that do not touch (Rezatofighi et al., "Generalized Intersection over Union", CVPR 2019).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def to_centres(boxes: npt.ArrayLike) -> Array:
    """Return float64 (N, 4) centre x, centre y, width, height for xyxy `boxes` (N, 4)."""
    corners = np.asarray(boxes, np.float64).reshape(-1, 4)
    sizes = corners[:, 2:] - corners[:, :2]
    return np.concatenate([corners[:, :2] + sizes / 2, sizes], axis=1)


def to_corners(centres: npt.ArrayLike) -> Array:
    """Return float64 (N, 4) xyxy for boxes (N, 4) given as centre x, centre y, width, height."""
    values = np.asarray(centres, np.float64).reshape(-1, 4)
    half = values[:, 2:] / 2
    return np.concatenate([values[:, :2] - half, values[:, :2] + half], axis=1)


def areas(boxes: Array) -> Array:
    """Return float64 (N,) areas in square pixels; a box turned inside out has none."""
    sizes: Array = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)
    product: Array = sizes[:, 0] * sizes[:, 1]
    return product


def intersections(left: Array, right: Array) -> Array:
    """Return float64 (N, M), the area in square pixels shared by each of `left` (N, 4) and each of `right` (M, 4)."""
    upper = np.maximum(left[:, None, :2], right[None, :, :2])
    lower = np.minimum(left[:, None, 2:], right[None, :, 2:])
    sides = np.maximum(lower - upper, 0.0)
    shared: Array = sides[..., 0] * sides[..., 1]
    return shared


def iou(left: Array, right: Array) -> Array:
    """Return float64 (N, M) intersection over union in [0, 1]; 0 where both boxes are empty."""
    shared = intersections(left, right)
    union = areas(left)[:, None] + areas(right)[None, :] - shared
    ratio: Array = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return ratio


def generalised_iou(left: Array, right: Array) -> Array:
    """Return float64 (N, M) generalised IoU in [-1, 1]: IoU less the empty share of the hull of the two boxes."""
    shared = intersections(left, right)
    union = areas(left)[:, None] + areas(right)[None, :] - shared
    hull_sides = np.maximum(left[:, None, 2:], right[None, :, 2:]) - np.minimum(left[:, None, :2], right[None, :, :2])
    hull = hull_sides[..., 0] * hull_sides[..., 1]
    overlap = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    waste = np.divide(hull - union, hull, out=np.zeros_like(shared), where=hull > 0)
    result: Array = overlap - waste
    return result


def coverage(boxes: Array, covers: Array) -> Array:
    """Return float64 (N, M), the share in [0, 1] of each of `boxes` (N, 4) that lies inside each of `covers` (M, 4)."""
    shared = intersections(boxes, covers)
    own = np.broadcast_to(areas(boxes)[:, None], shared.shape)
    ratio: Array = np.divide(shared, own, out=np.zeros_like(shared), where=own > 0)
    return ratio


def centre_offsets(left: Array, right: Array) -> Array:
    """Return float64 (N, M, 2), the way from each centre of `left` to each of `right` in widths and heights of `left`.

    Both are centre x, centre y, width, height, (N, 4) and (M, 4).
    """
    offsets: Array = (right[None, :, :2] - left[:, None, :2]) / np.maximum(left[:, None, 2:], 1e-6)
    return offsets


def centre_distance(left: Array, right: Array) -> Array:
    """Return float64 (N, M), distance between centres in box sizes of `left` (see `centre_offsets`)."""
    offsets = centre_offsets(left, right)
    distance: Array = np.hypot(offsets[..., 0], offsets[..., 1])
    return distance
