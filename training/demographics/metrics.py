"""How good judgements of age and gender are: pure functions of arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from footfall.types import FloatArray
from training.data.faces import UNKNOWN
from training.data.framed import FramedFaces
from training.demographics.calibration import GROUP_STARTS, calibration_error

DECADE_STARTS = (0, 3, 10, 20, 30, 40, 50, 60, 70)
ADULT_YEARS = 18
ADULT_DECADE = 20
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Truth:
    """Labels: `youngest_years` and `oldest_years` (equal for an exact age) and `female` (0 or 1), int16 (N,), UNKNOWN
    (-1) where nobody said; `origins` (N,) of str, the data set's own words."""

    youngest_years: npt.NDArray[np.int16]
    oldest_years: npt.NDArray[np.int16]
    female: npt.NDArray[np.int16]
    origins: npt.NDArray[np.str_]

    @property
    def adult(self) -> Mask:
        """Faces surely of adults: from 18 where the age is exact, from the group 20-29 where it is a group."""
        exact = self.youngest_years == self.oldest_years
        return np.asarray(self.youngest_years >= np.where(exact, ADULT_YEARS, ADULT_DECADE), np.bool_)

    @property
    def exact(self) -> Mask:
        """Faces whose age is known to the year."""
        return np.asarray((self.youngest_years != UNKNOWN) & (self.youngest_years == self.oldest_years), np.bool_)


@dataclass(frozen=True, slots=True)
class Judgements:
    """What a model says: `p_female` and `age_years` float32 (N,); `age_probabilities` (N, 101) or None."""

    p_female: FloatArray
    age_years: FloatArray
    age_probabilities: FloatArray | None = None

    def groups(self, starts: tuple[int, ...]) -> npt.NDArray[np.intp]:
        """Return the group of `starts` of each face: where most of the distribution lies, as in the program."""
        if self.age_probabilities is None:
            return group_of(self.age_years, starts)
        return np.asarray(group_mass(self.age_probabilities, starts).argmax(1), np.intp)


@dataclass(frozen=True, slots=True)
class Scores:
    """Figures of one model on one set of faces; errors in years, shares from 0 to 1, NaN without such faces.

    Ages count where they are exact, gender where it is known; `decade` is the share of ages in their ten-year group.
    """

    faces: int
    mae_years: float
    bias_years: float
    gender: float
    gender_adults: float
    women_adults: float
    men_adults: float
    decade: float
    market: float
    market_within_one: float


def group_of(age_years: npt.ArrayLike, starts: tuple[int, ...]) -> npt.NDArray[np.intp]:
    """Return the position of the group each age falls in; 12.9 years is still 12, as in the reports."""
    return np.digitize(np.asarray(age_years, np.float64), starts[1:])


def group_mass(probabilities: FloatArray, starts: tuple[int, ...]) -> FloatArray:
    """Return (N, G): how much of each distribution (N, 101) over years lies in each group of `starts`."""
    of_year = group_of(np.arange(probabilities.shape[1]), starts)
    return np.stack([probabilities[:, of_year == group].sum(1) for group in range(len(starts))], axis=1)


def score(truth: Truth, said: Judgements, rows: Mask | None = None) -> Scores:
    """Return the figures of `said` against `truth`, on the faces `rows` (N,) if given."""
    chosen = np.ones(len(truth.female), np.bool_) if rows is None else rows
    judged = chosen & (truth.female != UNKNOWN)
    aged = chosen & (truth.youngest_years != UNKNOWN)
    exact, adults = chosen & truth.exact, judged & truth.adult
    error = said.age_years - truth.youngest_years
    right = (said.p_female > 0.5) == (truth.female == 1)
    decade = said.groups(DECADE_STARTS) == group_of(truth.youngest_years, DECADE_STARTS)
    market = np.abs(said.groups(GROUP_STARTS) - group_of(truth.youngest_years, GROUP_STARTS))
    return Scores(
        int(chosen.sum()),
        _mean(np.abs(error), exact),
        _mean(error, exact),
        _mean(right, judged),
        _mean(right, adults),
        _mean(right, adults & (truth.female == 1)),
        _mean(right, adults & (truth.female == 0)),
        _mean(decade, aged),
        _mean(market == 0, exact),
        _mean(market <= 1, exact),
    )


def truth_of(faces: FramedFaces, rows: npt.NDArray[np.intp] | None = None) -> Truth:
    """Return the labels of cached `faces`, or of those at `rows`."""
    labels = (getattr(faces, part.name) for part in fields(Truth))
    return Truth(*(label if rows is None else label[rows] for label in labels))


def figures(ages: FloatArray, women: Mask, truth: Truth) -> dict[str, float]:
    """Return the share of right genders, of ages in their group, and the error in years where ages are exact.

    `ages` (N, 101) are distributions over the years, `women` (N,) who was taken for one. Groups are those of `truth`.
    """
    found = {}
    if (known := truth.female != UNKNOWN).any():
        found["gender"] = float((women == (truth.female == 1))[known].mean())
    if truth.exact.any():
        error = ages @ np.arange(ages.shape[1], dtype=np.float32) - truth.youngest_years
        found["mae_years"] = float(np.abs(error)[truth.exact].mean())
    elif (truth.youngest_years != UNKNOWN).any():
        starts = np.unique(truth.youngest_years)
        likeliest = starts[group_mass(ages, tuple(starts.tolist())).argmax(1)]
        found["age_group"] = float((likeliest == truth.youngest_years).mean())
    return {name: round(value, 4) for name, value in found.items()}


def gender_calibration_error(truth: Truth, p_female: FloatArray) -> float:
    """Return the expected calibration error of the likelier gender."""
    known = truth.female != UNKNOWN
    confidence = np.maximum(p_female, 1.0 - p_female)[known]
    return calibration_error(confidence, ((p_female > 0.5) == (truth.female == 1))[known])


def age_calibration_error(truth: Truth, probabilities: FloatArray, starts: tuple[int, ...]) -> float:
    """Return the expected calibration error of the likeliest group, from distributions (N, 101) over years."""
    known = truth.youngest_years != UNKNOWN
    mass = group_mass(probabilities[known], starts)
    right = mass.argmax(1) == group_of(truth.youngest_years[known], starts)
    return calibration_error(mass.max(1).astype(np.float32), right)


def _mean(values: npt.NDArray[np.generic], rows: Mask) -> float:
    return float(values[rows].astype(np.float64).mean()) if rows.any() else float("nan")
