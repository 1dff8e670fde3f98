"""Average precision and recall of detections, with faces outside the size range ignored (as COCO does it)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footfall.types import Detections
from training.detector.samples import Floats, side_px
from training.detector.teacher import overlap

MATCH_IOU = 0.5


@dataclass(frozen=True, slots=True)
class Matched:
    """Detections of many pictures against their faces.

    `scores` float32 (D,) and `true` bool (D,) of the detections that count; `face_sides` (F,) in pixels and
    `face_scores` (F,),
    the score of the detection that found each face, -1 where none did, for all faces whatever their size.
    """

    scores: Floats
    true: NDArray[np.bool_]
    face_sides: Floats
    face_scores: Floats


def match_picture(faces: Detections, boxes: Floats, smallest_px: float, ignored: Floats | None = None) -> Matched:
    """Match detections, best first, each to the free face it overlaps most (at least by half).

    Detections of faces below `smallest_px`, and unmatched detections below it or with their middle in an `ignored`
    region (K, 4), count neither as true nor as false.
    """
    sides = side_px(boxes)
    found = np.full(len(boxes), -1.0, np.float32)
    iou = overlap(faces.boxes, boxes)
    true = np.zeros(len(faces.scores), np.bool_)
    counted = side_px(faces.boxes) >= smallest_px
    if ignored is not None and len(ignored):
        middle = (faces.boxes[:, None, :2] + faces.boxes[:, None, 2:]) / 2
        within = (middle > ignored[None, :, :2]) & (middle < ignored[None, :, 2:])
        counted &= ~np.any(np.all(within, axis=2), axis=1)
    for index, score in enumerate(faces.scores):
        free = np.where(found < 0, iou[index], 0.0)
        if len(free) and free.max() >= MATCH_IOU:
            face = int(free.argmax())
            found[face] = score
            true[index] = True
            counted[index] = sides[face] >= smallest_px
    return Matched(faces.scores[counted], true[counted], sides, found)


def join(parts: list[Matched]) -> Matched:
    """Join the results of several pictures."""
    return Matched(
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.true for part in parts]),
        np.concatenate([part.face_sides for part in parts]),
        np.concatenate([part.face_scores for part in parts]),
    )


def average_precision(matched: Matched, smallest_px: float) -> float:
    """Return the area under the precision-recall curve, precision made monotone (VOC 2010 onwards)."""
    order = np.argsort(-matched.scores, kind="stable")
    hits = np.cumsum(matched.true[order])
    recall = hits / max(1, int((matched.face_sides >= smallest_px).sum()))
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * envelope))


def threshold_at_precision(matched: Matched, precision: float) -> float:
    """Return the lowest score at which at least `precision` of the detections are faces (1.0 when none does)."""
    order = np.argsort(-matched.scores, kind="stable")
    reached = np.cumsum(matched.true[order]) / np.arange(1, len(order) + 1) >= precision
    return float(matched.scores[order][np.flatnonzero(reached)[-1]]) if reached.any() else 1.0


def threshold_at_recall(matched: Matched, smallest_px: float, recall: float) -> float:
    """Return the highest score from which on `recall` of the faces from `smallest_px` are found (0 when never)."""
    scores = np.unique(matched.scores[matched.true])[::-1]
    reached = (score for score in scores if recall_between(matched, smallest_px, np.inf, score)[0] >= recall)
    return float(next(reached, 0.0))


def recall_between(matched: Matched, low_px: float, high_px: float, threshold: float) -> tuple[float, int]:
    """Return recall at `threshold` of the faces from `low_px` to below `high_px`, and how many those are."""
    chosen = (matched.face_sides >= low_px) & (matched.face_sides < high_px)
    count = int(chosen.sum())
    return (float((matched.face_scores[chosen] >= threshold).mean()) if count else float("nan")), count
