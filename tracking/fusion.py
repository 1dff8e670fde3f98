"""The judgement of a visit from its best few faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan

import numpy as np

from footfall.types import UNKNOWN_AGE_GROUP, Attributes, Gender
from tracking.ages import age_group_mass, likeliest_age_group, per_mille
from tracking.boxes import Array

SPACING_S = 0.15
"""Seconds between two faces of a visit that are judged: neighbouring frames show the same face and teach nothing."""
WORTH_REPLACING = 1.15
"""How much better than the worst kept face a new one must be, as a factor of quality, to take its place."""
RUNS_PER_KEPT_FACE = 2
"""Runs of the network that a visit may cost for each face it keeps."""


@dataclass(frozen=True, slots=True)
class JudgementOptions:
    """When gender and age are judged, and how ages are grouped; below a floor the answer is unknown."""

    gender_min_face_px: float = 24.0
    age_min_face_px: float = 32.0
    min_quality: float = 0.25
    min_gender_confidence: float = 0.6
    gender_from_age_years: int = 13
    faces_per_visit: int = 5
    age_group_starts: tuple[int, ...] = (0, 13, 18, 25, 35, 45, 55, 65)

    @property
    def smallest_face_px(self) -> float:
        """The size in pixels below which nothing is judged."""
        return min(self.gender_min_face_px, self.age_min_face_px)


@dataclass(frozen=True, slots=True)
class FaceSample:
    """One judged face of a visit and its size in pixels."""

    attributes: Attributes
    face_px: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known about a visitor; see `Visit` for the meaning of each value."""

    gender: Gender
    age_group: str
    age_years: float | None
    p_female: float | None
    samples: int
    quality: float
    age_shares: tuple[int, ...] | None = None


class BestFaces:
    """The best few faces of one visit, and whether another one is worth a run of the network."""

    __slots__ = ("_last_run_at", "_options", "_runs", "_samples")

    def __init__(self, options: JudgementOptions) -> None:
        self._options = options
        self._samples: list[FaceSample] = []
        self._runs = 0
        self._last_run_at: datetime | None = None

    @property
    def least_quality(self) -> float:
        """The quality below which no face is worth a run."""
        options = self._options
        if len(self._samples) < options.faces_per_visit:
            return options.min_quality
        weakest = min(sample.attributes.quality for sample in self._samples)
        return max(options.min_quality, WORTH_REPLACING * weakest)

    def may_want(self, face_px: float, at: datetime) -> bool:
        """Return whether a face of this size, seen at `at`, would be worth a run if it were good enough."""
        options = self._options
        if face_px < options.smallest_face_px or self._runs >= RUNS_PER_KEPT_FACE * options.faces_per_visit:
            return False
        return self._last_run_at is None or (at - self._last_run_at).total_seconds() >= SPACING_S

    def wants(self, quality: float, face_px: float, at: datetime) -> bool:
        """Return whether a face of this quality and size, seen at `at`, is worth a run, and reserve the run."""
        if quality < self.least_quality or not self.may_want(face_px, at):
            return False
        self._runs += 1
        self._last_run_at = at
        return True

    def add(self, sample: FaceSample) -> None:
        """Keep `sample`, and of all kept only the best `faces_per_visit`."""
        self._samples.append(sample)
        self._samples.sort(key=lambda kept: -kept.attributes.quality)
        del self._samples[self._options.faces_per_visit :]

    def judge(self) -> Judgement:
        """Return the judgement that the kept faces support."""
        return judge(self._samples, self._options)


def judge(samples: Sequence[FaceSample], options: JudgementOptions) -> Judgement:
    """Return what `samples` say together: the mean of their distributions, weighted by quality, never of labels.

    Gender rests on the faces from `gender_min_face_px`, age on those from `age_min_face_px`. The age group is the one
    that holds most of the fused distribution; the expected age would pull the old and the young to the middle. Whether
    somebody is too young for gender to be judged is decided likewise, by all faces used, so that a child too far away
    for an age stays unknown. A network that was taught only one of the two says "not a number" of the other, which
    stays unknown.
    """
    good = [sample for sample in samples if sample.attributes.quality >= options.min_quality]
    for_gender = [s for s in good if s.face_px >= options.gender_min_face_px and not isnan(s.attributes.p_female)]
    for_age = [s for s in good if s.face_px >= options.age_min_face_px and not isnan(s.attributes.age_years)]
    used = [sample for sample in good if sample.face_px >= options.smallest_face_px]
    if not used:
        return Judgement(Gender.UNKNOWN, UNKNOWN_AGE_GROUP, None, None, 0, 0.0)
    age_years, age_group, age_shares = None, UNKNOWN_AGE_GROUP, None
    if for_age:
        years, likely = for_age[0].attributes.age_bins_years, _fused_ages(for_age)
        age_years = float(likely @ years)
        mass = age_group_mass(years, likely, options.age_group_starts)
        age_group, age_shares = likeliest_age_group(mass, options.age_group_starts), per_mille(mass)
    deciding = for_age or used
    is_young = deciding[0].attributes.age_bins_years < options.gender_from_age_years
    p_female = None
    if for_gender and not _fused_ages(deciding) @ is_young > 0.5:  # an unknown age hides no gender
        p_female = float(_weights(for_gender) @ np.array([sample.attributes.p_female for sample in for_gender]))
    quality = float(np.mean([sample.attributes.quality for sample in used]))
    gender = _gender(p_female, options.min_gender_confidence)
    return Judgement(gender, age_group, age_years, p_female, len(used), quality, age_shares)


def _gender(p_female: float | None, min_confidence: float) -> Gender:
    if p_female is None or max(p_female, 1 - p_female) < min_confidence:
        return Gender.UNKNOWN
    return Gender.FEMALE if p_female > 0.5 else Gender.MALE


def _fused_ages(samples: Sequence[FaceSample]) -> Array:
    distributions = np.stack([sample.attributes.age_probabilities for sample in samples]).astype(np.float64)
    fused = _weights(samples) @ distributions
    shares: Array = fused / fused.sum()
    return shares


def _weights(samples: Sequence[FaceSample]) -> Array:
    qualities = np.array([sample.attributes.quality for sample in samples], np.float64)
    if qualities.sum() <= 0:
        qualities = np.ones(len(samples))
    shares: Array = qualities / qualities.sum()
    return shares
