"""Turn the detector's score into a probability that the detection is a face (Platt scaling, 1999)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from footfall.errors import DataError
from training.detector.metrics import Matched


@dataclass(frozen=True, slots=True)
class Calibration:
    """The probability of a face is sigmoid(`slope` * logit + `offset`)."""

    slope: float = 1.0
    offset: float = 0.0


UNCALIBRATED = (Calibration(), Calibration(), Calibration())
SILENT = Calibration(0.0, -20.0)


def only_level(level: int) -> tuple[Calibration, ...]:
    """Return calibrations that silence every level but one (0, 1, 2 for strides 8, 16, 32)."""
    return tuple(Calibration() if index == level else SILENT for index in range(len(UNCALIBRATED)))


def calibrate(matched: Matched) -> Calibration:
    """Fit the calibration on detections of pictures that were not trained on.

    Raises DataError when all of them are true or all false.
    """
    if matched.true.all() or not matched.true.any():
        raise DataError("cannot calibrate: of the validation detections all are true, or none; train longer")
    scores = np.clip(matched.scores.astype(np.float64), 1e-6, 1 - 1e-6)
    model = LogisticRegression(C=np.inf).fit(np.log(scores / (1 - scores))[:, None], matched.true)
    return Calibration(float(model.coef_[0, 0]), float(model.intercept_[0]))
