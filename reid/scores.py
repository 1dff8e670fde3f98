"""Scores of pairs by one cue, made comparable: how far above what each of the two scores against everybody else.

A blurred or small face is like every other blurred or small face, and half of a winter's visitors wear black. So a
score is measured in deviations from the mean of the visit's own scores, for both visits, and averaged: the symmetric
normalisation (S-norm) of speaker verification (Kenny, Odyssey 2010). The others of the day are the cohort: all but a
few are strangers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from footfall.types import FloatArray
from reid.pair_model import Cue, Steps
from reid.templates import Templates

CHUNK = 128  # rows compared with all others at a time
Mask = npt.NDArray[np.bool_]


class Scores:
    """The templates of one cue and, for each visit, the moments of its scores against the others."""

    def __init__(self, cue: Cue) -> None:
        self.templates = Templates()
        self._cue = cue
        self._moments = np.zeros((0, 3))  # count, sum, sum of squares

    def add(self, row: int, others: Mask) -> None:
        """Add the scores of `row` with `others`, bool (N,), to the moments of both sides."""
        self._note(row, others, 1.0)

    def remove(self, row: int, others: Mask) -> None:
        """Take the scores of `row` with `others` back, and overwrite its template."""
        self._note(row, others, -1.0)
        self._moments[row] = 0.0
        self.templates.clear(row)

    def _note(self, row: int, others: Mask, sign: float) -> None:
        count = len(others)
        if count > len(self._moments):
            self._moments = np.concatenate([self._moments, np.zeros((max(1024, count), 3))])
        scores = self.templates.products(slice(row, row + 1), count)[0].astype(np.float64) * others
        terms = sign * np.stack([others, scores, scores**2], axis=1)
        self._moments[:count] += terms
        self._moments[row] += terms.sum(axis=0)

    def steps(self, rows: slice, count: int) -> Steps:
        """Return intp (R, count): where the normalised scores of `rows` with all others lie in the cue's table."""
        gain, shift = self._normal(count)
        scores = self.templates.products(rows, count)
        scores *= gain[rows, None] + gain
        scores -= shift[rows, None] + shift
        return self._cue.steps(scores)

    def _normal(self, count: int) -> tuple[FloatArray, FloatArray]:
        """Return float32 (count,) each, half of 1/deviation and of mean/deviation of every visit's own scores."""
        cue, moments = self._cue, self._moments[:count]
        weight = moments[:, 0] + cue.weight
        mean = (moments[:, 1] + cue.weight * cue.mean) / weight
        square = (moments[:, 2] + cue.weight * (cue.deviation**2 + cue.mean**2)) / weight
        deviation = np.sqrt(np.maximum(square - mean**2, 1e-6))
        return (0.5 / deviation).astype(np.float32), (0.5 * mean / deviation).astype(np.float32)
