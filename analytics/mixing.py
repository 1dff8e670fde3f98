"""The rounds in which the mix of a day's visitors is found from their probabilities, for many repetitions at once.

Groups that look alike can hardly be told apart, and the likeliest mix is a wild one. As one stops when sharpening a
picture (Richardson, JOSA 62, 1972; Lucy, Astronomical Journal 79, 1974), the rounds begin with a plain mix and are few:
what visitors say plainly is in the estimate after a few rounds, their noise only after many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.calibration import Calibration, Numbers, Places

Singles = npt.NDArray[np.float32]
LEAST = 5e-4
"""Half of the per mille in which a visit keeps its probabilities."""
LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Variants:
    """What is not known for sure besides who comes, R times.

    `starts` float32 (R, K) is where the rounds begin; `tables` float32 (R, K, K) what a face of each class is taken for
    beside what the table says, rows that sum to 0; `beliefs` float32 (R, K) what is believed of the mix before anybody
    came, as a part of the mix: half a visit for each class (Jeffreys), so that one visitor is not the whole day.
    """

    starts: Singles
    tables: Singles
    beliefs: Singles

    def part(self, rows: slice) -> Variants:
        """Return the variants at `rows`."""
        return Variants(self.starts[rows], self.tables[rows], self.beliefs[rows])


def believed(start: Numbers, visits: int) -> Numbers:
    """Return float64 (K,): the part of the mix of `visits` that is believed beforehand, from a plain mix `start`."""
    half_each = 0.5 * len(start)
    return start * half_each / (half_each + visits)


class Evidence:
    """The visits to estimate a mix from: probabilities float64 (N, K) with N > 0, sizes in px (N,) or None.

    `by_table` asks for PACC, which looks at nothing but the mean of the probabilities and the table. `counts` int (N,)
    says for how many visits each row stands; None: for one.
    """

    def __init__(
        self,
        probabilities: Numbers,
        sizes_px: npt.NDArray[np.floating] | None,
        calibration: Calibration,
        by_table: bool,
        counts: Places | None = None,
    ) -> None:
        known = floored(probabilities)
        sizes = calibration.size_classes(sizes_px, len(known))
        self._counts = counts
        self._parts: Numbers = np.full(len(known), 1.0 / len(known)) if counts is None else counts / counts.sum()
        parts = np.bincount(sizes, self._parts, minlength=len(calibration.sizes_px))
        self._take(calibration, parts.astype(np.float64), len(known) if counts is None else int(counts.sum()))
        self.weighed = len(known)
        self._by_table = by_table
        self._known = known.astype(np.float32)
        self._likely = (known / calibration.priors[sizes]).astype(np.float32)

    def _take(self, calibration: Calibration, size_parts: Numbers, visits: int) -> None:
        self.rows = np.einsum("s,syk->yk", size_parts, calibration.rows)
        self.worth = calibration.face_worth * (size_parts @ calibration.faces)
        self.visits = visits

    def weights(self, random: np.random.Generator, count: int) -> Singles:
        """Return float32 (`weighed`, `count`): visits weighed at random, `count` times (Bayesian bootstrap)."""
        if self._counts is None:
            weights = random.standard_exponential((self.weighed, count), np.float32)
        else:
            weights = random.standard_gamma(self._counts[:, None], (self.weighed, count)).astype(np.float32)
        weights /= weights.sum(axis=0)
        return weights

    def mixes(self, variants: Variants, weights: Singles | None, rounds: int) -> Singles:
        """Return float32 (R, K): the mix of each variant, with `weights` (`weighed`, R) or visits all alike."""
        mixes = variants.starts
        rows = np.maximum(self.rows.astype(np.float32) + variants.tables, LEAST_SHARE)
        mean = self._mean(weights)
        for _ in range(rounds):
            if self._by_table:
                taken = np.einsum("ry,ryk->rk", mixes, rows)
                following = mixes * np.einsum("rk,ryk->ry", mean / taken, rows)
            else:
                following = mixes * self._agreement(mixes, weights) - np.einsum("ry,ryk->rk", mixes, variants.tables)
            following = np.maximum(following, LEAST_SHARE)
            following /= following.sum(axis=1, keepdims=True)
            mixes = following * (1.0 - variants.beliefs.sum(axis=1, keepdims=True)) + variants.beliefs
        return mixes

    def _mean(self, weights: Singles | None) -> Singles:
        return self._alike() @ self._known if weights is None else np.asarray(weights.T @ self._known, np.float32)

    def _alike(self) -> Singles:
        return np.asarray(self._parts[None], np.float32)

    def _agreement(self, mixes: Singles, weights: Singles | None) -> Singles:
        shares = self._likely @ mixes.T
        weighted = np.divide(self._alike().T if weights is None else weights, shares, out=shares)
        return np.asarray((self._likely.T @ weighted).T, np.float32)

    def doubt(self, mix: Numbers) -> Numbers:
        """Return float64 (K, K): the covariance of the visits' true shares around what their probabilities say."""
        own = self._likely * mix
        own /= own.sum(axis=1, keepdims=True)
        mean = self._parts @ own
        return np.asarray((np.diag(mean) - (own * self._parts[:, None]).T @ own) / self.visits, np.float64)


class SummedEvidence(Evidence):
    """The same of visits of which only sums are left: mean float64 (K,) and covariance (K, K) of their probabilities.

    Enough for PACC. Visits weighed at random have means that are spread as `covariance` / (N + 1) says. The size of
    faces is not known.
    """

    def __init__(self, mean: Numbers, covariance: Numbers, visits: int, calibration: Calibration) -> None:
        middle = calibration.size_classes(None, 1)
        self._take(calibration, np.bincount(middle, minlength=len(calibration.sizes_px)).astype(np.float64), visits)
        self.weighed, self._by_table = len(mean), True
        self._plain, self._spread = mean, covariance / (visits + 1)

    def weights(self, random: np.random.Generator, count: int) -> Singles:
        """Return float32 (K, `count`): the means of visits weighed at random."""
        # Rounded sums may be off a covariance by less than counts.
        means = random.multivariate_normal(self._plain, self._spread, count, check_valid="ignore", method="eigh")
        means = np.maximum(means, LEAST_SHARE)
        return np.asarray((means / means.sum(axis=1, keepdims=True)).T, np.float32)

    def _mean(self, weights: Singles | None) -> Singles:
        return np.asarray(self._plain[None] if weights is None else weights.T, np.float32)


def floored(probabilities: Numbers) -> Numbers:
    """Return probabilities (N, K) none of which is nothing: a visit keeps them in whole parts of a thousand."""
    known = np.maximum(probabilities, LEAST)
    return np.asarray(known / known.sum(axis=1, keepdims=True), np.float64)
