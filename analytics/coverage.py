"""How many visits could be judged, and whether they differ from those that could not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

LEAST_EXPECTED = 5.0
"""Cochran's rule: below so many expected in a cell, the chi-square distribution does not hold."""
PERMUTATIONS = 999


@dataclass(frozen=True, slots=True)
class Difference:
    """Whether two kinds of visits are spread alike: `p_value` of the test, and Cramér's V in [0, 1], how far apart.

    Of very many visits nearly every difference is significant; V says whether it matters (0.1 is small).
    """

    p_value: float
    cramers_v: float


def coverage(visits: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return `by`, judged, visits and coverage (float, NaN without visits), one row for each value of `by`.

    visits: columns `by`, judged (bool) and visits (int).
    """
    counts = visits.assign(judged=visits["visits"].where(visits["judged"], 0))
    sums = counts.groupby(list(by), sort=True)[["judged", "visits"]].sum().reset_index()
    return sums.assign(coverage=sums["judged"] / sums["visits"].where(sums["visits"] > 0))


def difference(judged: npt.NDArray[np.integer], others: npt.NDArray[np.integer], seed: int = 0) -> Difference | None:
    """Return how `judged` and `others` (C,) differ in how they are spread over C hours, entrances or sizes of faces.

    Pearson's chi-square test, by 999 permutations where few are expected somewhere. None where there is nothing to
    compare: nobody of one kind, or one place only.
    """
    table = np.stack([judged, others])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or (table.sum(axis=1) == 0).any():
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = ((table - expected) ** 2 / expected).sum()
    v = float(np.sqrt(statistic / table.sum()))
    if expected.min() >= LEAST_EXPECTED:
        from scipy.special import chdtrc  # as scipy.stats below takes long to load

        return Difference(float(chdtrc(table.shape[1] - 1, statistic)), v)
    from scipy.stats import PermutationMethod, chi2_contingency  # seldom needed

    shuffled = PermutationMethod(n_resamples=PERMUTATIONS, rng=np.random.default_rng(seed))
    return Difference(float(chi2_contingency(table, correction=False, method=shuffled).pvalue), v)
