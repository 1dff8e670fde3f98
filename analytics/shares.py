"""Corrected shares: of which groups a day's visitors were, estimated from the probabilities that a network gave each.

Labels added up mislead: with 80 % right, a true 5 % of seniors reads 8.75 %. The mean of the probabilities misleads
less, and is corrected by the table of what the network takes for what (probabilistic adjusted count; Bella et al.,
ICDM 2010). The other way is expectation-maximisation: the mix under which the probabilities agree with themselves,
once freed of the mix that the network takes for granted (Saerens, Latinne, Decaestecker, Neural Computation 14, 2002).

Intervals come from repetitions: each weighs the visits anew (Bayesian bootstrap; Rubin, Annals of Statistics 9, 1981),
begins elsewhere, and takes another table of confusions as likely as the measured one. They are about those who came,
not about all who might have come, so the last word is that of the visits as they are, with the doubt that each leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analytics.calibration import Calibration, Numbers
from analytics.mixing import Evidence, Singles, Variants, believed

CHUNK = 4_000_000
"""Weights held at once: repetitions of a crowd are made in parts."""
WIDEST = 0.1
"""The widest 95 % interval of a share that is told where nobody set another."""
LEAST_COUNT = 0.01
"""Of a Dirichlet distribution, whose counts must not be nothing."""


@dataclass(frozen=True, slots=True)
class ShareOptions:
    """How shares are estimated; the defaults were measured on faces that were held back (docs/shares.md).

    `by_table` chooses adjusted count, else expectation-maximisation; None is what the calibration says was better. Each
    has its number of rounds. `start_faces` says how sure the beginning is, as if so many faces had been seen. A share
    whose 95 % interval is wider than `widest` is not told as a number.
    """

    table_rounds: int = 20
    em_rounds: int = 6
    by_table: bool | None = None
    start_faces: float = 150.0
    repetitions: int = 200
    widest: float = WIDEST


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the `judged` visits of each of K `groups`: float64 (K,) `estimate`, `low` and `high` (95 % interval).

    `own` float64 (K, K) is the covariance that comes from who was seen, `shared` that from what is not known about the
    network, the same every day. `told` bool (K,) says which may be shown as a number; of the others there are too few
    to say: their interval is wider than `widest`, which holds for whatever is made of these shares, too.
    """

    groups: tuple[str, ...]
    estimate: Numbers
    low: Numbers
    high: Numbers
    own: Numbers
    shared: Numbers
    judged: int
    told: npt.NDArray[np.bool_]
    widest: float = WIDEST


def corrected(
    probabilities: Numbers,
    sizes_px: npt.NDArray[np.floating] | None,
    calibration: Calibration,
    options: ShareOptions | None = None,
    seed: int = 0,
) -> Shares:
    """Return the shares of visits with `probabilities` float64 (N, K), of faces of `sizes_px` (N,) where known.

    Visits that could not be judged are left out by the caller and told by `analytics.coverage`. The same `seed` gives
    the same numbers.
    """
    chosen = options or ShareOptions()
    if probabilities.ndim != 2 or probabilities.shape[1] != len(calibration.classes):
        raise ValueError(f"probabilities {probabilities.shape} do not belong to {len(calibration.classes)} classes")
    if not len(probabilities):
        return nobody(calibration.classes)
    by_table = calibration.by_table if chosen.by_table is None else chosen.by_table
    return estimated(Evidence(probabilities, sizes_px, calibration, by_table), by_table, calibration, chosen, seed)


def estimated(evidence: Evidence, by_table: bool, calibration: Calibration, options: ShareOptions, seed: int) -> Shares:
    """Return the shares that `evidence` of at least one visit speaks for."""
    count, classes = evidence.visits, len(calibration.classes)
    rounds = options.table_rounds if by_table else options.em_rounds
    estimate = evidence.mixes(plainly(calibration.start, count), None, rounds)[0].astype(np.float64)
    random = np.random.default_rng(seed)
    variants = _variants(evidence, calibration.start, options, random)
    alike = evidence.mixes(variants, None, rounds)
    draws = _weighed(evidence, variants, rounds, random).astype(np.float64)
    if not by_table:  # the adjusted count's own wavering, of visitors drawn anew, is more than that already
        doubt = random.multivariate_normal(np.zeros(classes), evidence.doubt(estimate), len(draws), method="eigh")
        draws = np.clip(draws + doubt, 0.0, 1.0)
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    low, high = np.minimum(low, estimate), np.maximum(high, estimate)
    own, shared = (np.cov(values, rowvar=False) for values in (draws - alike, alike))
    return Shares(
        calibration.classes, estimate, low, high, own, shared, count, high - low <= options.widest, options.widest
    )


def nobody(classes: tuple[str, ...]) -> Shares:
    """Return what is known of the shares when nobody was judged: nothing."""
    size = len(classes)
    nothing, doubt = np.full(size, np.nan), np.zeros((size, size))
    return Shares(classes, nothing, np.zeros(size), np.ones(size), doubt, doubt, 0, np.zeros(size, np.bool_))


def plainly(start: Numbers, visits: int) -> Variants:
    """Return the one variant with what is likeliest of everything."""
    single, size = start[None].astype(np.float32), len(start)
    beliefs = believed(start, visits)[None].astype(np.float32)
    return Variants(single, np.zeros((1, size, size), np.float32), beliefs)


def _variants(evidence: Evidence, start: Numbers, options: ShareOptions, random: np.random.Generator) -> Variants:
    """Return beginnings, tables and beliefs that are as likely as the likeliest ones."""
    count, size = options.repetitions, len(start)
    starts = random.dirichlet(np.maximum(start * options.start_faces, LEAST_COUNT), count)
    counts = np.maximum(evidence.worth[:, None] * evidence.rows, LEAST_COUNT)
    tables = random.standard_gamma(counts, (count, size, size))
    tables = tables / tables.sum(axis=2, keepdims=True) - evidence.rows
    beliefs = random.standard_gamma(0.5 * size * start, (count, size))
    beliefs /= beliefs.sum(axis=1, keepdims=True) + random.standard_gamma(evidence.visits, (count, 1))
    return Variants(*(values.astype(np.float32) for values in (starts, tables, beliefs)))


def _weighed(evidence: Evidence, variants: Variants, rounds: int, random: np.random.Generator) -> Singles:
    """Return float32 (R, K): the mixes with visits weighed at random in all rounds but the last."""
    size = max(1, CHUNK // evidence.weighed)
    mixes = []
    for first in range(0, len(variants.starts), size):
        part = variants.part(slice(first, first + size))
        weights = evidence.weights(random, len(part.starts))
        almost = evidence.mixes(part, weights, rounds - 1)
        mixes.append(evidence.mixes(replace(part, starts=almost), None, 1))
    return np.concatenate(mixes)
