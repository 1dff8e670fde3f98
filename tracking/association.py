"""Which detection is which track: a cost for each pair, gated, and solved for all pairs at once.

The cost of a pair says how surprising the detection would be for the track: its distance in the track's own
uncertainty, which is in box sizes and grows with the time nobody saw it. Overlap is not needed, so faces that move
further than their own width between frames are found again. A track that is less certain pays for it (the log of
its spread, as in a likelihood), so that a lost track neither takes the detection of one that is followed well nor
that of somebody new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from tracking.boxes import Array, centre_distance
from tracking.options import Matching
from tracking.tracklet import Tracklet

_SURE_DISTANCE = 0.5
"""Box sizes between two boxes that may always be one, whatever time passed."""


def pair_costs(tracklets: Sequence[Tracklet], boxes: Array, at: datetime, matching: Matching) -> Array:
    """Return float64 (T, N), the cost of each pair, infinite where both cannot be one person.

    `boxes` (N, 4) are centre x, centre y, width, height in pixels.
    """
    last = np.array([tracklet.last_box for tracklet in tracklets])
    gaps_s = np.array([tracklet.gap_s(at) for tracklet in tracklets])
    missed = np.array([tracklet.missed for tracklet in tracklets])
    walking = _surprise(
        np.array([tracklet.filter.box for tracklet in tracklets]),
        np.array([tracklet.filter.spread for tracklet in tracklets]),
        boxes,
    )
    sway = np.array([tracklet.filter.spread_standing(matching.sway, tracklet.gap_s(at)) for tracklet in tracklets])
    standing = _surprise(last, sway, boxes) + matching.stop_cost
    standing[gaps_s > matching.stop_gap_s] = np.inf
    courses = np.array([tracklet.course for tracklet in tracklets])
    walking += matching.momentum * change_of_course(courses, last, boxes)
    costs: Array = np.minimum(walking, standing)
    costs += (matching.forgetting * gaps_s + matching.miss_cost * missed)[:, None]
    too_far: npt.NDArray[np.bool_] = centre_distance(last, boxes) > _SURE_DISTANCE + matching.reach * gaps_s[:, None]
    costs[too_far | (costs > matching.surprise)] = np.inf
    return costs


def _surprise(expected: Array, spread: Array, boxes: Array) -> Array:
    """Return float64 (T, N): squared distance of `boxes` in variances `spread` (T, 4), and the log of these variances
    in the sizes of the `expected` boxes (T, 4).
    """
    distances = ((boxes[None, :, :] - expected[:, None, :]) ** 2 / spread[:, None, :]).sum(axis=2)
    doubt: Array = np.log(spread / np.tile(expected[:, 2:], 2) ** 2).sum(axis=1)
    total: Array = distances + doubt[:, None]
    return total


def change_of_course(courses: Array, last: Array, boxes: Array) -> Array:
    """Return float64 (T, N) in [0, 1]: half a turn is 1; a detection that hardly moved has no course and costs 0.

    Observation-centric momentum (Cao et al., CVPR 2023): `courses` (T, 2) and `last` boxes (T, 4) are observed, not
    predicted; a track without a course has zeros.
    """
    ways = boxes[None, :, :2] - last[:, None, :2]
    lengths = np.hypot(ways[..., 0], ways[..., 1])
    cosines = (ways * courses[:, None, :]).sum(axis=2) / np.maximum(lengths, 1e-9)
    has_course = np.abs(courses).sum(axis=1)[:, None] > 0
    weight = np.minimum(lengths / np.maximum(last[:, None, 2], 1e-9), 1.0) * has_course
    angles: Array = np.arccos(np.clip(cosines, -1.0, 1.0)) / np.pi * weight
    return angles


def assign(costs: Array, limit: float) -> list[tuple[int, int]]:
    """Return the pairs (row, column) of the cheapest assignment, in which leaving a row alone costs `limit`.

    Pairs that cost `limit` or more are never made.
    """
    if costs.size == 0:
        return []
    rows, columns = linear_sum_assignment(np.minimum(costs, limit))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if costs[row, column] < limit]
