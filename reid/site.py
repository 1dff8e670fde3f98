"""Learns from the day itself how far the tail of the strangers' scores reaches at this site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.pair_model import Cue

Numbers = npt.NDArray[np.float64]
FACTORS = np.exp(np.linspace(np.log(0.7), np.log(1.7), 23))
FACTOR_DEVIATION = 0.15  # of the logarithm, from one crowd to another
WEIGHT = 0.05  # of a pair: two pairs that share a visit say the same in part
MOST_OWN = 3.0  # of a visit's pairs that are its own person's, on average over the day
STEPS = 20


@dataclass(frozen=True, slots=True)
class Site:
    """`factor` by which the strangers' tail reaches farther than in the calibration, and the `share` of pairs that are
    one person's."""

    factor: float = 1.0
    share: float = 0.0


def fit_site(cue: Cue, histogram: Numbers, visits: int) -> Site:
    """Return what fits the pairs of that many `visits` best, `histogram` float64 (T,) counting them by score.

    They are a mixture of strangers and a few pairs of one person; beyond the foot of the tail its likelihood is
    maximised, the factor being near 1 beforehand.
    """
    tail = slice(cue.foot, None)
    seen, total = histogram[tail], float(histogram.sum())
    if not total:
        return Site()
    same = cue.same[tail] * cue.step + 1e-12
    best, found = -np.inf, Site()
    for factor in FACTORS.tolist():
        strangers = cue.stretched(factor)[tail] * cue.step + 1e-300
        share = _share(seen, strangers, same, total, min(0.5, MOST_OWN / max(visits, 1)))
        expected = total * (share * same + (1.0 - share) * strangers)
        likelihood = WEIGHT * float((seen * np.log(expected) - expected).sum())
        likelihood -= 0.5 * (np.log(factor) / FACTOR_DEVIATION) ** 2
        if likelihood > best:
            best, found = likelihood, Site(factor, share)
    return found


def _share(seen: Numbers, strangers: Numbers, same: Numbers, total: float, most: float) -> float:
    """Return which share of all pairs are one person's, by EM over those in the tail."""
    share = min(1e-4, most)
    for _ in range(STEPS):
        part = share * same / (share * same + (1.0 - share) * strangers)
        share = min(max(float((seen * part).sum()) / (total * float(same.sum())), 1e-9), most)
    return share
