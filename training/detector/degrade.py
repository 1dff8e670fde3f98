"""What cameras, lenses, light and codecs do to a picture; mild enough for the labels to stay as they are."""

from __future__ import annotations

import cv2
import numpy as np

from training.detector.samples import Image


def _light(rng: np.random.Generator, image: Image) -> Image:
    """Change gamma, gain and white balance in one look-up table for each colour."""
    dark = rng.random() < 0.25
    gamma = rng.uniform(1.2, 2.6) if dark else np.exp(rng.normal(0, 0.3))
    gain = rng.uniform(0.35, 1.0, 1) if dark else np.exp(rng.normal(0, 0.2, 1))
    cast = gain * np.exp(rng.normal(0, 0.08, 3))
    lift = rng.normal(0, 12)
    ramp = (np.arange(256, dtype=np.float32) / 255) ** gamma
    table = np.clip(ramp[:, None] * cast[None] * 255 + lift, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[None]), np.uint8)


def _blur(rng: np.random.Generator, image: Image) -> Image:
    """Blur by motion along a line, or out of focus."""
    if rng.random() < 0.6:
        length = int(rng.integers(3, 7))
        kernel = np.zeros((length, length), np.float32)
        angle = rng.uniform(0, np.pi)
        middle = (length - 1) / 2
        end = np.array([np.cos(angle), np.sin(angle)]) * middle
        first = (round(middle - end[0]), round(middle - end[1]))
        cv2.line(kernel, first, (round(middle + end[0]), round(middle + end[1])), 1.0)
        return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.4, 1.4))), np.uint8)


def _noise(rng: np.random.Generator, image: Image) -> Image:
    """Add sensor noise: one small field drawn, tiled over the picture (a full one costs more than the training)."""
    field = rng.normal(0, rng.uniform(2, 12), (67, 71, 3 if rng.random() < 0.5 else 1)).astype(np.int16)
    repeats = (-(-image.shape[0] // 67), -(-image.shape[1] // 71), 3 // field.shape[2])
    tiled = np.tile(field, repeats)[: image.shape[0], : image.shape[1]]
    return np.asarray(cv2.add(image, tiled, dtype=cv2.CV_8U), np.uint8)


def _coarsen(rng: np.random.Generator, image: Image) -> Image:
    """Lose resolution, as a cheap lens or an upscaled stream does."""
    factor = rng.uniform(0.5, 0.9)
    methods = (cv2.INTER_LINEAR, cv2.INTER_AREA, cv2.INTER_NEAREST, cv2.INTER_CUBIC)
    down, up = (methods[int(index)] for index in rng.integers(len(methods), size=2))
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=down)
    return np.asarray(cv2.resize(small, image.shape[1::-1], interpolation=up), np.uint8)


def _compress(rng: np.random.Generator, image: Image) -> Image:
    """Compress as JPEG with quality 20 to 90."""
    quality = int(rng.integers(20, 91))
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def degrade(rng: np.random.Generator, image: Image) -> Image:
    """Return uint8 (H, W, 3) BGR as a shop's camera might have recorded it."""
    if rng.random() < 0.7:
        image = _light(rng, image)
    if rng.random() < 0.07:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        image = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    if rng.random() < 0.18:
        image = _blur(rng, image)
    if rng.random() < 0.15:
        image = _coarsen(rng, image)
    if rng.random() < 0.2:
        image = _noise(rng, image)
    if rng.random() < 0.4:
        image = _compress(rng, image)
    return image
