"""Corrected shares put together: of days and entrances, of neighbouring groups, and with those who stayed unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from analytics.calibration import Numbers
from analytics.shares import Shares

NORMAL_95 = 1.96


def combined(parts: Sequence[Shares]) -> Shares:
    """Return the shares of several days, hours or entrances together: their mean, weighted by the visits judged.

    What comes from who was seen differs from part to part, so its covariances add up; what is not known about the
    network is the same in all, so its standard deviations do. Ends lie 1.96 standard deviations away, within 0 and 1.

    Raises:
        ValueError: the parts have other groups, or nobody was judged in any of them.
    """
    known = [part for part in parts if part.judged]
    if not known or len({part.groups for part in parts}) != 1:
        raise ValueError("only parts with the same groups, and with somebody judged, can be combined")
    judged = sum(part.judged for part in known)
    weights = [part.judged / judged for part in known]
    estimate = _sum_of(weight * part.estimate for weight, part in zip(weights, known, strict=True))
    own = _sum_of(weight**2 * part.own for weight, part in zip(weights, known, strict=True))
    deviations = [np.sqrt(np.diag(part.shared)) for part in known]
    alike = _sum_of(
        weight * part.shared / np.maximum(np.outer(one, one), np.finfo(float).tiny)
        for weight, part, one in zip(weights, known, deviations, strict=True)
    )
    deviation = _sum_of(weight * one for weight, one in zip(weights, deviations, strict=True))
    return _shares(parts[0].groups, estimate, (own, alike * np.outer(deviation, deviation)), judged, known[0].widest)


def coarser(shares: Shares, labels: Sequence[str], runs: Sequence[range]) -> Shares:
    """Return `shares` in groups called `labels`, each the sum of a run of neighbouring ones."""
    which = np.zeros((len(runs), len(shares.groups)))
    for row, run in enumerate(runs):
        which[row, list(run)] = 1.0
    covariances = which @ shares.own @ which.T, which @ shares.shared @ which.T
    return _shares(tuple(labels), which @ shares.estimate, covariances, shares.judged, shares.widest)


def runs_that_can_be_told(shares: Shares) -> list[range] | None:
    """Return the neighbouring groups to put together until each can be told, None when not even two remain.

    The group least sure is joined with the neighbour that makes the sum surest, again and again.
    """
    runs = [range(place, place + 1) for place in range(len(shares.groups))]
    while len(runs) > 1 and shares.judged:
        widths = _widths(shares, runs)
        if widths.max() <= shares.widest:
            return runs
        worst = int(widths.argmax())
        pairs = [place for place in (worst - 1, worst) if 0 <= place < len(runs) - 1]
        joined = {place: range(runs[place].start, runs[place + 1].stop) for place in pairs}
        best = min(pairs, key=lambda place: _widths(shares, [joined[place]])[0])
        runs[best : best + 2] = [joined[best]]
    return None


def of_everybody(shares: Shares, unknown: int) -> tuple[Numbers, Numbers]:
    """Return the least and the greatest share of each group, float64 (K,), if `unknown` visits are counted as well.

    Nothing is assumed about them: none of them belongs to the group, or all do.
    """
    judged = shares.judged / max(shares.judged + unknown, 1)
    return shares.low * judged, shares.high * judged + (1.0 - judged)


def _sum_of(arrays: Iterator[Numbers]) -> Numbers:
    """Return the sum of `arrays`, of one shape, at least one."""
    return np.asarray(sum(arrays), np.float64)


def _widths(shares: Shares, runs: Sequence[range]) -> Numbers:
    covariance = shares.own + shares.shared
    variances = [covariance[run.start : run.stop, run.start : run.stop].sum() for run in runs]
    return np.asarray(2 * NORMAL_95 * np.sqrt(np.maximum(variances, 0.0)), np.float64)


def _shares(
    groups: tuple[str, ...], estimate: Numbers, covariances: tuple[Numbers, Numbers], judged: int, widest: float
) -> Shares:
    own, shared = covariances
    reach = NORMAL_95 * np.sqrt(np.maximum(np.diag(own + shared), 0.0))
    low, high = np.maximum(estimate - reach, 0.0), np.minimum(estimate + reach, 1.0)
    return Shares(groups, estimate, low, high, own, shared, judged, high - low <= widest, widest)
