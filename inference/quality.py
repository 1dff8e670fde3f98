"""Says how much a face is worth for judging gender and age: large, sharp, frontal and surely a face."""

from __future__ import annotations

import cv2
import numpy as np

from footfall.types import Detections, FloatArray, ImageArray

FULL_SIZE_PX = 64.0
"""A larger face adds nothing: the networks look at about this many pixels."""
SHARP_GRADIENT = 12.0
"""Mean absolute Laplacian (grey levels) at 32x32 px of a face in focus; a motion-blurred one has 2 to 5."""
PATCH_PX = 32


def face_quality(image_bgr: ImageArray, detections: Detections) -> FloatArray:
    """Return float32 (N,) in [0, 1]: the product of size, sharpness, frontality and confidence, each in [0, 1].

    `image_bgr` is uint8 (H, W, 3). Sharpness is the mean absolute Laplacian of the face brought to one size, relative
    to its contrast (Pertuz et al., 2013, LAPM), so that a dark face is not taken for a blurred one.
    """
    if not len(detections):
        return np.zeros(0, np.float32)
    sharp = np.array([_sharpness(image_bgr, box) for box in detections.boxes], np.float32)
    size = np.clip(face_sizes(detections) / FULL_SIZE_PX, 0, 1)
    product = np.sqrt(size) * sharp * frontality(detections.landmarks) * np.clip(detections.scores, 0, 1)
    return np.asarray(product, np.float32)


def face_sizes(detections: Detections) -> FloatArray:
    """Return float32 (N,): the square root of each box's area, px."""
    width, height = (detections.boxes[:, 2:] - detections.boxes[:, :2]).clip(0).T
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


def _sharpness(image: ImageArray, box: FloatArray) -> float:
    height, width = image.shape[:2]
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(width, int(box[2]) + 1), min(height, int(box[3]) + 1)
    if right - left < 4 or bottom - top < 4:
        return 0.0
    grey = cv2.cvtColor(image[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
    patch = cv2.resize(grey, (PATCH_PX, PATCH_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    contrast = max(float(patch.std()), 8.0) / 40.0
    return float(np.clip(np.abs(cv2.Laplacian(patch, cv2.CV_32F)).mean() / (SHARP_GRADIENT * contrast), 0, 1))
