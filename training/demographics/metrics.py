"""How good judgements of age and gender are: pure functions of arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from footfall.types import FloatArray
from training.demographics.calibration import GROUP_STARTS, calibration_error

FOUR_GROUP_STARTS = (0, 18, 35, 55)
ADULT_YEARS = 18


@dataclass(frozen=True, slots=True)
class Truth:
    """Labels: `age_years`, `female` (0 or 1) and `race`, int16 (N,)."""

    age_years: npt.NDArray[np.int16]
    female: npt.NDArray[np.int16]
    race: npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Judgements:
    """What a model says: `p_female` and `age_years` float32 (N,); `age_probabilities` (N, 101) or None."""

    p_female: FloatArray
    age_years: FloatArray
    age_probabilities: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """Figures of one model on one set of faces; errors in years, shares from 0 to 1, NaN without such faces."""

    faces: int
    mae_years: float
    mae_adults_years: float
    bias_years: float
    gender: float
    gender_adults: float
    market_exact: float
    market_within_one: float
    four_exact: float


def group_of(age_years: npt.ArrayLike, starts: tuple[int, ...]) -> npt.NDArray[np.intp]:
    """Return the position of the group each age falls in; 12.9 years is still 12, as in the reports."""
    return np.digitize(np.asarray(age_years, np.float64), starts[1:])


def score(truth: Truth, said: Judgements, rows: npt.NDArray[np.bool_] | None = None) -> Scores:
    """Return the figures of `said` against `truth`, on the faces `rows` (N,) if given."""
    chosen = np.ones(len(truth.age_years), np.bool_) if rows is None else rows
    adults = chosen & (truth.age_years >= ADULT_YEARS)
    error = said.age_years - truth.age_years
    right = (said.p_female > 0.5) == (truth.female == 1)
    market = np.abs(group_of(said.age_years, GROUP_STARTS) - group_of(truth.age_years, GROUP_STARTS))
    four = group_of(said.age_years, FOUR_GROUP_STARTS) == group_of(truth.age_years, FOUR_GROUP_STARTS)
    return Scores(
        int(chosen.sum()),
        _mean(np.abs(error), chosen),
        _mean(np.abs(error), adults),
        _mean(error, chosen),
        _mean(right, chosen),
        _mean(right, adults),
        _mean(market == 0, chosen),
        _mean(market <= 1, chosen),
        _mean(four, chosen),
    )


def gender_calibration_error(truth: Truth, p_female: FloatArray) -> float:
    """Return the expected calibration error of the likelier gender."""
    confidence = np.maximum(p_female, 1.0 - p_female)
    return calibration_error(confidence, (p_female > 0.5) == (truth.female == 1))


def age_calibration_error(truth: Truth, probabilities: FloatArray) -> float:
    """Return the expected calibration error of the likeliest market group, from distributions (N, 101) over years."""
    of_year = group_of(np.arange(probabilities.shape[1]), GROUP_STARTS)
    mass = np.stack([probabilities[:, of_year == group].sum(1) for group in range(len(GROUP_STARTS))], axis=1)
    right = mass.argmax(1) == group_of(truth.age_years, GROUP_STARTS)
    return calibration_error(mass.max(1).astype(np.float32), right)


def _mean(values: npt.NDArray[np.generic], rows: npt.NDArray[np.bool_]) -> float:
    return float(values[rows].astype(np.float64).mean()) if rows.any() else float("nan")
