"""Face-free pictures on which every detection is false: drawn scenes, and parts of photographs without faces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from training.data.facemask import ARCHIVE_NAME, read_photos
from training.detector.clutter import draw_clutter
from training.detector.samples import Floats, Image

SCENE_SEED = 90210
SCENE_COUNT = 150
SCENE_SIZE = (640, 352)
SMALLEST_REGION_PX = 96
HEADROOM = 0.6


def drawn_scenes(count: int = SCENE_COUNT, seed: int = SCENE_SEED) -> Iterator[Image]:
    """Yield drawn scenes uint8 (352, 640, 3) BGR with shapes in skin colours, from a seed training never uses."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield draw_clutter(rng, *SCENE_SIZE)


def widest_free_region(boxes: Floats, width: int, height: int) -> tuple[int, int, int, int] | None:
    """Return the largest rectangle (left, top, right, bottom) that touches no box, None when none is large enough.

    Boxes are first widened on all sides by a part of their size, for hair and chins belong to heads. The rectangle's
    sides lie on sides of widened boxes or of the picture, as those of any largest one do.
    """
    margin = (boxes[:, 2:] - boxes[:, :2]) * HEADROOM
    taken = np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], axis=1)
    columns = np.unique(np.clip(np.concatenate([[0, width], taken[:, 0], taken[:, 2]]), 0, width))
    best, best_area = None, 0.0
    for index, left in enumerate(columns):
        for right in columns[index + 1 :]:
            blocking = taken[(taken[:, 0] < right) & (taken[:, 2] > left)]
            edges = blocking[np.argsort(blocking[:, 1])]
            top = 0.0
            for low, high in [*edges[:, [1, 3]], (height, height)]:
                area = (right - left) * (low - top)
                if min(right - left, low - top) >= SMALLEST_REGION_PX and area > best_area:
                    best, best_area = (int(np.ceil(left)), int(np.ceil(top)), int(right), int(low)), float(area)
                top = max(top, float(high))
    return best


def photographed_regions(data: Path) -> Iterator[tuple[str, Image]]:
    """Yield name and the largest annotation-free region of each held-back mask photograph that has one."""
    for photo in read_photos(data / ARCHIVE_NAME, "test"):
        region = widest_free_region(photo.boxes, photo.image.shape[1], photo.image.shape[0])
        if region is not None:
            left, top, right, bottom = region
            yield photo.name, photo.image[top:bottom, left:right]
