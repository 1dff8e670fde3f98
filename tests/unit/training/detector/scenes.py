"""Drawn faces and pools of them, so that the detector's tests need no data set."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from training.detector.pool import MASK, SINGLE_FACES, save_pool
from training.detector.samples import Labels, Sample

MARKS = np.array([[-0.2, -0.15], [0.2, -0.15], [0.0, 0.08], [-0.17, 0.28], [0.17, 0.28]], np.float32)


def marked_face(side: int, centre: tuple[float, float], face: float) -> Sample:
    """Draw one face: a skin-coloured disc on black with bright landmarks, uint8 (side, side, 3) BGR."""
    image = np.zeros((side, side, 3), np.uint8)
    middle = (round(centre[0]), round(centre[1]))
    cv2.circle(image, middle, round(face / 2), (60, 90, 140), -1)
    landmarks = (MARKS * face + centre).astype(np.float32)
    for x, y in landmarks:
        cv2.circle(image, (round(float(x)), round(float(y))), max(2, round(face / 20)), (255, 255, 255), -1)
    x, y = centre
    box = np.array([[x - face / 2, y - face / 2, x + face / 2, y + face / 2]], np.float32)
    return Sample(image, Labels(box, landmarks[None], np.zeros((0, 4), np.float32)))


def write_pools(folder: object, count: int = 6) -> Path:
    """Write pools of drawn faces for every source and return their folder."""
    path = Path(str(folder))
    for source in (MASK, *SINGLE_FACES):
        side = 128 if source == "utkface" else 200
        faces = [marked_face(side, (side / 2 + index, side / 2 - index), side * 0.45) for index in range(count)]
        save_pool(path, source, [face.image for face in faces], [face.labels for face in faces])
    return path
