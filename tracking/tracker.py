"""Follows people through the frames of one camera, from detections and their times alone.

Kalman filter and assignment are SORT's (Bewley et al., ICIP 2016); the second pass, in which weak detections may
continue a track but never start one, is ByteTrack's (Zhang et al., ECCV 2022); momentum and re-update after an
occlusion are OC-SORT's (Cao et al., CVPR 2023). Lifetimes are seconds and gates are box sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from footfall.types import Detections, require_aware
from tracking.association import assign, pair_costs
from tracking.boxes import Array, to_centres
from tracking.options import TrackerOptions
from tracking.stitching import predecessor
from tracking.tracklet import Tracklet
from tracking.tracks import Track, Tracks


class Tracker:
    """One camera's tracker. Ids ascend from 1, belong to this instance and are never given twice."""

    def __init__(self, options: TrackerOptions | None = None) -> None:
        self._options = options or TrackerOptions()
        self._next_id = 1
        self._tracklets: list[Tracklet] = []
        self._at: datetime | None = None

    def update(self, detections: Detections, at: datetime) -> Tracks:
        """Match `detections`, seen at the aware time `at`, to the people followed so far.

        A time before that of the last frame (a clock that was set back) ends all tracks, like a cut.
        """
        require_aware(at)
        if self._at is not None and at < self._at:
            cut = self.end_all()
            return Tracks(self.update(detections, at).active, cut.ended)
        step_s = 0.0 if self._at is None else (at - self._at).total_seconds()
        self._at = at
        ended = self._drop_overdue(at)
        for tracklet in self._tracklets:
            tracklet.predict(step_s)
        order = _canonical_order(detections)
        boxes = to_centres(detections.boxes)
        free = self._match(boxes, detections, order, at)
        self._start(boxes, detections, free, at)
        self._confirm()
        return Tracks(tuple(t.snapshot() for t in self._tracklets if t.id is not None), ended)

    def end_all(self) -> Tracks:
        """End every track: a hard scene cut, or the end of the stream. Ids go on ascending."""
        ended = tuple(tracklet.snapshot() for tracklet in self._tracklets if tracklet.id is not None)
        self._tracklets = []
        self._at = None
        return Tracks((), ended)

    def reset(self) -> None:
        """Forget everything, ids too, as if the instance were new."""
        self._tracklets = []
        self._at = None
        self._next_id = 1

    def _drop_overdue(self, at: datetime) -> tuple[Track, ...]:
        ended: list[Track] = []
        kept: list[Tracklet] = []
        for tracklet in self._tracklets:
            limit_s = self._options.confirmation.gap_s if tracklet.id is None else self._options.max_gap_s
            if tracklet.gap_s(at) <= limit_s:
                kept.append(tracklet)
            elif tracklet.id is not None:
                tracklet.row = None
                ended.append(tracklet.snapshot())
        self._tracklets = kept
        return tuple(ended)

    def _match(self, boxes: Array, detections: Detections, order: list[int], at: datetime) -> list[int]:
        options = self._options
        strong = [row for row in order if detections.scores[row] >= options.high_score]
        weak = [row for row in order if options.low_score <= detections.scores[row] < options.high_score]
        self._match_rows(self._tracklets, boxes, detections, strong, at)
        waiting = [tracklet for tracklet in self._tracklets if tracklet.row is None]
        self._match_rows(waiting, boxes, detections, weak, at)
        taken = {tracklet.row for tracklet in self._tracklets}
        return [row for row in strong if row not in taken]

    def _match_rows(
        self, tracklets: Sequence[Tracklet], boxes: Array, detections: Detections, rows: list[int], at: datetime
    ) -> None:
        if not tracklets or not rows:
            return
        matching = self._options.matching
        costs = pair_costs(tracklets, boxes[rows], at, matching)
        for index, column in assign(costs, matching.surprise):
            row = rows[column]
            tracklets[index].match(boxes[row], float(detections.scores[row]), at, row)

    def _start(self, boxes: Array, detections: Detections, free: list[int], at: datetime) -> None:
        for row in free:
            self._tracklets.append(Tracklet(boxes[row], float(detections.scores[row]), at, row, self._options))

    def _confirm(self) -> None:
        ripe = [tracklet for tracklet in self._tracklets if tracklet.id is None and tracklet.is_ripe]
        for tracklet in ripe:
            self._name(tracklet)

    def _name(self, fresh: Tracklet) -> None:
        lost = [tracklet for tracklet in self._tracklets if tracklet.id is not None and tracklet.row is None]
        before = predecessor(fresh, lost, self._options)
        if before is None:
            fresh.id = self._next_id
            self._next_id += 1
            return
        fresh.continue_from(before)
        self._tracklets = [tracklet for tracklet in self._tracklets if tracklet is not before]


def _canonical_order(detections: Detections) -> list[int]:
    """Return the rows in an order that depends on the boxes alone, so that a detector's order changes no id."""
    boxes = detections.boxes
    keys = (boxes[:, 3], boxes[:, 2], boxes[:, 1], boxes[:, 0], -detections.scores)
    return [int(row) for row in np.lexsort(keys)]
