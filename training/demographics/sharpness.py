"""How much detail faces of each size have: where `inference.quality` draws the line between sharp and blurred."""

from __future__ import annotations

import cv2
import numpy as np

from footfall.types import ImageArray
from inference.quality import PATCH_PX, detail
from training.demographics.photographs import as_distant

SIZES_PX = (48, 32, 24, 20, 16, 12)
PERCENTILES = (1, 5, 25, 50, 75, 95)


def sharpness_table(crops: ImageArray) -> str:
    """Return Markdown: percentiles of detail of UTKFace's `crops`, uint8 (N, S, S, 3), shrunk to several sizes."""
    lines = [
        "| faces of | " + " | ".join(f"{p} %" for p in PERCENTILES) + " |",
        "| --- |" + " ---: |" * len(PERCENTILES),
    ]
    for size_px in SIZES_PX:
        patches = [
            np.asarray(cv2.resize(face, (PATCH_PX, PATCH_PX), interpolation=cv2.INTER_AREA), np.uint8)
            for face in as_distant(crops, size_px)
        ]
        values = np.percentile([detail(patch) for patch in patches], PERCENTILES)
        lines.append(f"| {size_px} px | " + " | ".join(f"{value:.2f}" for value in values) + " |")
    return "\n".join(lines)
