"""Plain SORT as published, the baseline that a user would write by hand.

Bewley, Ge, Ott, Ramos, Upcroft, "Simple Online and Realtime Tracking", ICIP 2016: constants, matrices and lifecycle
are those of the authors' program; everything counts frames, and two boxes belong together when they overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from filterpy.kalman import KalmanFilter
from scipy.optimize import linear_sum_assignment

from tracking.boxes import Array, iou


@dataclass(frozen=True, slots=True)
class SortBox:
    """One reported box: id from 1, float64 (4,) xyxy px, and the row of the detection it was matched to."""

    id: int
    box: Array
    detection: int


class SortTracker:
    """SORT with the published options: a lost track ends after `max_age` frames, a new one waits `min_hits`."""

    def __init__(self, max_age: int = 1, min_hits: int = 3, min_iou: float = 0.3) -> None:
        self._max_age, self._min_hits, self._min_iou = max_age, min_hits, min_iou
        self._tracks: list[_SortTrack] = []
        self._frames = 0
        self._next_id = 1

    def update(self, boxes: npt.ArrayLike) -> list[SortBox]:
        """Take the boxes (N, 4) xyxy px of the next frame and return the reported tracks matched in it."""
        found = np.asarray(boxes, np.float64).reshape(-1, 4)
        self._frames += 1
        predicted = np.array([track.predict() for track in self._tracks]).reshape(-1, 4)
        overlap = iou(predicted, found)
        taken = set()
        rows, columns = linear_sum_assignment(-overlap)
        for index, row in zip(rows.tolist(), columns.tolist(), strict=True):
            if overlap[index, row] >= self._min_iou:
                self._tracks[index].match(found[row], row)
                taken.add(row)
        for row in range(len(found)):
            if row not in taken:
                self._tracks.append(_SortTrack(found[row], row, self._next_id))
                self._next_id += 1
        reported = [
            SortBox(track.id, track.box(), track.row)
            for track in self._tracks
            if track.unseen == 0 and (track.streak >= self._min_hits or self._frames <= self._min_hits)
        ]
        self._tracks = [track for track in self._tracks if track.unseen <= self._max_age]
        return reported


class _SortTrack:
    def __init__(self, box: Array, row: int, identity: int) -> None:
        self.id, self.row = identity, row
        self.unseen = self.streak = 0
        self._filter = KalmanFilter(dim_x=7, dim_z=4)
        self._filter.F = np.eye(7) + np.eye(7, k=4)
        self._filter.H = np.eye(4, 7)
        self._filter.R[2:, 2:] *= 10.0
        self._filter.P[4:, 4:] *= 1000.0
        self._filter.P *= 10.0
        self._filter.Q[-1, -1] *= 0.01
        self._filter.Q[4:, 4:] *= 0.01
        self._filter.x[:4] = _to_measurement(box)

    def predict(self) -> Array:
        if self._filter.x[6, 0] + self._filter.x[2, 0] <= 0:
            self._filter.x[6, 0] = 0.0
        self._filter.predict()
        if self.unseen > 0:
            self.streak = 0
        self.unseen += 1
        return self.box()

    def match(self, box: Array, row: int) -> None:
        self.unseen = 0
        self.streak += 1
        self.row = row
        self._filter.update(_to_measurement(box))

    def box(self) -> Array:
        x, y, area, ratio = self._filter.x[:4, 0]
        width = np.sqrt(max(area * ratio, 1e-9))
        height = area / width
        corners: Array = np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
        return corners


def _to_measurement(box: Array) -> Array:
    width, height = box[2] - box[0], box[3] - box[1]
    values = [box[0] + width / 2, box[1] + height / 2, width * height, width / height]
    column: Array = np.array(values, np.float64).reshape(4, 1)
    return column
