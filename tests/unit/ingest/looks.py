"""Stand-ins for the embedding and the reader of clothes: what they say follows from the colours of the picture."""

from __future__ import annotations

import cv2
import numpy as np

from footfall.types import FloatArray, ImageArray


class ColourEmbedder:
    """Embeds the picture around a face, which differs a little from moment to moment; `last` is what it saw last."""

    input_size = 8
    width = 128
    model_version = "colours"

    def __init__(self) -> None:
        self.last = np.zeros((0, 8, 8, 3), np.uint8)

    def align(self, image_bgr: ImageArray, landmarks: FloatArray) -> ImageArray:
        """Return the whole picture, uint8 (8, 8, 3)."""
        del landmarks
        return np.asarray(cv2.resize(image_bgr, (8, 8), interpolation=cv2.INTER_AREA), np.uint8)

    def embed_aligned(self, faces: ImageArray) -> FloatArray:
        """Return float32 (N, 128), unit rows."""
        self.last = faces.copy()
        rows = (faces.reshape(len(faces), -1) - 128.0) @ np.random.default_rng(1).normal(size=(192, self.width))
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class ColourClothes:
    """Reads clothes as the mean colour of the picture; a black one shows no torso."""

    def __call__(self, image_bgr: ImageArray, boxes: FloatArray) -> FloatArray:
        """Return float32 (N, 3)."""
        colour = image_bgr.mean(axis=(0, 1), dtype=np.float32)
        row = colour if colour.any() else np.full(3, np.nan, np.float32)
        return np.tile(row, (len(boxes), 1))
