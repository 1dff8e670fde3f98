"""From the tally of a day to its judgements: firsts, staff, stays, and how sure the sum is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.comparison import Comparison
from reid.firsts import returns_by_way, shares_of_returns, sum_variance
from reid.tally import DRAWS, Trial
from reid.visits import WAYS, Kind, Mask

Numbers = npt.NDArray[np.float64]
SURE = 0.5  # probability from which on a pair counts as matched
NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """Judgements by row, `first` float64 (N,) and `staff` bool (N,), and what they add up to.

    `unique` is the sum of the firsts of arrivals that are not staff, of all boxes, and `half_width` half of its 95 %
    interval, None when nothing was compared; `own_share` is how much of that sum is this box's. `stays_s` and
    `stay_weights` float64 (S,) are the matched stays of those whom this box saw going, and their probabilities.
    """

    first: Numbers
    staff: Mask
    unique: float
    half_width: float | None
    own_share: float
    returns_per_pair: float
    stays_s: Numbers
    stay_weights: Numbers


def estimate(comparison: Comparison, staff_passes: float) -> Estimate:
    """Judge every visit by the tally as it stands."""
    staff = _staff(comparison, staff_passes)
    means, open_ways, compared = comparison.arrivals()
    counted = comparison.visits.flags("arrival") & ~staff
    first = _firsts(means, open_ways, compared & ~staff)
    variance = sum_variance(first[counted]) + float(counted.sum()) ** 2 * _share_variance(comparison.trial)
    pairs = int(counted.sum()) * (int(counted.sum()) - 1) / 2
    stays_s, weights = _stays(comparison)
    return Estimate(
        first=first,
        staff=staff,
        unique=float(first[counted].sum()),
        half_width=NORMAL_95 * variance**0.5 if compared.any() else None,
        own_share=_share_of(first[counted], comparison.visits.flags("own")[counted]),
        returns_per_pair=float((1.0 - first[counted]).sum()) / pairs if pairs else 0.0,
        stays_s=stays_s,
        stay_weights=weights,
    )


def _share_of(first: Numbers, own: Mask) -> float:
    total = float(first.sum())
    return float(first[own].sum()) / total if total else 1.0


def _share_variance(trial: Trial) -> float:
    """Return the variance of the share of firsts that comes from the distributions, of which the draws are trials."""
    if not len(trial.means):
        return 0.0
    everyone = np.ones(len(trial.means), np.bool_)
    shares = [float(_firsts(trial.means[:, :, draw], trial.open_ways, everyone).mean()) for draw in range(DRAWS)]
    return float(((shares[1] - shares[2]) / 2.0) ** 2 + ((shares[3] - shares[4]) / 2.0) ** 2)


def _firsts(means: Numbers, open_ways: Mask, judging: Mask) -> Numbers:
    """Return float64 (N,), how probably each visit is its person's first; without a signature the day's average."""
    shares = np.zeros(WAYS)
    if judging.any():
        shares = shares_of_returns(means[judging], open_ways[judging], np.ones(int(judging.sum())))
    return np.asarray(1.0 - returns_by_way(means, open_ways, shares).sum(axis=1), np.float64)


def _staff(comparison: Comparison, staff_passes: float) -> Mask:
    """Return bool (N,): who passes too often, came in outside opening hours, or is likely one who did."""
    visits, tally = comparison.visits, comparison.tally
    count = visits.count
    early = visits.flags("arrival") & ~visits.flags("open")
    matched = tally.closed[:count] * comparison.pair_odds > SURE / (1.0 - SURE)
    return visits.flags("used") & ((tally.passes[:count] + 1.0 > staff_passes) | matched | early)


def _stays(comparison: Comparison) -> tuple[Numbers, Numbers]:
    visits, tally = comparison.visits, comparison.tally
    leaving = np.flatnonzero((tally.entry[: visits.count] >= 0) & visits.flags("own"))
    candidates = np.maximum(tally.counts[leaving, Kind.RETURN], 1.0)
    best, total = tally.entry_ratio[leaving], tally.sums[leaving, Kind.RETURN]
    # Whoever leaves came in before; that a camera saw it is taken to be as likely as not.
    probability = best / (candidates + np.maximum(total, best))
    sure = probability > SURE
    entered = visits.seconds("entered_s")
    stays_s = entered[leaving] - entered[tally.entry[leaving]]
    return stays_s[sure], probability[sure]
