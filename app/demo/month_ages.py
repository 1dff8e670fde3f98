"""What a simulated network says of ages, and the table of what it takes for what, which follows from the same rule."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from analytics.calibration import Numbers
from analytics.confusion import ConfusionTable

BLUR_YEARS, BLUR_PER_YEAR = 2.0, 0.06
NARROW_STARTS = (0, 4, 8, 13, 18, 21, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90)
LAST_YEAR = 95
FACES = 400
SIZES_PX = (0,)
MEAN_CONFIDENCE = 0.9525  # of a gender that was judged, see month_rows


def age_shares(
    years: npt.NDArray[np.float64], starts: Sequence[int], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return int64 (N, G), per mille: how likely the network finds each group of `starts` for people of `years`."""
    mille = np.floor(1000 * _likely(years, starts, rng)).astype(np.int64)
    mille[np.arange(len(years)), mille.argmax(axis=1)] += 1000 - mille.sum(axis=1)
    return mille


def simulated_confusion(seed: int) -> ConfusionTable:
    """Return the simulated network's table, as a calibration on FACES people of each narrow group would give it."""
    rng = np.random.default_rng([seed, 10])
    bounds = (*NARROW_STARTS, LAST_YEAR)
    rows = [_likely(rng.uniform(low, high, FACES), NARROW_STARTS, rng).sum(axis=0) for low, high in pairwise(bounds)]
    right, wrong = FACES * MEAN_CONFIDENCE, FACES * (1 - MEAN_CONFIDENCE)
    gender = np.array([[[right, wrong], [wrong, right]]])
    return ConfusionTable(NARROW_STARTS, SIZES_PX, np.stack(rows)[np.newaxis], gender)


def _likely(years: npt.NDArray[np.float64], starts: Sequence[int], rng: np.random.Generator) -> Numbers:
    """Return float64 (N, G): a normal distribution about an age that is seen wrongly by as much as it is wide."""
    blur = BLUR_YEARS + BLUR_PER_YEAR * years
    seen = years + blur * rng.standard_normal(len(years))
    below = ndtr((np.array(starts[1:]) - seen[:, np.newaxis]) / blur[:, np.newaxis])
    edges = np.concatenate([np.zeros((len(years), 1)), below, np.ones((len(years), 1))], axis=1)
    return np.asarray(np.diff(edges, axis=1), np.float64)
