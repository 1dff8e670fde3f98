"""Cheap looks at a small grey picture: does anything move, and did the scene change altogether."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import cast

import cv2
import numpy as np

from footfall.types import FloatArray, ImageArray

GREY_WIDTH_PX = 160
HISTOGRAM_BINS = 32
FLAT_CONTRAST = 3.0
CLOCK_TOLERANCE_S = 0.002

Polygon = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class MotionOptions:
    """When a frame is worth the detector.

    A pixel of the small picture moved when its grey level differs by `changed_levels` from the picture at the last
    detection; the frame moved when `changed_px` of them did (a face of 16 px at 640 px is 4x4 of them). Detection
    goes on for `hold_s` after the last motion, then every `followed_interval_s` while somebody is followed and every
    `empty_interval_s` otherwise: what stands still in view is seen again and again.

    A cut is a pair of frames whose structure correlates by less than `cut_correlation` and whose histograms overlap
    by less than `cut_overlap`: a fast large movement keeps the histogram, a lamp switched on keeps the structure.
    """

    changed_levels: int = 7
    changed_px: int = 8
    hold_s: float = 0.5
    followed_interval_s: float = 0.2
    empty_interval_s: float = 1.0
    cut_correlation: float = 0.35
    cut_overlap: float = 0.85


class View(Enum):
    """What the last detection found."""

    EMPTY = "no face and nobody followed"
    FOLLOWED = "every face belongs to somebody followed, or somebody is awaited back"
    NEW = "a face that nobody followed accounts for yet"


def small_grey(image_bgr: ImageArray) -> ImageArray:
    """Return uint8 (h, 160) grey, smoothed against sensor noise, of `image_bgr`, uint8 (H, W, 3)."""
    height, width = image_bgr.shape[:2]
    size = (GREY_WIDTH_PX, max(1, round(GREY_WIDTH_PX * height / width)))
    small = cv2.resize(image_bgr, size, interpolation=cv2.INTER_LINEAR)
    return cast(ImageArray, cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (3, 3), 0))


def polygon_mask(polygons: tuple[Polygon, ...], size: tuple[int, int]) -> ImageArray:
    """Return uint8 (h, w), 255 outside all `polygons` (points in [0, 1] of width and height) and 0 inside."""
    mask = np.full((size[1], size[0]), 255, np.uint8)
    for polygon in polygons:
        corners = np.round(np.asarray(polygon) * np.asarray(size)).astype(np.int32)
        cv2.fillPoly(mask, [corners], 0)
    return mask


class MotionGate:
    """Decides which frames the detector sees.

    `changed`, uint8 (h, w), is 255 where the last small grey picture differed from the one at the last detection,
    None while there is nothing to compare with.
    """

    def __init__(self, options: MotionOptions, ignore: tuple[Polygon, ...] = ()) -> None:
        self._options = options
        self._ignore = ignore
        self._mask: ImageArray | None = None
        self._reference: ImageArray | None = None
        self.changed: ImageArray | None = None
        self._detected_at: datetime | None = None
        self._moved_at: datetime | None = None
        self._view = View.EMPTY

    def wants(self, grey: ImageArray, at: datetime) -> bool:
        """Tell whether the frame with this small grey picture should be detected."""
        if self._reference is None or self._detected_at is None or self._reference.shape != grey.shape:
            self.changed = None
            self._moved_at = at
            return True
        self.changed = self._changes(grey, self._reference)
        if cv2.countNonZero(self.changed) >= self._options.changed_px:
            self._moved_at = at
            return True
        if self._view is View.NEW or (
            self._moved_at is not None and _seconds(self._moved_at, at) < self._options.hold_s
        ):
            return True
        followed = self._view is View.FOLLOWED
        interval_s = self._options.followed_interval_s if followed else self._options.empty_interval_s
        return not 0 <= _seconds(self._detected_at, at) < interval_s - CLOCK_TOLERANCE_S

    def detected(self, grey: ImageArray, at: datetime, view: View) -> None:
        """Remember the picture that was detected, and what it showed."""
        self._reference, self._detected_at, self._view = grey, at, view

    def _changes(self, grey: ImageArray, reference: ImageArray) -> ImageArray:
        changed = cv2.threshold(cv2.absdiff(grey, reference), self._options.changed_levels - 1, 255, cv2.THRESH_BINARY)[
            1
        ]
        if self._ignore:
            if self._mask is None or self._mask.shape != grey.shape:
                self._mask = polygon_mask(self._ignore, (grey.shape[1], grey.shape[0]))
            changed = cv2.bitwise_and(changed, self._mask)
        return np.asarray(changed, np.uint8)


class CutDetector:
    """Finds hard scene cuts between consecutive frames (histogram and structure, after Boreczky and Rowe, 1996)."""

    def __init__(self, options: MotionOptions) -> None:
        self._options = options
        self._previous: tuple[FloatArray, FloatArray] | None = None

    def is_cut(self, grey: ImageArray) -> bool:
        """Tell whether the scene changed since the last picture with any contrast; black pictures do not count."""
        pattern = grey.astype(np.float32)
        pattern -= pattern.mean()
        contrast = float(np.sqrt(np.mean(np.square(pattern))))
        if contrast < FLAT_CONTRAST:
            return False
        pattern /= contrast
        counts = cv2.calcHist([grey], [0], None, [HISTOGRAM_BINS], [0, 256])
        histogram = np.asarray(counts / np.float32(grey.size), np.float32)
        previous, self._previous = self._previous, (pattern, histogram)
        if previous is None or previous[0].shape != pattern.shape:
            return False
        correlation = float(np.vdot(previous[0], pattern)) / pattern.size
        overlap = float(np.minimum(previous[1], histogram).sum())
        return correlation < self._options.cut_correlation and overlap < self._options.cut_overlap


def _seconds(earlier: datetime, later: datetime) -> float:
    return (later - earlier).total_seconds()
