"""A cached face as a camera at an entrance sees it: small, in that camera's light, moving, noisy, compressed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from footfall.types import Detections, FloatArray, ImageArray
from training.data.framed import CACHED_LANDMARKS

FACE_SHARE = 0.53
"""Side of the detector's box of a cached face, in units of the cache's picture."""
SMALLEST_PX, LARGEST_PX = 28.0, 64.0
LANDMARK_ERROR = 0.018  # of the face's size: the detector's, on faces of this size


@dataclass(frozen=True, slots=True)
class Light:
    """How a camera renders a place at one time: gamma, gain, cast float64 (3,) BGR, and what is added, 0-255."""

    gamma: float
    gain: float
    cast: FloatArray
    lift: float

    def __call__(self, image: ImageArray) -> ImageArray:
        """Return `image` uint8 (H, W, 3) BGR in this light."""
        level = (np.arange(256, dtype=np.float32) / 255.0) ** self.gamma
        table = np.clip(level[:, None] * self.gain * self.cast[None] * 255.0 + self.lift, 0, 255).astype(np.uint8)
        return np.asarray(cv2.LUT(image, table[None]), np.uint8)


def draw_light(random: np.random.Generator) -> Light:
    """Return the light of one visit; a few seconds do not change it."""
    cast = np.exp(random.normal(0.0, 0.06, 3)).astype(np.float32)
    gamma, gain = np.exp(random.normal(0.0, [0.3, 0.2])).tolist()
    return Light(gamma, gain, cast, float(random.normal(0.0, 10.0)))


def draw_sizes(random: np.random.Generator, count: int) -> FloatArray:
    """Return float32 (count,): how large the faces of one visit are, px; most of a visit's are of about one size."""
    middle = np.exp(random.uniform(np.log(SMALLEST_PX), np.log(56.0)))
    sizes_px = np.clip(middle * random.uniform(0.9, 1.15, count), SMALLEST_PX, LARGEST_PX)
    return np.asarray(sizes_px, np.float32)


def see_face(
    random: np.random.Generator, face: ImageArray, face_px: float, light: Light
) -> tuple[ImageArray, Detections]:
    """Return the picture uint8 (H, H, 3) BGR in which the cached `face` is `face_px` wide, and the face found in it."""
    small, landmarks = _shrink(random, face, face_px)
    small = _blur(random, light(small))
    small = np.clip(small + random.normal(0.0, random.uniform(1.0, 7.0), small.shape), 0, 255).astype(np.uint8)
    _, content = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(35, 85))])
    landmarks += random.normal(0.0, LANDMARK_ERROR * face_px, landmarks.shape).astype(np.float32)
    middle = landmarks.mean(axis=0)
    box = np.concatenate([middle - face_px / 2, middle + face_px / 2]).astype(np.float32)
    found = Detections(box[None], np.ones(1, np.float32), landmarks[None])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8), found


def _shrink(random: np.random.Generator, face: ImageArray, face_px: float) -> tuple[ImageArray, FloatArray]:
    """Turn and shift the face a little and shrink it by areas; return it and where its landmarks are, px."""
    side, small_px = face.shape[0], max(8, round(face_px / FACE_SHARE))
    factor = max(1, side // small_px)
    angle = np.deg2rad(random.normal(0.0, 4.0))
    turn = small_px * factor / side * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = (small_px * factor - 1) / 2.0 + random.normal(0.0, 0.02 * small_px * factor, 2)
    offset = middle - turn @ np.full(2, (side - 1) / 2.0)
    warped = cv2.warpAffine(
        np.ascontiguousarray(face),
        np.concatenate([turn, offset[:, None]], axis=1),
        (small_px * factor,) * 2,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if factor > 1:
        warped = cv2.resize(warped, (small_px, small_px), interpolation=cv2.INTER_AREA)
    landmarks = (CACHED_LANDMARKS * side @ turn.T + offset) / factor
    return np.asarray(warped, np.uint8), landmarks.astype(np.float32)


def _blur(random: np.random.Generator, image: ImageArray) -> ImageArray:
    """Move the face (a quarter of the time) or put it out of focus (three in ten)."""
    chance = random.random()
    if chance < 0.3:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), random.uniform(0.4, 1.2)), np.uint8)
    if chance < 0.55:
        length = int(random.integers(2, 5))
        size = (length, 1) if random.random() < 0.7 else (1, length)
        return np.asarray(cv2.blur(image, size), np.uint8)
    return image
