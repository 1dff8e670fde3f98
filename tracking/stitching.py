"""Gives a newly confirmed track the id of the one that was lost just before, where both can be one person.

When a hidden person comes out on another side than foreseen, association finds no match and a second track begins.
By the time it is confirmed it has shown several boxes, so where it came from can be judged better than frame by
frame. This is the linking of tracklets of Huang et al. ("Robust Object Tracking by Hierarchical Association of
Detection Responses", ECCV 2008), done online: only what is already known decides, and no id is ever taken back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tracking.options import TrackerOptions
from tracking.tracklet import Tracklet


def predecessor(fresh: Tracklet, lost: Sequence[Tracklet], options: TrackerOptions) -> Tracklet | None:
    """Return the track of `lost` that `fresh` continues best, or None.

    It must have ended before `fresh` began, within `stitch_gap_s`, and its straight course must lead to within
    `stitch_reach` box sizes of where `fresh` began, at nearly the same size.
    """
    best: Tracklet | None = None
    best_distance = options.stitch_reach
    first_at, first_box = fresh.began_at, fresh.first_box
    for tracklet in lost:
        gap_s = (first_at - tracklet.last_seen).total_seconds()
        if not 0 < gap_s <= options.stitch_gap_s:
            continue
        box, velocity = tracklet.box_when_seen, tracklet.velocity_when_seen
        sizes = (box[2:] + first_box[2:]) / 2
        miss = (first_box[:2] - box[:2] - velocity * gap_s) / sizes
        growth = float(np.abs(np.log(first_box[2:] / box[2:])).max())
        distance = float(np.hypot(miss[0], miss[1])) + growth
        if distance <= best_distance:
            best, best_distance = tracklet, distance
    return best
