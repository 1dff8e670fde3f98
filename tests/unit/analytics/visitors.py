"""Visitors of known groups, judged by a network of known faults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.calibration import Calibration, Numbers

LABELS = ("young", "grown", "old")
PRIOR = np.array([0.3, 0.5, 0.2])
MIDDLES = np.array([0.0, 2.0, 4.0])


@dataclass(frozen=True, slots=True)
class Judged:
    """True classes (N,) and the exact probabilities (N, 3) of a network that takes PRIOR for granted."""

    true: npt.NDArray[np.intp]
    probabilities: Numbers

    @property
    def shares(self) -> Numbers:
        return np.bincount(self.true, minlength=3) / len(self.true)

    @property
    def counted(self) -> Numbers:
        return np.bincount(self.probabilities.argmax(axis=1), minlength=3) / len(self.true)


def judged(mix: tuple[float, float, float], count: int, seed: int) -> Judged:
    """Return visitors who look like their class, give or take 1: the neighbours look 2 away."""
    random = np.random.default_rng(seed)
    true = random.choice(3, count, p=mix)
    seen = MIDDLES[true] + random.standard_normal(count)
    likely = PRIOR * np.exp(-0.5 * (seen[:, None] - MIDDLES) ** 2)
    return Judged(true, likely / likely.sum(axis=1, keepdims=True))


def calibration(faces: int = 3000, seed: int = 99) -> Calibration:
    """Return the table that a third of `faces` of each class give."""
    known = judged((1 / 3, 1 / 3, 1 / 3), faces, seed)
    table = np.stack([known.probabilities[known.true == place].sum(axis=0) for place in range(3)])
    return Calibration(LABELS, (24,), table[None], np.full(3, 1 / 3), elsewhere_faces=500)
