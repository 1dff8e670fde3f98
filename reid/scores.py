"""Scores of pairs by one cue, made comparable: how far above what each of the two scores against everybody else.

A blurred or small face is like every other blurred or small face, and half of a winter's visitors wear black. So a
score is measured against the visit's own scores with the others of the day, all but a few of whom are strangers, for
both visits, and averaged: the symmetric normalisation of speaker verification (S-norm: Kenny, Odyssey 2010). Only the
upper part of those scores, from people who look a little alike, says where the tail begins (adaptive S-norm: Matějka
et al., Interspeech 2017): their 80 and 98 % quantiles are put where a normal distribution has them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from footfall.types import FloatArray
from reid.pair_model import Cue, Steps
from reid.templates import Templates

SHARP, ROBUST = (0.80, 0.98), (0.50, 0.85)
"""The quantiles where the tail begins, and those that a person who came often does not reach."""
SHRINK = 20.0  # others with whom a visit must have been compared before it counts as much as the day's mean
BEYOND = 100.0  # higher than any score
NEAREST = 2e-3  # half of the squared distance from which on two directions are the same
MOST_REMOVED = 0.3  # of the others that may be the visit's own person

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


class Scores:
    """The templates of one cue and, for each visit, mean and deviation of a stranger's score with it."""

    def __init__(self, cue: Cue) -> None:
        self.templates = Templates()
        self._cue = cue
        self._usual = np.array([cue.mean, cue.deviation])
        self.found = np.zeros((0, 2))
        self._normal = np.zeros((0, 2))

    def grow(self, count: int) -> None:
        """Make room for at least `count` visits."""
        if count > len(self.found):
            more = np.tile(self._usual, (max(count - len(self.found), 1024), 1))
            self.found = np.concatenate([self.found, more])
            self._normal = np.concatenate([self._normal, more])

    def place(self, rows: slice, others: Mask, own: Numbers, anchors: tuple[float, float] = SHARP) -> None:
        """Find out where the scores of `rows` lie.

        `others`, bool (R, N), are those to compare with; `own`, float64 (R,), how many of them are expected to be the
        visit's own person: as many of the highest scores are left out. `anchors` are the quantiles to rely on.
        """
        scores = np.where(others, self._raw(rows, others.shape[1]), np.float32(BEYOND))
        scores.sort(axis=1)
        number = others.sum(axis=1)
        strangers = np.maximum(number - np.minimum(own, MOST_REMOVED * number), 1.0)
        lower, upper = anchors
        low, high = _at(scores, lower * (strangers - 1.0)), _at(scores, upper * (strangers - 1.0))
        deviation = np.maximum(high - low, 1e-3) / float(ndtri(upper) - ndtri(lower))
        found = np.stack([low - float(ndtri(lower)) * deviation, deviation], axis=1)
        self.found[rows] = np.where(number[:, None] < 2, self._usual, found)
        self._settle(rows, float(number.max(initial=0.0)))

    def settle(self, has: Mask) -> None:
        """Take the mean of the visits that have this cue, bool (N,), for what is usual today, and use it for all."""
        found = self.found[np.flatnonzero(has)]
        calibration = np.array([self._cue.mean, self._cue.deviation])
        self._usual = (found.sum(axis=0) + SHRINK * calibration) / (len(found) + SHRINK)
        self._settle(slice(0, len(has)), float(has.sum()))

    def _settle(self, rows: slice, number: float) -> None:
        """Draw what was found for `rows` towards what is usual, as far as it rests on few others."""
        self._normal[rows] = (number * self.found[rows] + SHRINK * self._usual) / (number + SHRINK)

    def _raw(self, rows: slice, count: int) -> FloatArray:
        """Return float32 (R, count), minus the logarithm of half the squared distance of the directions.

        The products themselves end at 1, so that the scores of one person could not lie far above those of strangers
        who are alike.
        """
        products = self.templates.products(rows, count)
        np.subtract(1.0, products, out=products)
        np.maximum(products, NEAREST, out=products)
        np.log(products, out=products)
        return np.negative(products, out=products)

    def steps(self, rows: slice, count: int) -> Steps:
        """Return intp (R, count): where the normalised scores of `rows` with all others lie in the cue's tables."""
        mean, deviation = self._normal[:count].T
        gain, shift = (0.5 / deviation).astype(np.float32), (0.5 * mean / deviation).astype(np.float32)
        scores = self._raw(rows, count)
        scores *= gain[rows, None] + gain
        scores -= shift[rows, None] + shift
        return self._cue.steps(scores)


def _at(rows: FloatArray, places: Numbers) -> Numbers:
    """Return float64 (R,): each of the sorted `rows` (R, N) at its own fractional place."""
    below = np.clip(places.astype(np.intp), 0, rows.shape[1] - 1)
    above = np.minimum(below + 1, rows.shape[1] - 1)
    index = np.arange(len(rows))
    low, high = rows[index, below].astype(np.float64), rows[index, above].astype(np.float64)
    return np.where(high < BEYOND, low + (places - below) * (high - low), low)
