"""Which detection is which track: a cost in units of squared Mahalanobis distance, gated, and solved at once.

The cost of a pair says how surprising the detection would be for the track: its distance in the track's own
uncertainty, which is in box sizes and grows with the time nobody saw it. Overlap is not needed, so faces that move
further than their own width between frames are found again. A track that is less certain pays for it (the log of
its spread), so that a lost track does not take the detection of one that is followed well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from tracking.boxes import Array, centre_distance
from tracking.options import TrackerOptions
from tracking.tracklet import Tracklet

_IMPOSSIBLE = 1e6
_SURE = 0.5  # box sizes between two boxes that may always be one, whatever time passed


def pair_costs(tracklets: Sequence[Tracklet], boxes: Array, at: datetime, options: TrackerOptions) -> Array:
    """Return float64 (T, N), the cost of each pair, at least `_IMPOSSIBLE` outside the gate.

    `boxes` (N, 4) are centre x, centre y, width, height in pixels.
    """
    predicted = np.array([tracklet.filter.box for tracklet in tracklets])
    spread = np.array([tracklet.filter.spread for tracklet in tracklets])
    offsets = boxes[None, :, :] - predicted[:, None, :]
    distances = (offsets**2 / spread[:, None, :]).sum(axis=2)
    uncertainty = np.log(spread / np.tile(predicted[:, 2:], 2) ** 2).sum(axis=1) / 2
    last = np.array([tracklet.observed[-1][1] for tracklet in tracklets])
    gaps_s = np.array([tracklet.gap_s(at) for tracklet in tracklets])
    too_far: npt.NDArray[np.bool_] = centre_distance(last, boxes) > _SURE + options.reach * gaps_s[:, None]
    costs: Array = distances + uncertainty[:, None] - uncertainty.min()
    costs += options.momentum * change_of_course(tracklets, boxes)
    costs[too_far | (distances > options.gate)] = _IMPOSSIBLE
    return costs


def change_of_course(tracklets: Sequence[Tracklet], boxes: Array) -> Array:
    """Return float64 (T, N) in [0, 1]: half a turn is 1; a detection that hardly moved has no course and costs 0.

    Observation-centric momentum (Cao et al., CVPR 2023): the course comes from observations, never from predictions.
    """
    last = np.array([tracklet.observed[-1][1] for tracklet in tracklets])
    courses = np.array([tracklet.course() for tracklet in tracklets])
    ways = boxes[None, :, :2] - last[:, None, :2]
    lengths = np.hypot(ways[..., 0], ways[..., 1])
    cosines = (ways * courses[:, None, :]).sum(axis=2) / np.maximum(lengths, 1e-9)
    known = np.abs(courses).sum(axis=1)[:, None] > 0
    weight = np.minimum(lengths / np.maximum(last[:, None, 2], 1e-9), 1.0) * known
    angles: Array = np.arccos(np.clip(cosines, -1.0, 1.0)) / np.pi * weight
    return angles


def assign(costs: Array, limit: float) -> list[tuple[int, int]]:
    """Return the pairs (row, column) of the cheapest assignment in which leaving a row alone costs `limit`."""
    if costs.size == 0:
        return []
    capped = np.minimum(costs, limit)
    rows, columns = linear_sum_assignment(capped)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if costs[row, column] < limit]
