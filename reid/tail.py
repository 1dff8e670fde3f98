"""Learns from the day itself how far the tail of the strangers' scores reaches at this site."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reid.pair_model import KNEE, Cue

Numbers = npt.NDArray[np.float64]
NARROWEST, WIDEST, FACTORS = 0.7, 1.7, 31
WEIGHT = 0.05  # of a pair: two pairs that share a visit say the same in part
STEPS = 40


def fit_tail(cue: Cue, histogram: Numbers) -> tuple[float, float]:
    """Return by which factor the strangers' tail reaches farther than in the calibration, and the share of same pairs.

    `histogram` float64 (T,) counts the day's pairs at the scores of the cue's tables. They are a mixture of strangers,
    whose tail has that factor, and of pairs of one person, few and of a known density (maximum likelihood, the factor
    near 1 beforehand).
    """
    tail = cue.scores > KNEE
    seen, total = histogram[tail], float(histogram.sum())
    if not total:
        return 1.0, 0.0
    same = cue.same[tail] * cue.step
    best, found = -np.inf, (1.0, 0.0)
    for factor in np.exp(np.linspace(np.log(NARROWEST), np.log(WIDEST), FACTORS)).tolist():
        strangers = cue.stretched(factor)[tail] * cue.step + 1e-300
        share = _share(seen, strangers, same, total)
        expected = total * (share * same + (1.0 - share) * strangers)
        likelihood = WEIGHT * float((seen * np.log(expected) - expected).sum()) - 0.5 * (np.log(factor) / 0.15) ** 2
        if likelihood > best:
            best, found = likelihood, (factor, share)
    return found


def _share(seen: Numbers, strangers: Numbers, same: Numbers, total: float) -> float:
    """Return which share of all pairs are one person's, by EM over those in the tail."""
    share = 1e-4
    for _ in range(STEPS):
        part = share * same / (share * same + (1.0 - share) * strangers)
        share = min(max(float((seen * part).sum()) / (total * float(same.sum())), 1e-9), 0.5)
    return share
