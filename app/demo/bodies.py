"""Clothed bodies, drawn once for each phase of the gait."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.demo.sprites import Sprite
from app.demo.walkers import CHIN_TO_CROWN_M
from footfall.types import Gender

PX_PER_M = 240.0
CANVAS_M = (1.3, 2.05)
PHASES = 12
SUBPIXEL_BITS = 4
SWING_DEG = 24.0
RIM = np.array([(math.cos(turn), math.sin(turn)) for turn in np.arange(10) * math.pi / 5])
Colour = tuple[int, int, int]
Point = tuple[float, float]

TOPS: tuple[Colour, ...] = (
    (70, 60, 52), (150, 110, 60), (60, 62, 140), (92, 100, 84), (186, 178, 168), (58, 110, 158),
    (110, 60, 82), (196, 196, 200), (46, 46, 50), (128, 140, 84), (86, 70, 40), (140, 128, 190),
)  # fmt: skip
TROUSERS: tuple[Colour, ...] = (
    (96, 66, 44), (58, 50, 46), (44, 42, 42), (112, 132, 146), (120, 90, 66), (70, 80, 92),
)  # fmt: skip
SHOES: tuple[Colour, ...] = ((34, 32, 34), (52, 66, 96), (200, 200, 204), (60, 44, 40))


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a person wears. Colours are BGR."""

    top: Colour
    trousers: Colour
    shoes: Colour
    skin: Colour
    inner: Colour | None
    long_coat: bool
    skirt: bool
    bag: bool


@dataclass(frozen=True, slots=True)
class Build:
    """The body's measures. `sideways` in [-1, 1] is how much the walk goes across the picture, right positive."""

    height_m: float
    shoulder_m: float
    hip_m: float
    sideways: float
    seen_from_behind: bool


def choose_outfit(gender: Gender, skin: Colour, rng: np.random.Generator) -> Outfit:
    """Return clothes drawn at random."""
    female = gender is Gender.FEMALE
    return Outfit(
        top=_vary(TOPS[int(rng.integers(len(TOPS)))], rng),
        trousers=_vary(TROUSERS[int(rng.integers(len(TROUSERS)))], rng),
        shoes=SHOES[int(rng.integers(len(SHOES)))],
        skin=skin,
        inner=_vary(TOPS[int(rng.integers(len(TOPS)))], rng) if rng.random() < 0.45 else None,
        long_coat=bool(rng.random() < 0.2),
        skirt=bool(female and rng.random() < 0.25),
        bag=bool(rng.random() < (0.4 if female else 0.2)),
    )


def draw_phases(outfit: Outfit, build: Build) -> tuple[Sprite, ...]:
    """Return one sprite for each of `PHASES` phases of a double step; the anchor is the point between the feet."""
    return tuple(_draw(outfit, build, phase / PHASES) for phase in range(PHASES))


def _draw(outfit: Outfit, build: Build, step: float) -> Sprite:
    canvas = _Canvas()
    turn = 2 * math.pi * step
    legs = [_leg(build, turn, side) for side in (-1, 1)]
    arms = [_arm(build, turn, side) for side in (-1, 1)]
    behind = 0 if math.sin(turn) > 0 else 1
    front = 1 - behind
    across = abs(build.sideways) > 0.5
    for arm in arms[front:] + arms[:front] if across else arms:
        _draw_arm(canvas, arm, outfit, build)
    for index in (behind, front):
        _draw_leg(canvas, legs[index], outfit, build)
    _draw_torso(canvas, outfit, build, legs)
    if across:
        _draw_arm(canvas, arms[behind], outfit, build)
    if outfit.bag:
        _draw_bag(canvas, build)
    return canvas.finished()


def _leg(build: Build, turn: float, side: int) -> tuple[Point, Point, Point]:
    """Return hip, knee and ankle; a forward foot lies lower in the picture because the camera looks down."""
    across, height = abs(build.sideways), build.height_m
    angle = math.radians(SWING_DEG) * math.sin(turn) * side
    lift = 0.05 * height * max(0.0, math.cos(turn) * side)
    hip = (side * build.hip_m * 0.45 * (1 - 0.6 * across), 0.5 * height)
    ahead = math.sin(angle) * 0.26 * height
    drop = 0.0 if build.seen_from_behind else 0.28 * ahead * (1 - across)
    if build.seen_from_behind:
        drop = -0.28 * ahead * (1 - across)
    knee = (hip[0] + build.sideways * ahead * 1.15, 0.27 * height - drop * 0.6 + lift * 0.8)
    ankle = (hip[0] * 0.85 + build.sideways * (2 * ahead - 0.6 * lift), 0.045 * height - drop * 1.6 + lift)
    return hip, knee, ankle


def _arm(build: Build, turn: float, side: int) -> tuple[Point, Point, Point]:
    across, height = abs(build.sideways), build.height_m
    angle = -math.radians(SWING_DEG) * math.sin(turn) * side
    ahead = math.sin(angle) * 0.17 * height
    shoulder = (side * build.shoulder_m * 0.84 * (1 - 0.6 * across), 0.785 * height)
    drop = (-1 if build.seen_from_behind else 1) * 0.2 * ahead * (1 - across)
    elbow = (shoulder[0] * 1.28 + build.sideways * ahead, 0.63 * height - drop)
    hand = (shoulder[0] * 1.3 + build.sideways * 2.1 * ahead, 0.475 * height - 2 * drop + abs(drop))
    return shoulder, elbow, hand


def _draw_leg(canvas: _Canvas, leg: tuple[Point, Point, Point], outfit: Outfit, build: Build) -> None:
    hip, knee, ankle = leg
    thick = build.height_m
    colour = outfit.skin if outfit.skirt else outfit.trousers
    toe = (ankle[0] + 0.09 * build.sideways, ankle[1] - (0.045 if build.seen_from_behind else 0.06))
    canvas.limb(ankle, toe, 0.03 * thick, 0.026 * thick, outfit.shoes)
    canvas.limb(hip, knee, 0.052 * thick, 0.038 * thick, colour)
    canvas.limb(knee, ankle, 0.036 * thick, 0.026 * thick, colour)


def _draw_arm(canvas: _Canvas, arm: tuple[Point, Point, Point], outfit: Outfit, build: Build) -> None:
    shoulder, elbow, hand = arm
    thick = build.height_m
    canvas.limb(hand, hand, 0.021 * thick, 0.021 * thick, outfit.skin)
    canvas.limb(elbow, hand, 0.028 * thick, 0.021 * thick, outfit.top)
    canvas.limb(shoulder, elbow, 0.034 * thick, 0.029 * thick, outfit.top)


def _draw_torso(canvas: _Canvas, outfit: Outfit, build: Build, legs: list[tuple[Point, Point, Point]]) -> None:
    height, narrow = build.height_m, 1 - 0.45 * abs(build.sideways)
    shoulder, hip = build.shoulder_m * narrow, build.hip_m * narrow
    hem = (0.33 if outfit.long_coat else 0.46) * height
    neck = height - CHIN_TO_CROWN_M
    if outfit.skirt:
        knees = [leg[1][0] for leg in legs]
        flare = [(min(knees) - 0.07, 0.27 * height), (max(knees) + 0.07, 0.27 * height)]
        canvas.shape([*flare, (hip, 0.52 * height), (-hip, 0.52 * height)], outfit.trousers)
    canvas.limb((0.0, neck + 0.03), (0.0, neck - 0.06), 0.052, 0.06, _darker(outfit.skin, 0.8))
    slope = [(-shoulder, 0.765 * height), (-shoulder * 0.93, 0.8 * height), (-shoulder * 0.72, 0.82 * height),
             (-0.05, neck - 0.03)]  # fmt: skip
    outline = [
        *slope, *[(-x, y) for x, y in reversed(slope)],
        (shoulder * 0.82, 0.68 * height), (hip * 0.95, 0.57 * height), (hip * 1.12, hem),
        (-hip * 1.12, hem), (-hip * 0.95, 0.57 * height), (-shoulder * 0.82, 0.68 * height),
    ]  # fmt: skip
    canvas.shape(outline, outfit.top)
    if build.seen_from_behind:
        return
    if outfit.inner is not None:
        opening = [(-0.055, neck - 0.03), (0.055, neck - 0.03), (0.04, hem), (-0.025, hem)]
        canvas.shape(opening, outfit.inner)
    canvas.shape([(-0.05, neck - 0.02), (0.05, neck - 0.02), (0.0, neck - 0.105)], _darker(outfit.skin, 0.93))


def _draw_bag(canvas: _Canvas, build: Build) -> None:
    height, side = build.height_m, build.hip_m * 1.25
    strap = (50, 58, 74)
    canvas.limb((-build.shoulder_m * 0.6, 0.82 * height), (side, 0.52 * height), 0.008, 0.008, strap)
    canvas.shape([(side - 0.09, 0.53 * height), (side + 0.1, 0.53 * height), (side + 0.1, 0.4 * height),
                  (side - 0.09, 0.4 * height)], strap)  # fmt: skip


class _Canvas:
    """A transparent picture that is drawn on in metres; opaque colour over nothing leaves premultiplied edges."""

    def __init__(self) -> None:
        self._picture = np.zeros((round(CANVAS_M[1] * PX_PER_M), round(CANVAS_M[0] * PX_PER_M), 4), np.uint8)

    def pixel(self, point: Point) -> Point:
        """Return the pixel of a point in metres: x from the middle, y up from the floor."""
        height, width = self._picture.shape[:2]
        return width / 2 + point[0] * PX_PER_M, height - 0.14 * PX_PER_M - point[1] * PX_PER_M

    def limb(self, start: Point, end: Point, start_m: float, end_m: float, colour: Colour) -> None:
        """Draw a rounded cone between two points, its sides in shade."""
        for share, light, shift in ((1.0, 0.74, 0.0), (0.78, 1.0, -0.08), (0.4, 1.13, -0.2)):
            rim = [start + start_m * (share * RIM + (shift, 0.0)), end + end_m * (share * RIM + (shift, 0.0))]
            hull = cv2.convexHull(np.concatenate(rim).astype(np.float32))[:, 0]
            self._fill(np.asarray(hull, np.float64), _darker(colour, light))

    def shape(self, outline: list[Point], colour: Colour) -> None:
        """Draw a shape with shaded sides; the light comes from above and a little from the left."""
        points = np.array(outline, np.float64)
        middle = points.mean(0)
        for share, light, shift in ((1.0, 0.76, 0.0), (0.86, 0.95, 0.0), (0.66, 1.05, -0.012)):
            inner = middle + (points - middle) * (share, 1 - (1 - share) * 0.25)
            self._fill(inner + np.array([shift, 0.0]), _darker(colour, light))

    def finished(self) -> Sprite:
        """Return what was drawn without the empty margin, its steps of shade blurred into folds."""
        left, top, width, height = cv2.boundingRect(self._picture[:, :, 3])
        left, top, right, bottom = max(0, left - 4), max(0, top - 4), left + width + 4, top + height + 4
        soft = cv2.GaussianBlur(self._picture[top:bottom, left:right], (7, 7), 1.8)
        x, y = self.pixel((0.0, 0.0))
        return Sprite.of(np.asarray(soft, np.uint8), (x - left, y - top))

    def _fill(self, points: npt.NDArray[np.float64], colour: Colour) -> None:
        pixels = np.array(self.pixel((0.0, 0.0))) + points * (PX_PER_M, -PX_PER_M)
        fixed = np.round(pixels * 2**SUBPIXEL_BITS).astype(np.int32)
        cv2.fillPoly(self._picture, [fixed], (*colour, 255), cv2.LINE_AA, SUBPIXEL_BITS)


def _darker(colour: Colour, light: float) -> Colour:
    blue, green, red = (min(255, int(channel * light)) for channel in colour)
    return blue, green, red


def _vary(colour: Colour, rng: np.random.Generator) -> Colour:
    blue, green, red = (int(np.clip(channel + rng.integers(-14, 15), 12, 235)) for channel in colour)
    return blue, green, red
