"""Parts of labelled photographs: at the scale that suits their faces, beside them, out of focus, or one head alone.

The wide range of scales after SCRFD (Guo et al. 2021).
"""

from __future__ import annotations

import cv2
import numpy as np

from training.detector.samples import Floats, Labels, Sample, side_px, warp

LARGEST_FACE_PX = 300.0
USUAL_PX = (8.0, 28.0)  # what half of the faces of a crowd lie below


def random_linear(rng: np.random.Generator, scale: float) -> Floats:
    """Return a linear map (2, 2): scale, mirror, turn, and a squeeze that stands in for a turned head."""
    turned = rng.random() < 0.35
    angle = np.deg2rad(rng.normal(0, 15) if turned else rng.normal(0, 3))
    squeeze = rng.uniform(0.72, 1.0) if rng.random() < 0.25 else rng.uniform(0.92, 1.08)
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    shear = rng.normal(0, 0.08) if turned else 0.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(turn @ np.array([[squeeze * mirror, shear], [0, 1]]) * scale, np.float32)


def scale_range(sides: Floats, cover: float) -> tuple[float, float]:
    """Return the lowest and the highest scale for faces of these `sides`, where `cover` just fills a cell.

    A crowd whose faces are tiny is enlarged until half of them can be seen.
    """
    largest, usual = float(sides.max(initial=8.0)), float(np.median(sides)) if len(sides) else LARGEST_FACE_PX
    highest = min(max(cover, min(4.0, LARGEST_FACE_PX / largest)), max(2.5 * cover, USUAL_PX[1] / usual))
    lowest = max(0.75 * cover, min(USUAL_PX[0] / usual, highest))
    return lowest, max(lowest, highest)


def zoom(rng: np.random.Generator, sample: Sample, width: int, height: int) -> Sample:
    """Show a random part of a photograph in width x height pixels, at a scale that suits its faces."""
    source_height, source_width = sample.image.shape[:2]
    cover = max(width / source_width, height / source_height)
    lowest, highest = scale_range(side_px(sample.labels.boxes), cover)
    scale = float(np.exp(rng.uniform(np.log(lowest), np.log(highest))))
    linear = random_linear(rng, scale)
    slack = np.array([source_width * scale - width, source_height * scale - height]) / 2
    drift = rng.uniform(-1, 1, 2) * np.abs(slack)
    if len(sample.labels.boxes) and rng.random() < 0.7 and scale > 1.2 * cover:  # look at a face, not past it
        box = sample.labels.boxes[int(rng.integers(len(sample.labels.boxes)))]
        focus = (box[:2] + box[2:]) / 2
        jitter = rng.uniform(-0.35, 0.35, 2) * (width, height)
    else:
        focus = np.array([source_width, source_height], np.float32) / 2
        jitter = drift
    offset = np.array([width, height]) / 2 + jitter - linear @ focus
    matrix = np.concatenate([linear, offset[:, None]], axis=1).astype(np.float32)
    return warp(sample, matrix, width, height)


def look_beside(rng: np.random.Generator, sample: Sample, width: int, height: int) -> Sample | None:
    """Show a part of a photograph without faces in width x height pixels; None when chance finds none."""
    source_height, source_width = sample.image.shape[:2]
    heads = np.concatenate([sample.labels.boxes, sample.labels.ignored])
    margin = (heads[:, 2:] - heads[:, :2]) * 0.3
    heads = np.concatenate([heads[:, :2] - margin, heads[:, 2:] + margin], axis=1).astype(np.float32)
    for _ in range(8):
        part_width = rng.uniform(0.2, 0.7) * source_width
        part_height = part_width * height / width
        if part_height >= source_height:
            continue
        left, top = rng.uniform(0, source_width - part_width), rng.uniform(0, source_height - part_height)
        frame = np.array([left, top, left + part_width, top + part_height], np.float32)
        if not touches(frame, heads):
            scale = width / part_width
            matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float32)
            return Sample(warp(sample, matrix, width, height).image, Labels.empty())
    return None


def defocus(rng: np.random.Generator, sample: Sample) -> Sample:
    """Throw a cell out of focus; faces that nobody could recognise any more become ignored regions."""
    blur_px = float(np.exp(rng.uniform(np.log(1), np.log(6))))
    image = np.asarray(cv2.GaussianBlur(sample.image, (0, 0), blur_px), np.uint8)
    labels = sample.labels
    sharp = side_px(labels.boxes) >= 7 * blur_px
    ignored = np.concatenate([labels.boxes[~sharp], labels.ignored])
    return Sample(image, Labels(labels.boxes[sharp], labels.landmarks[sharp], ignored))


def cut_head(rng: np.random.Generator, sample: Sample, face_px: float) -> Sample | None:
    """Cut the largest face with hair and shoulders out of a photograph, the face `face_px` large."""
    sides = side_px(sample.labels.boxes)
    if len(sides) == 0:
        return None
    box = sample.labels.boxes[int(sides.argmax())]
    linear = random_linear(rng, face_px / float(sides.max()))
    width, height = int(face_px * rng.uniform(1.3, 1.9)), int(face_px * rng.uniform(1.6, 2.1))
    focus = (box[:2] + box[2:]) / 2
    offset = np.array([width, height]) / 2 - linear @ focus
    matrix = np.concatenate([linear, offset[:, None]], axis=1).astype(np.float32)
    return warp(sample, matrix, width, height)


def touches(frame: Floats, regions: Floats) -> bool:
    low = np.maximum(frame[:2], regions[:, :2])
    high = np.minimum(frame[2:], regions[:, 2:])
    return bool((high > low).all(axis=1).any())
