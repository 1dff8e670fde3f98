"""Hard negatives: what an earlier detector takes for a face where neither labels nor teachers see one.

Learning from the false alarms of the network before is bootstrapping after Sung and Poggio (1998).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.detector.crops import random_linear
from training.detector.pool import Mixture, Pool, is_prepared, load_pool, save_pool
from training.detector.samples import Floats, Image, Sample, clip_labels, shift, side_px, warp
from training.detector.teacher import Finds, look, overlap

NAME = "mistaken"
MISTAKEN_SCORE = 0.3
FAINTEST_SCORE = 0.15  # a teacher that sees so little has a doubt, and the place is left alone
EARLIER_SCALES = (1.0, 0.5)
MARGIN = 0.5  # of a face on all sides: hair, chins and second boxes on one face are no mistakes
MOST_A_PHOTO = 2
PART_SIDES = 10  # how many times as wide as the false face in its middle a part is
PART_PX = 320  # as the teachers see it, and as it is kept, unless it is smaller
LARGEST_SHOWN_PX = 90.0


def store_mistakes(
    photographs: Sequence[Pool | Mixture], earlier: Finds, teachers: Sequence[Finds], folder: Path
) -> int:
    """Write the parts of training photographs around the false faces of `earlier` as a pool; return how many."""
    parts = [
        part
        for pool in photographs
        for index in range(len(pool))
        for part in cut_mistakes(pool.sample(index), earlier, teachers)
    ]
    if parts:
        save_pool(folder, NAME, [part.image for part in parts], [part.labels for part in parts])
    return len(parts)


def load_mistakes(folder: Path) -> Pool | None:
    """Open what `store_mistakes` wrote, None where it wrote nothing."""
    return load_pool(folder, NAME) if is_prepared(folder, NAME) else None


def cut_mistakes(sample: Sample, earlier: Finds, teachers: Sequence[Finds]) -> Iterator[Sample]:
    """Yield a square part around each false face, which lies in its middle, with the true faces that lie in it."""
    found = look(earlier, sample.image, EARLIER_SCALES, MISTAKEN_SCORE)
    boxes = found.boxes[np.argsort(-found.scores, kind="stable")]
    known = np.concatenate([sample.labels.boxes, sample.labels.ignored])
    for box in boxes[~touch(boxes, known)][:MOST_A_PHOTO]:
        part_px = round(float(side_px(box[None])[0]) * PART_SIDES)
        left, top = (round(float(middle)) - part_px // 2 for middle in (box[:2] + box[2:]) / 2)
        part = cut_square(sample, left, top, part_px)
        if part_px > PART_PX:
            factor = PART_PX / part_px
            part = warp(part, np.array([[factor, 0, 0], [0, factor, 0]], np.float32), PART_PX, PART_PX)
        if not any(sees_middle(teacher, part.image) for teacher in teachers):
            yield part


def cut_square(sample: Sample, left: int, top: int, side: int) -> Sample:
    """Cut a square out of a picture; what lies beyond its edges repeats them."""
    height, width = sample.image.shape[:2]
    inside = sample.image[max(top, 0) : top + side, max(left, 0) : left + side]
    beyond = (max(-top, 0), max(top + side - height, 0), max(-left, 0), max(left + side - width, 0))
    image = np.asarray(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REPLICATE), np.uint8)
    return Sample(image, clip_labels(shift(sample.labels, -left, -top), side, side))


def sees_middle(teacher: Finds, part: Image) -> bool:
    """Say whether a teacher has the faintest suspicion of a face in the middle of a part."""
    side = part.shape[0]
    middle = np.array([[1, 1, 1, 1]], np.float32) * side / 2 + np.array([[-1, -1, 1, 1]]) * side / PART_SIDES / 2
    return bool(touch(middle.astype(np.float32), teacher.detect(part, PART_PX / side, FAINTEST_SCORE).boxes).any())


def touch(boxes: Floats, faces: Floats) -> NDArray[np.bool_]:
    """Say of each box (N, 4) whether it touches a face (M, 4) or what belongs to its head."""
    margin = (faces[:, 2:] - faces[:, :2]) * MARGIN
    heads = np.concatenate([faces[:, :2] - margin, faces[:, 2:] + margin], axis=1).astype(np.float32)
    return np.asarray(overlap(boxes, heads).max(axis=1, initial=0.0) > 0, np.bool_)


def show_mistake(rng: np.random.Generator, part: Sample, width: int, height: int) -> Sample:
    """Show a false face and what is around it in width x height pixels, at a random size and place."""
    side = part.image.shape[1]
    lowest = 0.75 * max(width, height) / side
    highest = max(lowest, LARGEST_SHOWN_PX * PART_SIDES / side)
    linear = random_linear(rng, float(np.exp(rng.uniform(np.log(lowest), np.log(highest)))))
    middle = np.array([width, height]) * rng.uniform(0.2, 0.8, 2)
    offset = middle - linear @ np.array([side, side], np.float32) / 2
    return warp(part, np.concatenate([linear, offset[:, None]], axis=1).astype(np.float32), width, height)
