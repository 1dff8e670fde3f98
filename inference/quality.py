"""Says how much a face is worth for judging gender and age: large, sharp, frontal and surely a face."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from footfall.types import Detections, FloatArray, ImageArray
from inference.alignment import align_face

FULL_SIZE_PX = 64.0
"""A larger face adds nothing: the networks look at about this many pixels."""
SHARP_DETAIL, BLURRED_DETAIL = 0.25, 0.1
"""Medians of `python -m training demographics sharpness` for faces that were shrunk to 24 px, the smallest whose gender
is judged, and to 12 px: from the first on a face is sharp, below the second it has no features."""
PATCH_PX, COARSE_PX, PATCH_MARGIN_PX = 48, 12, 6
FAINTEST_CONTRAST = 8.0
"""Standard deviation in grey levels below which noise would pass for detail."""
FRAMING = np.array([[0.3, 0.28], [0.7, 0.28], [0.5, 0.5], [0.33, 0.68], [0.67, 0.68]], np.float32)
"""Where the landmarks lie in the patch: eyebrows to chin, so that hair and background lend a blurred face no edges."""


def face_quality(image_bgr: ImageArray, detections: Detections, least: Sequence[float] | None = None) -> FloatArray:
    """Return float32 (N,) in [0, 1]: the product of size, sharpness, frontality and confidence, each in [0, 1].

    `image_bgr` is uint8 (H, W, 3). Sharpness is how much detail a face has that one of 12 px could not have, so that a
    large face out of focus counts as the small one that it is worth. `least` (N,) is what each face must be worth to
    matter: the pixels of one that cannot be, however sharp, are not looked at, and it is worth 0.
    """
    if not len(detections):
        return np.zeros(0, np.float32)
    size = np.clip(face_sizes(detections) / FULL_SIZE_PX, 0, 1)
    product = np.sqrt(size) * frontality(detections.landmarks) * np.clip(detections.scores, 0, 1)
    sharp = np.zeros(len(detections), np.float32)
    for row in np.flatnonzero(product >= (0.0 if least is None else np.array(least, np.float32))):
        sharp[row] = detail(align_face(image_bgr, detections.landmarks[row], FRAMING, PATCH_PX))
    product *= np.clip((sharp - BLURRED_DETAIL) / (SHARP_DETAIL - BLURRED_DETAIL), 0, 1)
    return np.asarray(product, np.float32)


def face_sizes(detections: Detections) -> FloatArray:
    """Return float32 (N,): the square root of each box's area, px."""
    return box_sizes(detections.boxes)


def box_sizes(boxes: FloatArray) -> FloatArray:
    """Return float32 (N,): the square root of the area of each of `boxes`, float32 (N, 4) xyxy px."""
    width, height = (boxes[:, 2:] - boxes[:, :2]).clip(0).T
    return np.asarray(np.sqrt(width * height), np.float32)


def frontality(landmarks: FloatArray) -> FloatArray:
    """Return float32 (N,) in [0, 1]: 1 looking into the camera, 0 in profile, from `landmarks` (N, 5, 2) px.

    Yaw moves the nose from the middle between the eyes towards one of them; pitch moves it along the line from the
    eyes to the mouth.
    """
    left_eye, right_eye, nose = landmarks[:, 0], landmarks[:, 1], landmarks[:, 2]
    mouth = (landmarks[:, 3] + landmarks[:, 4]) / 2
    across = right_eye - left_eye
    down = mouth - (left_eye + right_eye) / 2
    eye_distance = np.maximum(np.linalg.norm(across, axis=1), 1e-3)
    height = np.maximum(np.linalg.norm(down, axis=1), 1e-3)
    offset = nose - (left_eye + right_eye) / 2
    yaw = np.abs((offset * across).sum(axis=1)) / eye_distance**2
    pitch = np.abs((offset * down).sum(axis=1) / height**2 - 0.55)
    narrow = np.clip(eye_distance / height, 0, 1)  # in profile the eyes close up while the height stays
    facing = np.clip(1 - yaw / 0.5, 0, 1) * np.clip(1.2 - pitch / 0.45, 0, 1) * np.sqrt(narrow)
    return np.asarray(facing, np.float32)


def detail(face: ImageArray) -> float:
    """Return the share of a face's contrast that is lost when it is shrunk to 12 px, 0 for one without features.

    `face` is uint8 (48, 48, 3) BGR, its landmarks at FRAMING. A wavelet measure of focus (Pertuz et al., 2013) with one
    level: contrast beyond that of the coarse picture, relative to all, so that a dark face does not seem blurred.
    """
    grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY).astype(np.float32)
    coarse = cv2.resize(grey, (COARSE_PX, COARSE_PX), interpolation=cv2.INTER_AREA)
    fine = grey - cv2.resize(coarse, (PATCH_PX, PATCH_PX), interpolation=cv2.INTER_CUBIC)
    inner = slice(PATCH_MARGIN_PX, PATCH_PX - PATCH_MARGIN_PX)
    return float(fine[inner, inner].std() / max(float(grey[inner, inner].std()), FAINTEST_CONTRAST))
