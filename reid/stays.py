"""How long people stayed: pairs of an arrival and a later outgoing visit that are one person's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reid.types import STAY_BUCKET_MINUTES, STAY_BUCKETS

Numbers = npt.NDArray[np.float64]


def stay_histogram(stays_s: Numbers, weights: Numbers) -> tuple[float, ...]:
    """Return how many stays are that long, each weighed, by STAY_BUCKET_MINUTES; the last bucket is open."""
    buckets = np.minimum((stays_s / (60 * STAY_BUCKET_MINUTES)).astype(np.intp), STAY_BUCKETS - 1)
    return tuple(np.bincount(buckets, weights, STAY_BUCKETS).tolist())
