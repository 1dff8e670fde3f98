"""Put the detector's best operating point at a score of one half, where the program expects it."""

from __future__ import annotations

import numpy as np

from training.detector.metrics import Matched


def best_threshold(matched: Matched, smallest_px: float) -> float:
    """Return the score at which the harmonic mean of precision and recall is highest."""
    order = np.argsort(-matched.scores, kind="stable")
    hits = np.cumsum(matched.true[order])
    faces = int((matched.face_sides >= smallest_px).sum())
    balance = 2 * hits / (np.arange(1, len(order) + 1) + faces)
    return float(matched.scores[order][int(balance.argmax())]) if len(order) else 0.5


def score_shift(threshold: float) -> float:
    """Return what to add to every logit so that `threshold` becomes one half."""
    bounded = float(np.clip(threshold, 0.05, 0.95))
    return -float(np.log(bounded / (1 - bounded)))
