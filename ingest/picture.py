"""Notices a camera that cannot see: dark, covered, blurred or turned away. Only statistics are kept, no picture.

Every half second one frame is reduced to 320x180 grey; brightness, contrast and sharpness (variance of the Laplacian,
Pech-Pacheco et al., ICPR 2000) come from it, and a coarse map of its edges says where the camera looks (`ingest.view`).
A state counts only after it lasted some seconds, so that nobody who walks close by the lens raises an alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import cast

import cv2
import numpy as np

from footfall.types import FloatArray, ImageArray, PictureState
from ingest.view import ViewWatch, layout_of

GREY_SIZE = (320, 180)


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """Limits on 0-255 grey values and ratios; times in seconds; `usual_after` measurements say what is usual."""

    every_s: float = 0.5
    lasting_s: float = 3.0
    moved_lasting_s: float = 15.0
    dark_below: float = 22.0
    dark_highlights_below: float = 60.0
    flat_contrast_below: float = 9.0
    flat_edges_below: float = 2.5
    blurred_share_of_usual: float = 0.2
    blurred_sharpness_below: float = 12.0
    usual_memory_s: float = 600.0
    usual_after: int = 20


@dataclass(frozen=True, slots=True)
class PictureStatistics:
    """What is kept of one frame: numbers, and float32 (36, 64, 2) edges without brightness."""

    brightness: float
    highlights: float
    contrast: float
    edges: float
    sharpness: float
    layout: FloatArray


def measure_picture(image_bgr: ImageArray) -> PictureStatistics:
    """Reduce `image_bgr`, uint8 (H, W, 3) BGR, to its statistics."""
    small = cv2.resize(image_bgr, GREY_SIZE, interpolation=cv2.INTER_AREA)
    levels = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    grey = levels.astype(np.float32)
    horizontal = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125)
    vertical = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125)
    strength = cv2.magnitude(horizontal, vertical)
    return PictureStatistics(
        brightness=float(grey.mean()),
        highlights=float(np.percentile(grey, 99)),
        contrast=float(grey.std()),
        edges=float(np.percentile(strength, 95)),
        sharpness=float(cv2.Laplacian(grey, cv2.CV_32F).var()),
        layout=layout_of(cast(ImageArray, levels)),
    )


class PictureMonitor:
    """Follows the statistics of one camera and says what they mean."""

    def __init__(self, options: PictureOptions = PictureOptions()) -> None:
        self._options = options
        self._measured_at: datetime | None = None
        self._view = ViewWatch()
        self._first_sharpness: list[float] = []
        self._usual_sharpness: float | None = None
        self._candidate = PictureState.OK
        self._candidate_since: datetime | None = None
        self.state = PictureState.OK

    def update(self, image_bgr: ImageArray, at: datetime) -> PictureState:
        """Take a frame, uint8 (H, W, 3) BGR, captured at `at`, and return the state of the camera's sight."""
        elapsed_s = 0.0 if self._measured_at is None else (at - self._measured_at).total_seconds()
        if self._measured_at is not None and 0 <= elapsed_s < self._options.every_s:
            return self.state
        self._measured_at = at
        statistics = measure_picture(image_bgr)
        seen = self._judge(statistics, at, max(elapsed_s, 0.0))
        self._settle(seen, at)
        return self.state

    def _judge(self, seen: PictureStatistics, at: datetime, elapsed_s: float) -> PictureState:
        options = self._options
        if seen.brightness < options.dark_below and seen.highlights < options.dark_highlights_below:
            return PictureState.DARK
        if seen.contrast < options.flat_contrast_below or (
            # A blurred view still looks where it did, a covered one does not.
            seen.edges < options.flat_edges_below and not self._view.has_likeness(seen.layout)
        ):
            return PictureState.COVERED
        if seen.sharpness < options.blurred_sharpness_below or (
            self._usual_sharpness is not None
            and seen.sharpness < options.blurred_share_of_usual * self._usual_sharpness
        ):
            return PictureState.BLURRED
        if self._view.is_elsewhere(seen.layout, at):
            return PictureState.MOVED
        self._learn(seen.sharpness, elapsed_s)
        return PictureState.OK

    def _learn(self, sharpness: float, elapsed_s: float) -> None:
        """Take a sharpness into what is usual; a single odd picture at first, as a logo or snow, decides nothing."""
        if self._usual_sharpness is None:
            self._first_sharpness.append(sharpness)
            if len(self._first_sharpness) >= self._options.usual_after:
                self._usual_sharpness = median(self._first_sharpness)
            return
        share = min(elapsed_s / self._options.usual_memory_s, 1.0)
        self._usual_sharpness += share * (sharpness - self._usual_sharpness)

    def _settle(self, seen: PictureState, at: datetime) -> None:
        if seen != self._candidate or self._candidate_since is None or at < self._candidate_since:
            self._candidate, self._candidate_since = seen, at
        lasting_s = self._options.moved_lasting_s if seen is PictureState.MOVED else self._options.lasting_s
        if (at - self._candidate_since).total_seconds() >= lasting_s:
            self.state = seen
