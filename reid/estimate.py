"""From the tally of a day to its judgements: firsts, staff, stays, and how sure the sum is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.comparison import Comparison
from reid.firsts import returns_by_way, shares_of_returns
from reid.visits import Kind

Numbers = npt.NDArray[np.float64]
SURE = 0.5  # from which probability on a pair counts as matched
STANDARD_NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """`first` float64 (N,) and `staff` bool (N,) by row; half of the 95 % interval of the sum of the firsts of
    arrivals that are not staff, None when nothing was compared; stays and their probabilities."""

    first: Numbers
    staff: npt.NDArray[np.bool_]
    half_width: float | None
    returns_per_pair: float
    stays_s: Numbers
    stay_weights: Numbers


def estimate(comparison: Comparison, staff_passes: float) -> Estimate:
    """Judge every visit by the tally as it stands; also tells the comparison how likely a pair is one person's."""
    visits, tally = comparison.visits, comparison.tally
    count = visits.count
    counts = tally.counts[:count]
    arrival, used = visits.flags("arrival"), visits.flags("used")
    compared = arrival & (visits.flags("face") | visits.flags("clothes"))
    matched = tally.closed[:count] * comparison.pair_odds > SURE / (1.0 - SURE)
    staff = used & ((tally.passes[:count] + 1.0 > staff_passes) | matched | (arrival & ~visits.flags("open")))
    open_ways = counts > 0
    sums = []
    first = np.ones(count)
    for draw in range(comparison.model.draws):
        means = np.where(open_ways, tally.sums[:count, :, draw] / np.maximum(counts, 1.0), 0.0)
        shares = shares_of_returns(means[compared], open_ways[compared], (~staff[compared]).astype(np.float64))
        if not compared.any():
            shares[:] = 0.0
        judged = 1.0 - returns_by_way(means, open_ways, shares).sum(axis=1)
        sums.append(float(judged[arrival & ~staff].sum()))
        if draw == 0:
            first, main_shares = judged, shares
    comparison.pair_odds = _pair_odds(main_shares[Kind.RETURN], int(arrival.sum()))
    counted = first[arrival & ~staff]
    variance = float((counted * (1.0 - counted)).sum()) + float(np.var(sums))
    stays_s, weights = _stays(comparison)
    arrivals = len(counted)
    pairs = arrivals * (arrivals - 1) / 2
    return Estimate(
        first,
        staff,
        STANDARD_NORMAL_95 * variance**0.5 if compared.any() else None,
        float((1.0 - counted).sum()) / pairs if pairs else 0.0,
        stays_s,
        weights,
    )


def _pair_odds(share: float, arrivals: int) -> float:
    """Return the odds that a visit is a given other arrival's person's, when `share` of the arrivals are returns."""
    return share / (1.0 - share) / max(1.0, arrivals / 2)


def _stays(comparison: Comparison) -> tuple[Numbers, Numbers]:
    visits, tally = comparison.visits, comparison.tally
    leaving = np.flatnonzero(tally.entry[: visits.count] >= 0)
    # Whoever leaves came in before; that he was seen doing so is as likely as not.
    candidates = np.maximum(tally.counts[leaving, Kind.RETURN], 1.0)
    rest = (tally.sums[leaving, Kind.RETURN, 0] - tally.entry_ratio[leaving]) / candidates
    odds = tally.entry_ratio[leaving] / candidates
    probability = odds / (1.0 + odds + np.maximum(rest, 0.0))
    sure = probability > SURE
    entered = visits.seconds("entered_s")
    stays_s = entered[leaving] - entered[tally.entry[leaving]]
    return stays_s[sure], probability[sure]
