"""Visits at the border between two sources of one camera: the same person must not count once on either side.

Somebody who is in view when one source ends and another begins is seen by both. Who he was nobody can tell, but how
many: every visit of the other source explains at most one visit on this side, and as many as can be explained are left
out. Visits that no visit of the other source explains are people whom that source did not count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from db.writing.sources import JOINT
from footfall.local_time import Interval, overlap_s
from footfall.types import Visit


def inside(visit: Visit, claimed: Sequence[Interval]) -> bool:
    """Tell whether somebody was in view in claimed time only."""
    length_s = (visit.left_at - visit.entered_at).total_seconds()
    if length_s == 0:
        return any(one.start <= visit.entered_at < one.end for one in claimed)
    return overlap_s(visit.entered_at, visit.left_at, claimed) >= length_s


def at_border(visit: Visit, claimed: Sequence[Interval]) -> bool:
    """Tell whether somebody was in view in claimed time, or within a joint of it."""
    return any(visit.entered_at <= one.end + JOINT and visit.left_at >= one.start - JOINT for one in claimed)


def explained(visits: Sequence[Visit], counted: Sequence[Interval]) -> list[Visit]:
    """Return the visits that `counted`, the times of other visits, can explain, each of them one: as many as possible.

    Two visits can be the same person when they overlap, or follow each other within a joint. The assignment is the
    largest there is (Kuhn 1955, as scipy solves it).
    """
    from scipy.optimize import linear_sum_assignment  # takes long to load

    may_be = np.array(
        [[v.entered_at <= other.end + JOINT and v.left_at >= other.start - JOINT for other in counted] for v in visits],
        np.float64,
    ).reshape(len(visits), len(counted))
    rows, columns = linear_sum_assignment(may_be, maximize=True)
    return [visits[int(row)] for row, column in zip(rows, columns, strict=True) if may_be[row, column]]
