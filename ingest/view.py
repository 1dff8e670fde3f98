"""Where a camera looks, told from where it looked: people come and go, walls stay.

What stays is the mean over half a minute of signed, levelled brightness gradients: edges of people who pass cancel each
other out, edges of the building add up. A camera was turned when what stays hardly fits the usual view, or fits
better somewhere else than in place (normalised cross correlation; Lewis, Fast Normalized Cross-Correlation, 1995).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np

from footfall.types import FloatArray, ImageArray

LAYOUT_SIZE = (64, 36)
LEVELLING = 4.0
"""Gradient (grey levels a cell) from which on an edge counts nearly in full, whatever its contrast."""
LARGEST_SHIFT = (16, 9)
"""Cells to each side among which another place is sought: a quarter of the picture."""
SHAKE = 1
"""Cells by which a camera may shake in the wind."""


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """Times in seconds; correlations in [-1, 1], measured in docs/benchmarks/pictures.md.

    The view of `recent_s`, at the earliest after `least_s`, is compared with one learnt for `learn_s` that follows with
    a memory of `usual_s`. It is another when it fits by less than `other`, and when it fits better by `margin`
    elsewhere, unless it fits by `same` in place.
    """

    recent_s: float = 30.0
    least_s: float = 10.0
    learn_s: float = 30.0
    usual_s: float = 600.0
    other: float = 0.4
    margin: float = 0.03
    same: float = 0.8


def layout_of(grey: ImageArray) -> FloatArray:
    """Return float32 (36, 64, 2), levelled gradients to the right and down, of a grey picture, uint8 (H, W)."""
    small = cv2.resize(grey, LAYOUT_SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    right, down = cv2.Sobel(small, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(small, cv2.CV_32F, 0, 1, scale=0.125)
    strength = cv2.magnitude(right, down) + np.float32(LEVELLING)
    return np.asarray(np.dstack([right / strength, down / strength]), np.float32)


def fit(usual: FloatArray, seen: FloatArray) -> tuple[float, float]:
    """Return how well two layouts fit in place, and at best elsewhere: correlations in [-1, 1]."""
    wide, high = LARGEST_SHIFT
    framed = cv2.copyMakeBorder(seen, high, high, wide, wide, cv2.BORDER_CONSTANT)
    fits = cv2.matchTemplate(framed, usual, cv2.TM_CCORR_NORMED)
    place = (slice(high - SHAKE, high + SHAKE + 1), slice(wide - SHAKE, wide + SHAKE + 1))
    in_place = float(fits[place].max())
    fits[place] = -1.0
    return in_place, float(fits.max())


class ViewWatch:
    """Learns where one camera looks and tells when it looks elsewhere."""

    def __init__(self, options: ViewOptions = ViewOptions()) -> None:
        self._options = options
        self._usual: FloatArray | None = None
        self._recent: FloatArray | None = None
        self._at: datetime | None = None
        self._recent_s = self._learnt_s = 0.0
        self._elsewhere = False

    def is_elsewhere(self, layout: FloatArray, at: datetime) -> bool:
        """Take the `layout` seen at `at` and return whether the camera looks elsewhere than usual.

        After a time without a picture it goes on with what it knew until it has seen enough again.
        """
        options = self._options
        elapsed_s = -1.0 if self._at is None else (at - self._at).total_seconds()
        self._at = at
        if self._recent is None or not 0 <= elapsed_s <= options.least_s:
            self._recent, self._recent_s = layout, 0.0
            return self._elsewhere
        self._recent_s += elapsed_s
        self._recent = _towards(self._recent, layout, elapsed_s / max(min(self._recent_s, options.recent_s), 1e-6))
        if self._recent_s >= options.least_s:
            self._elsewhere = self._compare(self._recent, elapsed_s)
        return self._elsewhere

    def has_likeness(self, layout: FloatArray) -> bool:
        """Return whether a single `layout` shows the usual view, however weakly; False while none is known."""
        known = self._recent if self._usual is None else self._usual
        return known is not None and fit(known, layout)[0] >= 0.5

    def _compare(self, recent: FloatArray, elapsed_s: float) -> bool:
        if self._usual is None or self._learnt_s < self._options.learn_s:
            self._usual = recent
            self._learnt_s += elapsed_s
            return False
        options = self._options
        in_place, elsewhere = fit(self._usual, recent)
        if in_place < options.other or in_place < min(options.same, elsewhere - options.margin):
            return True
        self._usual = _towards(self._usual, recent, elapsed_s / options.usual_s)
        return False


def _towards(old: FloatArray, new: FloatArray, share: float) -> FloatArray:
    """Return the running average after `share` (elapsed / memory) of its memory went by."""
    return (old + np.float32(min(share, 1.0)) * (new - old)).astype(np.float32)
