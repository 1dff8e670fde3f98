"""One person while the tracker follows them: the mutable state behind a `Track`."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from math import exp, hypot, log

import numpy as np

from tracking.boxes import Array
from tracking.kalman import BoxFilter
from tracking.options import TrackerOptions
from tracking.tracks import Track

_MAX_REPLAYED_STEPS = 12
_COURSE_OBSERVATIONS = 4
_SUREST_SCORE = 0.999


class Tracklet:
    """A hypothesis that one person is in view; `id` is None until it is confirmed.

    Boxes are float64 (4,): centre x, centre y, width, height in pixels.
    """

    def __init__(self, box: Array, score: float, at: datetime, row: int, options: TrackerOptions) -> None:
        self.id: int | None = None
        self.filter = BoxFilter(box, options.motion)
        self.first_seen = self.last_seen = self.began_at = at
        self.first_box = self.last_box = box
        self.course: Array = np.zeros(2)
        self.hits = 1
        self.sure_hits = int(score >= options.sure_score)
        self.score = self.belief = score
        self.evidence = log_odds(score)
        self.row: int | None = row
        self._options = options
        self._fresh_weight = 1.0
        self._centres: deque[Array] = deque([box[:2]], maxlen=_COURSE_OBSERVATIONS)
        self._steps_since_seen: list[float] = []
        self._keep_state()

    @property
    def missed(self) -> bool:
        """Whether the frame before this one had no detection of the person."""
        return len(self._steps_since_seen) > 1

    @property
    def is_ripe(self) -> bool:
        """Whether enough was seen to confirm the track."""
        needs = self._options.confirmation
        seen_s = (self.last_seen - self.began_at).total_seconds()
        is_proven = needs.evidence is not None and self.evidence >= needs.evidence
        is_steady = self.hits >= needs.min_hits and seen_s >= needs.after_s
        return (is_proven or is_steady) and self.belief >= needs.min_belief

    def gap_s(self, at: datetime) -> float:
        """Return the seconds since the last match."""
        return (at - self.last_seen).total_seconds()

    def predict(self, step_s: float) -> None:
        """Move `step_s` seconds ahead; no detection belongs to the track until `match` says so."""
        self.row = None
        self.filter.predict(step_s)
        self._steps_since_seen.append(step_s)
        kept = exp(-step_s / self._options.confirmation.belief_s)
        self._fresh_weight = 1 - kept
        self.belief *= kept

    def match(self, box: Array, score: float, at: datetime, row: int) -> None:
        """Take the detection in row `row` as this person.

        After a gap the filter goes back to where the person was last seen and walks the straight line to where they
        are now, so that the error of the blind time does not stay in the velocity (observation-centric re-update,
        Cao et al., "Observation-Centric SORT", CVPR 2023).
        """
        if self.missed:
            self._walk_again(box)
        if self._has_stopped(box):
            self.filter.stop(box)
        else:
            self.filter.update(box)
        self._keep_state()
        self._steps_since_seen.clear()
        self._turn(box)
        self.last_box, self.last_seen = box, at
        self.hits += 1
        self.sure_hits += score >= self._options.sure_score
        self.score, self.row = score, row
        self.belief += self._fresh_weight * score
        self.evidence += log_odds(score)

    def continue_from(self, lost: Tracklet) -> None:
        """Take over the id and the history of `lost`, which turned out to be the same person."""
        self.id = lost.id
        self.first_seen = lost.first_seen
        self.hits += lost.hits
        self.sure_hits += lost.sure_hits

    def snapshot(self) -> Track:
        """Return the border type of this track, which must be confirmed."""
        if self.id is None:
            raise ValueError("an unconfirmed track has no id to report")
        x, y, width, height = self.filter.box
        box = np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2], np.float32)
        seen = (self.first_seen, self.last_seen, self.hits, self.sure_hits)
        across, down = self.filter.velocity.tolist()
        return Track(self.id, box, self.score, *seen, self.row, (across, down))

    def _has_stopped(self, box: Array) -> bool:
        """Return whether `box` is where the person was last seen rather than where they were going."""
        to_last, to_goal = np.abs(box[:2] - self.last_box[:2]).sum(), np.abs(box[:2] - self.filter.box[:2]).sum()
        return bool(to_last < to_goal) and self.filter.is_surprised_by(box)

    def _turn(self, box: Array) -> None:
        self._centres.append(box[:2])
        way = box[:2] - self._centres[0]
        length = hypot(way[0], way[1])
        self.course = way / length if length > 0 else np.zeros(2)

    def _keep_state(self) -> None:
        self._state_when_seen = self.filter.state()
        self.box_when_seen = self.filter.box
        self.velocity_when_seen = self.filter.velocity

    def _walk_again(self, box: Array) -> None:
        steps = self._steps_since_seen
        total_s, passed_s = sum(steps), 0.0
        if len(steps) > _MAX_REPLAYED_STEPS:
            steps = [total_s / _MAX_REPLAYED_STEPS] * _MAX_REPLAYED_STEPS
        self.filter.restore(self._state_when_seen)
        for step_s in steps[:-1]:
            passed_s += step_s
            share = passed_s / total_s if total_s > 0 else 1.0
            self.filter.predict(step_s)
            self.filter.update(self.last_box + (box - self.last_box) * share)
        self.filter.predict(steps[-1])


def log_odds(score: float) -> float:
    """Return the natural log of the odds of `score`, from 0 at one half (and below) to 6.9 at 0.999 (and above)."""
    sure = min(max(score, 0.5), _SUREST_SCORE)
    return log(sure / (1 - sure))
