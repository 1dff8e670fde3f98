"""Scores of a tracker's output against the truth, by trackeval: MOTA (CLEAR) and IDF1 (Identity), IoU 0.5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracking.boxes import Array, iou


@dataclass(frozen=True, slots=True)
class LabelledBoxes:
    """The boxes of one frame and whose they are: `ids` (N,), `boxes` float64 (N, 4) xyxy px."""

    ids: list[int]
    boxes: Array


@dataclass(frozen=True, slots=True)
class Scores:
    """MOTA and IDF1 in percent, and how many ids were handed out for how many true people."""

    mota: float
    idf1: float
    people: int
    ids: int
    switches: int

    @property
    def ids_per_person(self) -> float:
        """Ids handed out for each true person; 1 is perfect."""
        return self.ids / max(self.people, 1)


def score(truth: Sequence[LabelledBoxes], output: Sequence[LabelledBoxes]) -> Scores:
    """Return the scores of `output` against `truth`, both with one entry a frame."""
    from trackeval.metrics.clear import CLEAR
    from trackeval.metrics.identity import Identity

    data = _as_trackeval(truth, output)
    clear = CLEAR({"PRINT_CONFIG": False}).eval_sequence(data)
    identity = Identity({"PRINT_CONFIG": False}).eval_sequence(data)
    return Scores(
        mota=100 * float(clear["MOTA"]),
        idf1=100 * float(identity["IDF1"]),
        people=data["num_gt_ids"],
        ids=data["num_tracker_ids"],
        switches=int(clear["IDSW"]),
    )


def _as_trackeval(truth: Sequence[LabelledBoxes], output: Sequence[LabelledBoxes]) -> dict[str, Any]:
    true_ids, true_count = _dense_ids(truth)
    given_ids, given_count = _dense_ids(output)
    return {
        "num_timesteps": len(truth),
        "num_gt_ids": true_count,
        "num_tracker_ids": given_count,
        "num_gt_dets": sum(len(ids) for ids in true_ids),
        "num_tracker_dets": sum(len(ids) for ids in given_ids),
        "gt_ids": true_ids,
        "tracker_ids": given_ids,
        "similarity_scores": [iou(left.boxes, right.boxes) for left, right in zip(truth, output, strict=True)],
    }


def _dense_ids(frames: Sequence[LabelledBoxes]) -> tuple[list[np.ndarray[Any, np.dtype[np.intp]]], int]:
    known = {identity: index for index, identity in enumerate(sorted({i for frame in frames for i in frame.ids}))}
    return [np.array([known[i] for i in frame.ids], np.intp) for frame in frames], len(known)
