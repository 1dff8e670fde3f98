"""How much detail faces of each size have: where `inference.quality` draws the line between sharp and blurred."""

from __future__ import annotations

import numpy as np

from inference.quality import PATCH_PX, detail
from training.data.faces import LabelledFaces, held_out
from training.demographics.evaluate import as_distant, resize_faces

SIZES_PX = (48, 32, 24, 20, 16, 12)
PERCENTILES = (1, 5, 25, 50, 75, 95)


def sharpness_table(faces: LabelledFaces, share: float) -> str:
    """Return Markdown: percentiles of detail of the faces that a training holds out, shrunk to several sizes."""
    rows = np.flatnonzero(held_out(faces.groups, share) & (faces.age_years >= 0))
    images = np.asarray(faces.images[rows])
    lines = [
        "| faces of | " + " | ".join(f"{p} %" for p in PERCENTILES) + " |",
        "| --- |" + " ---: |" * len(PERCENTILES),
    ]
    for size_px in SIZES_PX:
        shrunk = resize_faces(as_distant(images, size_px), PATCH_PX)
        values = np.percentile([detail(face) for face in shrunk], PERCENTILES)
        lines.append(f"| {size_px} px | " + " | ".join(f"{value:.2f}" for value in values) + " |")
    return "\n".join(lines)
