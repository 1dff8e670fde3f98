"""What is kept of an hour's visits, so that the shares of any hours, days and entrances together can be estimated.

Few visits say little, and estimates of few visits are drawn towards a plain mix: hours are therefore not averaged but
added up, and estimated together. What an estimate looks at fits into a few sums. Adjusted count needs the mean of the
probabilities and their covariance; expectation-maximisation of two classes needs how many visits had which
probability, in steps of the logarithm of its odds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.calibration import Calibration, Numbers
from analytics.mixing import LEAST, Evidence, SummedEvidence, floored
from analytics.shares import ShareOptions, Shares, estimated, nobody

STEPS = 40
FARTHEST = float(np.log((1.0 - LEAST) / LEAST))
DIGITS = 3


def sums_of(probabilities: Numbers, by_table: bool) -> Numbers:
    """Return what to keep of visits with `probabilities` float64 (N, K), rounded: float64 (M,), to be added up.

    For adjusted count, the number of visits, sums by class, and sums of products of classes; else (K = 2) the number of
    visits in each of STEPS steps of the odds of the first class.

    Raises:
        ValueError: expectation-maximisation of more than two classes.
    """
    known = floored(probabilities)
    if by_table:
        rows, columns = np.triu_indices(known.shape[1])
        products = (known[:, rows] * known[:, columns]).sum(axis=0)
        return np.round(np.concatenate([[len(known)], known.sum(axis=0), products]), DIGITS)
    if known.shape[1] != 2:
        raise ValueError("only two classes are kept in steps")
    odds = np.log(known[:, 0] / known[:, 1])
    steps = np.clip((odds + FARTHEST) / (2 * FARTHEST) * STEPS, 0, STEPS - 1).astype(np.intp)
    return np.bincount(steps, minlength=STEPS).astype(np.float64)


def judged_in(sums: Numbers, by_table: bool) -> int:
    """Return of how many visits the sums are."""
    return int(sums[0] if by_table else sums.sum())


def shares_of_sums(
    sums: Numbers, calibration: Calibration, options: ShareOptions | None = None, seed: int = 0
) -> Shares:
    """Return the shares of the visits of which `sums` were kept, as `analytics.shares.corrected` does of visits."""
    chosen, by_table = options or ShareOptions(), calibration.by_table
    count = judged_in(sums, by_table)
    if not count:
        return nobody(calibration.classes)
    evidence = _of_means(sums, count, calibration) if by_table else _of_steps(sums, calibration)
    return estimated(evidence, by_table, calibration, chosen, seed)


def _of_means(sums: Numbers, count: int, calibration: Calibration) -> Evidence:
    size = len(calibration.classes)
    mean = sums[1 : size + 1] / count
    products = np.zeros((size, size))
    products[np.triu_indices(size)] = sums[size + 1 :] / count
    products = np.triu(products) + np.triu(products, 1).T
    return SummedEvidence(mean, products - np.outer(mean, mean), count, calibration)


def _of_steps(sums: Numbers, calibration: Calibration) -> Evidence:
    middles = (np.arange(STEPS) + 0.5) / STEPS * 2 * FARTHEST - FARTHEST
    first = 1.0 / (1.0 + np.exp(-middles))
    used = sums > 0
    counts: npt.NDArray[np.intp] = sums[used].astype(np.intp)
    probabilities = np.column_stack([first, 1.0 - first])[used]
    return Evidence(probabilities, None, calibration, False, counts)
