"""The rounds in which the mix of a day's visitors is found from their probabilities, for many repetitions at once.

Groups that look alike can hardly be told apart, and the likeliest mix is a wild one. As one stops when sharpening a
picture (Richardson, JOSA 62, 1972; Lucy, Astronomical Journal 79, 1974), the rounds begin with a plain mix and are few:
what visitors say plainly is in the estimate after a few rounds, their noise only after many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.calibration import Calibration, Numbers

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

    `by_table` asks for PACC, which looks at nothing but the mean of the probabilities and the table.
    """

    def __init__(
        self,
        probabilities: Numbers,
        sizes_px: npt.NDArray[np.floating] | None,
        calibration: Calibration,
        by_table: bool,
    ) -> None:
        known = np.maximum(probabilities, LEAST)
        known = known / known.sum(axis=1, keepdims=True)
        sizes = calibration.size_classes(sizes_px, len(known))
        parts = np.bincount(sizes, minlength=len(calibration.sizes_px)) / len(known)
        self.rows = np.einsum("s,syk->yk", parts, calibration.rows)
        self.worth = calibration.face_worth * (parts @ calibration.faces)
        self._by_table = by_table
        self._known = known.astype(np.float32)
        self._likely = (known / calibration.priors[sizes]).astype(np.float32)

    def __len__(self) -> int:
        return len(self._known)

    def mixes(self, variants: Variants, weights: Singles | None, rounds: int) -> Singles:
        """Return float32 (R, K): the mix of each variant, with visits weighted (N, R) or all alike."""
        mixes = variants.starts
        rows = np.maximum(self.rows.astype(np.float32) + variants.tables, LEAST_SHARE)
        mean = self._known.mean(axis=0)[None] if weights is None else weights.T @ self._known
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

    def _agreement(self, mixes: Singles, weights: Singles | None) -> Singles:
        shares = self._likely @ mixes.T
        weighted = np.divide(1.0 / len(self) if weights is None else weights, shares, out=shares)
        return np.asarray((self._likely.T @ weighted).T, np.float32)

    def doubt(self, mix: Numbers) -> Numbers:
        """Return float64 (K, K): the covariance of the visits' true shares around what their probabilities say."""
        own = self._likely * mix
        own /= own.sum(axis=1, keepdims=True)
        return np.asarray((np.diag(own.mean(axis=0)) - own.T @ own / len(own)) / len(own), np.float64)
