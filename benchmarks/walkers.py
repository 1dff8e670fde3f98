"""Simulated people who walk across a camera's view, as a face detector would see them.

Geometry: a face of 48 px stands for 0.18 m, so 1.3 m/s are about 350 px/s, seven face widths a second, in a picture
of 1280x720. People come from both sides at random times (Poisson), about four in view at once whatever their speed,
at heights drawn at random; heads bob with the steps. A face mostly hidden by a nearer one is not detected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchmarks.track_scores import LabelledBoxes
from footfall.types import Detections
from tracking.boxes import Array, coverage, to_corners

FULL_SPEED_PX_S = 350.0
_WIDTH_PX, _TOP_PX, _BOTTOM_PX = 1280.0, 150.0, 570.0
_HIDDEN_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class WalkerOptions:
    """One simulated scene; `speed` is a share of 1.3 m/s, `recall` and `false_share` are those of the detector."""

    seed: int
    fps: float
    speed: float = 1.0
    people: int = 150
    in_view: float = 4.0
    recall: float = 0.9
    false_share: float = 0.01
    face_px: float = 48.0


@dataclass(frozen=True, slots=True)
class WalkerScene:
    """What the detector reported, and who really was where; one entry a frame."""

    fps: float
    detections: list[Detections]
    truth: list[LabelledBoxes]


@dataclass(frozen=True, slots=True)
class _Walker:
    starts_s: float
    velocity_px_s: float
    height_px: float
    face_px: float
    bob_phase: float

    def box(self, at_s: float) -> Array | None:
        """Return centre x, centre y, width, height in pixels, or None while out of view."""
        passed_s = at_s - self.starts_s
        half = self.face_px / 2
        way = self.velocity_px_s * passed_s
        x = way - half if self.velocity_px_s > 0 else _WIDTH_PX + half + way
        if passed_s < 0 or not half <= x <= _WIDTH_PX - half:
            return None
        bob = 0.06 * self.face_px * math.sin(2 * math.pi * 1.9 * passed_s + self.bob_phase)
        return np.array([x, self.height_px + bob, self.face_px, self.face_px * 1.2])


def simulate(options: WalkerOptions) -> WalkerScene:
    """Return the scene of `options`; the same options give the same scene."""
    random = np.random.default_rng(options.seed)
    walkers = _walkers(options, random)
    ends_s = max(walker.starts_s + 1.2 * _WIDTH_PX / abs(walker.velocity_px_s) for walker in walkers) + 3.0
    detections, truth = [], []
    for frame in range(int(ends_s * options.fps)):
        present = _present(walkers, frame / options.fps)
        visible = _visible(present)
        truth.append(LabelledBoxes([index for index, _ in visible], to_corners([box for _, box in visible])))
        detections.append(_detect(np.array([box for _, box in visible]).reshape(-1, 4), options, random))
    return WalkerScene(options.fps, detections, truth)


def _walkers(options: WalkerOptions, random: np.random.Generator) -> list[_Walker]:
    crossing_s = _WIDTH_PX / (FULL_SPEED_PX_S * options.speed)
    starts_s = np.cumsum(random.exponential(crossing_s / options.in_view, options.people))
    return [
        _Walker(
            starts_s=float(starts_s[index]),
            velocity_px_s=float(random.choice((-1.0, 1.0)) * FULL_SPEED_PX_S * options.speed * _near_one(random)),
            height_px=float(random.uniform(_TOP_PX, _BOTTOM_PX)),
            face_px=float(options.face_px * _near_one(random)),
            bob_phase=float(random.uniform(0, 2 * math.pi)),
        )
        for index in range(options.people)
    ]


def _present(walkers: list[_Walker], at_s: float) -> list[tuple[int, Array]]:
    boxes = ((index, walker.box(at_s)) for index, walker in enumerate(walkers))
    return [(index, box) for index, box in boxes if box is not None]


def _visible(present: list[tuple[int, Array]]) -> list[tuple[int, Array]]:
    """Return who is not mostly hidden; a larger face is nearer."""
    if not present:
        return []
    corners = to_corners([box for _, box in present])
    hidden = coverage(corners, corners)
    sizes = np.array([box[2] for _, box in present])
    by_nearer = np.where(sizes[None, :] > sizes[:, None], hidden, 0.0)
    return [item for item, share in zip(present, by_nearer.max(axis=1), strict=True) if share <= _HIDDEN_SHARE]


def _detect(boxes: Array, options: WalkerOptions, random: np.random.Generator) -> Detections:
    found = boxes[random.random(len(boxes)) < options.recall]
    found = found + random.normal(0.0, 0.03, found.shape) * np.tile(found[:, 2:], 2)
    false_count = random.binomial(len(boxes), options.false_share)
    sides = options.face_px * random.normal(1.0, 0.2, false_count).clip(0.5, 2.0)
    places = random.uniform((0.0, _TOP_PX), (_WIDTH_PX, _BOTTOM_PX), (false_count, 2))
    false_boxes = np.column_stack([places, sides, sides * 1.2])
    corners = to_corners(np.concatenate([found, false_boxes])).astype(np.float32)
    scores = np.concatenate([random.uniform(0.6, 0.95, len(found)), random.uniform(0.5, 0.8, false_count)])
    order = random.permutation(len(corners))
    blank = np.zeros((len(corners), 5, 2), np.float32)
    return Detections(corners[order], scores[order].astype(np.float32), blank)


def _near_one(random: np.random.Generator) -> float:
    """Return a factor by which people differ: a tenth, and never more than three."""
    return float(np.clip(random.normal(1.0, 0.1), 0.7, 1.3))
