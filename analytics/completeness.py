"""How much of the opening hours was really observed, and whether that is enough to call a number complete."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

# A reconnect and a restart a day pass; ten minutes of a long day do not.
COMPLETE_SHARE = 0.99
FLOAT_NOISE = 1e-9


def observed_share(observed_open_s: float, open_s: float) -> float | None:
    """Return the share in [0, 1] of the opening time that was observed, cut (never rounded up) to four digits.

    None when there was no opening time: the mall was closed, or no camera was to be there.
    """
    if open_s <= 0:
        return None
    return min(1.0, math.floor((observed_open_s / open_s + FLOAT_NOISE) * 10_000) / 10_000)


def is_complete(share: float | None) -> bool:
    """Return whether a number with this observed share may be read without a warning; a closed mall is complete."""
    return share is None or share >= COMPLETE_SHARE


def completeness(observation: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return `by`, observed_share (float, NaN when closed) and complete (bool), one row for each value of `by`.

    observation: columns `by`, open_s and observed_open_s, as db.observation gives them.
    """
    sums = observation.groupby(list(by), sort=True)[["open_s", "observed_open_s"]].sum().reset_index()
    shares = [
        observed_share(seen, opened) for seen, opened in zip(sums["observed_open_s"], sums["open_s"], strict=True)
    ]
    complete = [is_complete(share) for share in shares]
    return sums[list(by)].assign(observed_share=pd.Series(shares, dtype="float64"), complete=complete)
