"""From the looks of two teachers and what somebody annotated to labels: faces, and regions where nobody can say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.crowds import SETS, CrowdSet, Kind
from training.detector.looks import Look, load_looks
from training.detector.pool import Pool
from training.detector.samples import Floats, Labels, side_px
from training.detector.teacher import add_landmarks, overlap

ALONE_SCORE = 0.85  # the first teacher needs no second
IN_HEAD_SCORE = 0.65  # where somebody annotated a head
TOGETHER_SCORE = 1.0  # sum of both scores on one face
EITHER_SCORE = 0.3
DOUBTFUL_ALONE = 0.5
SAME_FACE_IOU = 0.4
SAME_BOX_IOU = 0.55  # an annotated box that is drawn as tightly as the teachers' is kept
NEAR_IOU = 0.2
CROWDS = ("wider", "scut-head", "body-head", "mask-ilc", "mask-macwin", "mask-adityap", "mask-praveen")
PORTRAITS = ("celeba", "fairface", "all-age-faces")
SMALLEST_SURE_HEAD_PX = 16.0  # a head below it may have a face that no teacher sees


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which of the first teacher's faces are faces, and which faces of either teacher are doubtful."""

    certain: NDArray[np.bool_]
    doubtful: Floats


def judge(look: Look, heads: Floats | None = None) -> Verdict:
    """Compare the teachers: agreement is a face, one's word alone is doubtful, a faint word of one is nothing.

    In an annotated head of `heads` (N, 4) the first teacher needs to be less sure.
    """
    first, second = look.first, look.second
    iou = overlap(first.boxes, second.boxes)
    support = np.where(iou >= SAME_FACE_IOU, second.scores[None], 0).max(axis=1, initial=0.0)
    agreed = (first.scores >= EITHER_SCORE) & (support >= EITHER_SCORE) & (first.scores + support >= TOGETHER_SCORE)
    alone = np.full(len(first.scores), ALONE_SCORE)
    if heads is not None:
        alone[_lie_in(first.boxes, heads)] = IN_HEAD_SCORE
    certain = agreed | (first.scores >= alone)
    doubtful = ~certain & ((first.scores >= DOUBTFUL_ALONE) | ((first.scores >= EITHER_SCORE) & (support > 0)))
    matched = overlap(second.boxes, first.boxes[certain]).max(axis=1, initial=0.0) >= NEAR_IOU
    lone = (second.scores >= EITHER_SCORE) & ~matched
    return Verdict(certain, np.concatenate([first.boxes[doubtful], second.boxes[lone]]))


def label_look(look: Look, kind: Kind) -> Labels:
    """Return the labels of one photograph, by what its annotated boxes enclose."""
    if kind == "every face":
        return _add_ignored(look)
    verdict = judge(look, look.annotated if kind == "heads" else None)
    boxes, landmarks = look.first.boxes[verdict.certain], look.first.landmarks[verdict.certain]
    if kind == "faces":
        return _join_annotated(look.annotated, boxes, landmarks, verdict.doubtful)
    if kind == "heads":
        return _join_heads(look.annotated, boxes, landmarks, verdict)
    return Labels(boxes, landmarks, verdict.doubtful)


def _add_ignored(look: Look) -> Labels:
    """Keep annotated faces as they are; what the first teacher alone sees may be a drawing or a face left out."""
    labels = add_landmarks(look.annotated, look.first.select(look.first.scores >= DOUBTFUL_ALONE))
    return Labels(labels.boxes, labels.landmarks, np.concatenate([look.ignored, labels.ignored]))


def _join_annotated(annotated: Floats, boxes: Floats, landmarks: Floats, doubtful: Floats) -> Labels:
    """Keep annotated faces; where a teacher draws one otherwise, the teacher's box counts, that sizes stay alike."""
    iou = overlap(annotated, boxes)
    best = iou.argmax(axis=1) if iou.size else np.zeros(len(annotated), np.intp)
    matched = iou.max(axis=1, initial=0.0)
    known = matched >= NEAR_IOU
    joined, marks = boxes.copy(), landmarks
    keep = matched >= SAME_BOX_IOU
    joined[best[keep]] = annotated[keep]
    unseen = np.full((int((~known).sum()), 5, 2), np.nan, np.float32)
    extra = annotated[~known].reshape(-1, 4)
    apart = overlap(doubtful, extra).max(axis=1, initial=0.0) < SAME_FACE_IOU
    return Labels(np.concatenate([joined, extra]), np.concatenate([marks, unseen]), doubtful[apart])


def _join_heads(heads: Floats, boxes: Floats, landmarks: Floats, verdict: Verdict) -> Labels:
    """A head without a face is background when it is large enough to have shown one, and nobody doubts it."""
    small = heads[side_px(heads) < SMALLEST_SURE_HEAD_PX]
    faceless = small[~holds(small, boxes)]
    return Labels(boxes, landmarks, np.concatenate([verdict.doubtful, faceless]).astype(np.float32))


def holds(regions: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """Say of each region (N, 4) whether the middle of a box (M, 4) lies in it."""
    return np.asarray(_inside(regions, boxes).any(axis=1), np.bool_)


def _lie_in(boxes: Floats, regions: Floats) -> NDArray[np.bool_]:
    return np.asarray(_inside(regions, boxes).any(axis=0), np.bool_)


def _inside(regions: Floats, boxes: Floats) -> NDArray[np.bool_]:
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    inside = (middle[None] > regions[:, None, :2]) & (middle[None] < regions[:, None, 2:])
    return np.asarray(inside.all(axis=2), np.bool_)


def crowd_set(name: str) -> CrowdSet:
    """Return the set of that name."""
    return next(crowd for crowd in SETS if crowd.name == name)


def load_crowd(names: tuple[str, ...], folder: Path, part: str = "train") -> list[Pool]:
    """Return one pool of labelled photographs of `part` for each of the sets that was prepared."""
    return [_load_set(crowd_set(name), folder, part) for name in names if (folder / f"{name}.npz").is_file()]


def _load_set(crowd: CrowdSet, folder: Path, part: str) -> Pool:
    offsets, shapes, labels = [], [], []
    start = 0
    for look in load_looks(crowd.name, folder):
        if look.part == part:
            found = label_look(look, crowd.kind)
            if len(found.boxes):
                offsets.append(start)
                shapes.append(look.image.shape[:2])
                labels.append(found)
        start += look.image.size
    pixels = np.memmap(folder / f"{crowd.name}.pixels", np.uint8, mode="r")
    return Pool(pixels, np.array(offsets, np.int64), np.array(shapes, np.int64).reshape(-1, 2), tuple(labels))
