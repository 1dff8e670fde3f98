"""One person while the tracker follows them: the mutable state behind a `Track`."""

from __future__ import annotations

from collections import deque
from datetime import datetime

import numpy as np

from footfall.types import Track
from tracking.boxes import Array, to_corners
from tracking.kalman import BoxFilter
from tracking.options import TrackerOptions

_MAX_REPLAYED_STEPS = 12
_OBSERVATIONS = 5


class Tracklet:
    """A hypothesis that one person is in view; `id` is None until it is confirmed."""

    def __init__(self, box: Array, score: float, at: datetime, row: int, options: TrackerOptions) -> None:
        self.id: int | None = None
        self.filter = BoxFilter(box, options)
        self.first_seen = self.last_seen = at
        self.hits = 1
        self.score = score
        self.row: int | None = row
        self.observed: deque[tuple[datetime, Array]] = deque([(at, box)], maxlen=_OBSERVATIONS)
        self._state_when_seen = self.filter.state()
        self._coasted_steps: list[float] = []

    def gap_s(self, at: datetime) -> float:
        """Return the seconds since the last match."""
        return (at - self.last_seen).total_seconds()

    def predict(self, step_s: float) -> None:
        """Move `step_s` seconds ahead; no detection belongs to the track until `match` says so."""
        self.row = None
        self.filter.predict(step_s)
        self._coasted_steps.append(step_s)

    def match(self, box: Array, score: float, at: datetime, row: int) -> None:
        """Take the detection in row `row` as this person.

        After a gap the filter goes back to where the person was last seen and walks the straight line to where they
        are now, so that the error of the blind time does not stay in the velocity (observation-centric re-update,
        Cao et al., "Observation-Centric SORT", CVPR 2023).
        """
        if len(self._coasted_steps) > 1:
            self._walk_again(box)
        self.filter.update(box)
        self._state_when_seen = self.filter.state()
        self._coasted_steps.clear()
        self.observed.append((at, box))
        self.last_seen = at
        self.hits += 1
        self.score = score
        self.row = row

    def course(self) -> Array:
        """Return the unit vector of the way between the oldest and newest kept observation, or zeros, float64 (2,)."""
        way: Array = self.observed[-1][1][:2] - self.observed[0][1][:2]
        length = float(np.hypot(way[0], way[1]))
        direction: Array = way / length if length > 0 else np.zeros(2)
        return direction

    def snapshot(self) -> Track:
        """Return the border type of this track, which must be confirmed."""
        if self.id is None:
            raise ValueError("an unconfirmed track has no id to report")
        box = to_corners(self.filter.box)[0].astype(np.float32)
        return Track(self.id, box, self.score, self.first_seen, self.last_seen, self.hits, self.row)

    def _walk_again(self, box: Array) -> None:
        steps = self._coasted_steps
        if len(steps) > _MAX_REPLAYED_STEPS:
            steps = [sum(steps) / _MAX_REPLAYED_STEPS] * _MAX_REPLAYED_STEPS
        start, total_s, passed_s = self.observed[-1][1], sum(steps), 0.0
        self.filter.restore(self._state_when_seen)
        for step_s in steps[:-1]:
            passed_s += step_s
            self.filter.predict(step_s)
            self.filter.update(start + (box - start) * (passed_s / total_s if total_s > 0 else 1.0))
        self.filter.predict(steps[-1])
