"""Time in the mall as rows of a chart; pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.wording import duration
from reid.types import STAY_BUCKET_MINUTES

BAR_BUCKETS = 3
LONGEST_MINUTES = 240


def stays_frame(histogram: Sequence[float]) -> pd.DataFrame:
    """Return `length` (where a bar begins, in words) and `people`, a quarter of an hour a bar, the last one open.

    histogram: people by STAY_BUCKET_MINUTES.
    """
    width = BAR_BUCKETS * STAY_BUCKET_MINUTES
    bars = LONGEST_MINUTES // width
    people = [sum(histogram[bar * BAR_BUCKETS : (bar + 1) * BAR_BUCKETS]) for bar in range(bars)]
    lengths = [duration(60 * width * bar) if bar else "0 min" for bar in range(bars)]
    rest = sum(histogram[bars * BAR_BUCKETS :])
    return pd.DataFrame({"length": [*lengths, f"{duration(60 * LONGEST_MINUTES)} +"], "people": [*people, rest]})
