"""From ratios of likelihoods to probabilities: whether an arrival is its person's first, and how many are.

An arrival is somebody new or one of those who came before it, each as likely before one looks: the identification of
one among many, with "none of them" among the answers. How often people come again is not known beforehand, the day
itself tells it (EM on the shares of a mixture: Saerens, Latinne and Decaestecker, Neural Computation 14, 2002).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reid.visits import WAYS

Numbers = npt.NDArray[np.float64]
STEPS = 60
PRIOR_COUNT = 1.0  # visits, half of them returning: keeps shares off 0 and 1 on a day of few


def shares_of_returns(means: Numbers, open_ways: npt.NDArray[np.bool_], weights: Numbers) -> Numbers:
    """Return float64 (WAYS,), the shares of arrivals that are returns by each way that was open to them.

    `means` float64 (N, WAYS) is the mean ratio of likelihoods to the earlier visits that are one way to come again,
    `open_ways` says whether there is such a visit, `weights` float64 (N,) how much an arrival counts.
    """
    shares = np.full(WAYS, 0.2)
    counts = (open_ways * weights[:, None]).sum(axis=0)
    for _ in range(STEPS):
        parts = returns_by_way(means, open_ways, shares)
        found = (parts * weights[:, None]).sum(axis=0)
        wanted = (found + 0.1 * PRIOR_COUNT) / (counts + PRIOR_COUNT)
        if np.abs(wanted - shares).max() < 1e-6:
            break
        shares = wanted
    return shares


def returns_by_way(means: Numbers, open_ways: npt.NDArray[np.bool_], shares: Numbers) -> Numbers:
    """Return float64 (N, WAYS), the probability that each arrival is a return by each way; the rest is "the first"."""
    odds = np.where(open_ways, means * (shares / (1.0 - shares)), 0.0)
    return np.asarray(odds / (1.0 + odds.sum(axis=1, keepdims=True)), np.float64)


def sum_variance(first: Numbers) -> float:
    """Return the variance of the number of firsts, given the distributions.

    Each is a draw of its own, and how often people return is itself estimated: the curvature of its likelihood says how
    well (the observed information), and the sum moves with it.
    """
    returning = 1.0 - first
    drawn = float((first * returning).sum())
    share = float(np.clip(returning.mean(), 1e-3, 1.0 - 1e-3)) if len(first) else 0.5
    # d log(likelihood) / d share of an arrival is (returning / share - first / (1 - share)).
    slope = returning / share - first / (1.0 - share)
    information = float((slope**2).sum()) + 1.0 / (share * (1.0 - share))
    moves = drawn / (share * (1.0 - share))
    return drawn + moves**2 / information
