"""Compose labelled photographs into crowds: a mosaic of cells, heads pasted on it, things in front of faces.

Mosaic after YOLOv4 (Bochkovskiy et al. 2020), the wide range of scales after SCRFD (Guo et al. 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from training.detector.clutter import any_colour, draw_clutter, scatter_lights, shuffle_pieces, skin_colour
from training.detector.decode import OnnxFaces
from training.detector.degrade import degrade
from training.detector.pool import SOURCES, Pool, load_pool
from training.detector.samples import (
    Floats,
    Image,
    Labels,
    Sample,
    concatenate,
    shift,
    side_px,
    warp,
)
from training.detector.teacher import DOUBTFUL_SCORE, add_unlabelled

SMALLEST_CELL_PX = 32
LARGEST_FACE_PX = 220.0


@dataclass(frozen=True, slots=True)
class Composer:
    """Draws training pictures of `side_px` x `side_px` from the pools; all chance comes from the generator given.

    A `teacher` looks at each picture once it is degraded and adds the faces that the labels leave out.
    """

    mask: Pool
    lfw: Pool
    utkface: Pool
    side_px: int
    teacher: OnnxFaces | None = None

    @staticmethod
    def open(pools: Path, side_px: int, teacher: OnnxFaces | None = None) -> Composer:
        """Open the pools that `prepare` wrote."""
        mask, lfw, utkface = (load_pool(pools, source) for source in SOURCES)
        return Composer(mask, lfw, utkface, side_px, teacher)

    def draw(self, rng: np.random.Generator) -> Sample:
        """Return one degraded crowd with its labels."""
        side = self.side_px
        canvas = np.zeros((side, side, 3), np.uint8)
        parts = []
        for left, top, width, height in split_canvas(rng, side, side):
            cell = self._fill(rng, width, height)
            canvas[top : top + height, left : left + width] = cell.image
            parts.append(shift(cell.labels, left, top))
        sample = Sample(canvas, concatenate(parts))
        if rng.random() < 0.5:
            sample = self._paste_heads(rng, sample)
        if rng.random() < 0.3:
            cover_faces(rng, sample)
        if rng.random() < 0.12:
            scatter_lights(rng, sample.image, sample.labels.boxes)
        sample = Sample(degrade(rng, sample.image), sample.labels)
        if self.teacher is None:
            return sample
        return add_unlabelled(sample, self.teacher.detect(sample.image, min_score=DOUBTFUL_SCORE))

    def _fill(self, rng: np.random.Generator, width: int, height: int) -> Sample:
        chance = rng.random()
        if chance < 0.05:
            return Sample(draw_clutter(rng, width, height), Labels.empty())
        large = min(width, height) >= 128
        pool = self.mask if chance < (0.7 if large else 0.35) else self.lfw
        sample = pool.sample(int(rng.integers(len(pool))))
        if chance > 0.96:  # always of LFW, whose faces are larger than a piece
            sample = Sample(shuffle_pieces(rng, sample), Labels.empty())
        cell = look_beside(rng, sample, width, height) if 0.4 < chance < 0.56 else None
        cell = cell or zoom(rng, sample, width, height)
        return defocus(rng, cell) if rng.random() < 0.25 else cell

    def _paste_heads(self, rng: np.random.Generator, sample: Sample) -> Sample:
        canvas = sample.image
        parts = [sample.labels]
        crowded = rng.random() < 0.35
        for _ in range(int(rng.integers(15, 41) if crowded else rng.integers(1, 9))):
            pool = self.lfw if rng.random() < 0.5 else self.utkface
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
            if any(_touches(frame, region) for part in parts for region in (part.boxes, part.ignored)):
                continue
            _blend(rng, canvas[top : top + height, left : left + width], head.image)
            parts.append(placed)
        return Sample(canvas, concatenate(parts))


def split_canvas(rng: np.random.Generator, width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Split a canvas at random into cells (left, top, width, height); a fifth stay whole."""
    cells = [(0, 0, width, height)]
    for _ in range(int(rng.choice([0, 1, 2, 3, 6, 12, 24], p=[0.22, 0.13, 0.17, 0.2, 0.14, 0.09, 0.05]))):
        index = int(np.argmax([cell[2] * cell[3] * rng.uniform(0.3, 1) for cell in cells]))
        left, top, wide, high = cells[index]
        if max(wide, high) < 2 * SMALLEST_CELL_PX:
            continue
        cut = int(max(wide, high) * rng.uniform(0.35, 0.65))
        if wide >= high:
            cells[index : index + 1] = [(left, top, cut, high), (left + cut, top, wide - cut, high)]
        else:
            cells[index : index + 1] = [(left, top, wide, cut), (left, top + cut, wide, high - cut)]
    return cells


def random_linear(rng: np.random.Generator, scale: float) -> Floats:
    """Return a linear map (2, 2): scale, mirror, turn, and a squeeze that stands in for a turned head."""
    turned = rng.random() < 0.35
    angle = np.deg2rad(rng.normal(0, 15) if turned else rng.normal(0, 3))
    squeeze = rng.uniform(0.72, 1.0) if rng.random() < 0.25 else rng.uniform(0.92, 1.08)
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    shear = rng.normal(0, 0.08) if turned else 0.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(turn @ np.array([[squeeze * mirror, shear], [0, 1]]) * scale, np.float32)


def zoom(rng: np.random.Generator, sample: Sample, width: int, height: int) -> Sample:
    """Show a random part of a photograph in width x height pixels, at a scale that suits its faces."""
    source_height, source_width = sample.image.shape[:2]
    cover = max(width / source_width, height / source_height)
    largest = float(side_px(sample.labels.boxes).max(initial=8.0))
    highest = max(cover, min(4.0, LARGEST_FACE_PX / largest))
    lowest = 0.75 * cover
    scale = float(np.exp(rng.uniform(np.log(lowest), np.log(min(highest, 2.5 * cover)))))
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
        if not _touches(frame, heads):
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


def _blend(rng: np.random.Generator, target: Image, head: Image) -> None:
    """Blend a head into the canvas through a soft ellipse or rounded box."""
    height, width = head.shape[:2]
    x = np.abs(np.linspace(-1, 1, width, dtype=np.float32))
    y = np.abs(np.linspace(-1, 1, height, dtype=np.float32))
    power = rng.choice([2.0, 3.0, 6.0])
    distance = x[None] ** power + y[:, None] ** power
    alpha = np.clip((1 - distance) * rng.uniform(2, 10), 0, 1)[..., None]
    target[:] = (head * alpha + target * (1 - alpha)).astype(np.uint8)


def _touches(frame: Floats, regions: Floats) -> bool:
    low = np.maximum(frame[:2], regions[:, :2])
    high = np.minimum(frame[2:], regions[:, 2:])
    return bool((high > low).all(axis=1).any())


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
