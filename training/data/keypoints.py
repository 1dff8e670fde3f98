"""The key points that All-Age-Faces gives each photograph: brows, nose, eyes and mouth, 49 of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from footfall.errors import DataError

FOLDER = "key points"
POINTS = 49
EYE_LEFT_OF_PICTURE = slice(19, 25)
EYE_RIGHT_OF_PICTURE = slice(25, 31)
NOSE_TIP = 13
MOUTH_CORNERS = (31, 37)


def read_keypoints(photo: Path) -> NDArray[np.float32]:
    """Return the detector's five landmarks of a photograph, float32 (5, 2) x, y in pixels.

    They stand in 49 lines of a file in the folder `key points` beside the photographs' folder. An eye is the mean of
    the six points of its rim.

    Raises:
        DataError: the file is missing or holds anything else.
    """
    path = photo.parents[1] / FOLDER / f"{photo.stem}.txt"
    try:
        points = np.loadtxt(path, dtype=np.float32)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not readable as key points ({error}); fetch the set again") from None
    if points.shape != (POINTS, 2):
        raise DataError(f"{path}: expected {POINTS} points, not {points.shape}; fetch the set again")
    eyes = [points[eye].mean(axis=0) for eye in (EYE_LEFT_OF_PICTURE, EYE_RIGHT_OF_PICTURE)]
    return np.stack([*eyes, points[NOSE_TIP], *points[list(MOUTH_CORNERS)]]).astype(np.float32)
