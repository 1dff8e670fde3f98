"""Paste heads on a picture through soft masks, and put things in front of its faces."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from training.detector.clutter import any_colour, skin_colour
from training.detector.crops import cut_head, touches
from training.detector.pool import Mixture, Pool
from training.detector.samples import Image, Sample, concatenate, shift


def paste_heads(rng: np.random.Generator, sample: Sample, pools: Sequence[Pool | Mixture]) -> Sample:
    """Paste heads from `pools`, few or a crowd, where there is room; the picture changes in place."""
    canvas = sample.image
    parts = [sample.labels]
    crowded = rng.random() < 0.35
    for _ in range(int(rng.integers(15, 41) if crowded else rng.integers(1, 9))):
        pool = pools[int(rng.integers(len(pools)))]
        face_px = float(np.exp(rng.uniform(np.log(8), np.log(28 if crowded else 100))))
        head = cut_head(rng, pool.sample(int(rng.integers(len(pool)))), face_px)
        if head is None:
            continue
        height, width = head.image.shape[:2]
        if min(canvas.shape[0] - height, canvas.shape[1] - width) <= 0:
            continue
        left = int(rng.integers(canvas.shape[1] - width))
        top = int(rng.integers(canvas.shape[0] - height))
        placed = shift(head.labels, left, top)
        frame = np.array([left, top, left + width, top + height], np.float32)
        if any(touches(frame, region) for part in parts for region in (part.boxes, part.ignored)):
            continue
        blend(rng, canvas[top : top + height, left : left + width], head.image)
        parts.append(placed)
    return Sample(canvas, concatenate(parts))


def blend(rng: np.random.Generator, target: Image, head: Image) -> None:
    """Blend a head into the canvas through a soft ellipse or rounded box."""
    height, width = head.shape[:2]
    x = np.abs(np.linspace(-1, 1, width, dtype=np.float32))
    y = np.abs(np.linspace(-1, 1, height, dtype=np.float32))
    power = rng.choice([2.0, 3.0, 6.0])
    distance = x[None] ** power + y[:, None] ** power
    alpha = np.clip((1 - distance) * rng.uniform(2, 10), 0, 1)[..., None]
    target[:] = (head * alpha + target * (1 - alpha)).astype(np.uint8)


def cover_faces(rng: np.random.Generator, sample: Sample) -> None:
    """Hide parts of some faces, in place: masks, glasses, hats, hands; the label stays, as the face does."""
    for box in sample.labels.boxes:
        if rng.random() < 0.6:
            continue
        left, top, right, bottom = (float(value) for value in box)
        wide, high = right - left, bottom - top
        kind = rng.integers(4)
        colour = skin_colour(rng) if kind == 3 else any_colour(rng)
        if kind == 0:  # mask over nose and mouth
            region = (left, top + high * rng.uniform(0.5, 0.65), right, bottom)
        elif kind == 1:  # dark glasses
            region = (left + wide * 0.08, top + high * 0.25, right - wide * 0.08, top + high * 0.48)
            blue, green, red = (int(value) for value in rng.integers(0, 50, 3))
            colour = (blue, green, red)
        elif kind == 2:  # hat or hood
            region = (left - wide * 0.15, top - high * 0.3, right + wide * 0.15, top + high * 0.2)
        else:  # hand or phone
            x, y = left + wide * rng.uniform(0, 0.7), top + high * rng.uniform(0.3, 0.8)
            region = (x, y, x + wide * 0.4, y + high * 0.4)
        low = (round(region[0]), round(region[1]))
        edge = (round(region[2]), round(region[3]))
        if rng.random() < 0.5:
            cv2.rectangle(sample.image, low, edge, colour, -1)
        else:
            middle = ((low[0] + edge[0]) // 2, (low[1] + edge[1]) // 2)
            axes = (max(1, (edge[0] - low[0]) // 2), max(1, (edge[1] - low[1]) // 2))
            cv2.ellipse(sample.image, middle, axes, 0.0, 0, 360, colour, -1)
