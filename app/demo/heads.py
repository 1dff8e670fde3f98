"""Heads: an average face set into a drawn head with hair, turned a little to either side, or seen from behind."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.demo.sprites import Sprite, premultiplied
from app.demo.walkers import LARGEST_YAW_DEG
from footfall.types import Gender, ImageArray

TILE_PX = 128
CANVAS_PX = (256, 320)
TILE_AT = (64, 84)
FACE_CENTRE = (128.0, 137.0)  # middle of the box that a detector draws, in the canvas
FACE_BOX_PX = 150.0  # its height
TURN_RADIUS_PX = 100.0
YAW_STEP_DEG = 4.0

Colour = tuple[int, int, int]
Plane = npt.NDArray[np.float32]

DARK_HAIR: tuple[Colour, ...] = ((24, 22, 24), (30, 34, 42), (34, 42, 56))
FAIR_HAIR: tuple[Colour, ...] = ((34, 44, 58), (44, 66, 94), (70, 104, 140), (96, 140, 178), (40, 62, 112))
GREY_HAIR: tuple[Colour, ...] = ((150, 152, 156), (186, 188, 192), (116, 120, 126))


@dataclass(frozen=True, slots=True)
class Hair:
    """How the hair looks: `length_px` below the ear line of the head canvas, `fringe_px` down the forehead."""

    colour: Colour
    length_px: float
    fringe_px: float
    volume_px: float
    parting: float


def choose_hair(gender: Gender, age_years: float, dark_haired: bool, rng: np.random.Generator) -> Hair:
    """Return hair drawn at random among what fits gender and age."""
    greyness = float(np.clip((age_years - 45) / 25, 0, 1))
    colours = GREY_HAIR if rng.random() < greyness else DARK_HAIR if dark_haired else FAIR_HAIR
    female = gender is Gender.FEMALE
    long = female and rng.random() < (0.8 if age_years < 55 else 0.4)
    return Hair(
        colour=colours[int(rng.integers(len(colours)))],
        length_px=float(rng.uniform(60, 125)) if long else float(rng.uniform(8, 30)) if female else -12.0,
        fringe_px=float(rng.uniform(-10, 2)) if female else float(rng.uniform(-4, 4)),
        volume_px=float(rng.uniform(7, 13)) if female else float(rng.uniform(2, 6)),
        parting=float(rng.uniform(-0.5, 0.5)),
    )


def skin_colour(tile: ImageArray) -> Colour:
    """Return the median colour of the cheeks of an average face, BGR."""
    size = len(tile)
    rows = slice(round(0.45 * size), round(0.62 * size))
    cheeks = np.concatenate(
        [tile[rows, round(left * size) : round((left + 0.14) * size)].reshape(-1, 3) for left in (0.2, 0.66)]
    )
    blue, green, red = (int(value) for value in np.median(cheeks, axis=0))
    return blue, green, red


def draw_front(tile: ImageArray, hair: Hair, rng: np.random.Generator) -> dict[int, Sprite]:
    """Return the head in steps of yaw, by the number of the step; the anchor is the middle of the face box."""
    head = _front(tile, hair, rng)
    steps = round(LARGEST_YAW_DEG / YAW_STEP_DEG)
    return {step: Sprite.of(_turned(head, step * YAW_STEP_DEG), FACE_CENTRE) for step in range(-steps, steps + 1)}


def draw_back(skin: Colour, hair: Hair, rng: np.random.Generator) -> Sprite:
    """Return the head seen from behind: hair, ears and neck, no face."""
    picture = np.full((CANVAS_PX[1], CANVAS_PX[0], 3), skin, np.uint8)
    alpha = np.maximum(_skull(), _ears())
    nape = 1 - np.clip((_rows() - 178) / 16, 0, 1)
    covering = np.maximum(np.maximum(_cap(hair), _ellipse((128, 130), (68, 70), 4)) * nape, _curtain(hair))
    picture = _lay(picture, _strands(hair, rng), covering)
    return Sprite.of(premultiplied(picture, _to_bytes(np.maximum(alpha, covering))), FACE_CENTRE)


def _front(tile: ImageArray, hair: Hair, rng: np.random.Generator) -> ImageArray:
    strands = _strands(hair, rng)
    left, top = TILE_AT
    placed = np.zeros((CANVAS_PX[1], CANVAS_PX[0], 3), np.uint8)
    placed[top : top + TILE_PX, left : left + TILE_PX] = tile
    oval = _ellipse((128, 148), (54, 60), 16)
    shade = np.clip(1.04 - 0.34 * _radius((128, 146), (72, 96)) ** 3, 0.6, 1.0)
    skin = np.asarray(_spread_outwards(placed, oval, skin_colour(tile)) * shade[..., None], np.uint8)
    head = np.maximum(_skull(), _ears())
    picture = _lay(np.asarray(strands * 0.6, np.uint8), skin, head)
    picture = _lay(picture, placed, oval)
    cap = _cap(hair)
    hairline = 72 - hair.fringe_px
    forehead = _ellipse((128 + 12 * hair.parting, 152), (58, 152 - hairline + 4), 7)
    temples = 1 - np.clip((_rows() - (118 if hair.length_px <= 0 else 150)) / 30, 0, 1)
    cover = np.clip(cap - forehead, 0, 1) * temples
    sides = np.clip(_curtain(hair) - _ellipse((128, 148), (60, 80), 4), 0, 1)
    throat = _ellipse((128, 262), (36, 84), 10)
    behind = np.maximum(np.clip(_curtain(hair) - throat, 0, 1), cap * temples)
    picture = _lay(picture, strands, np.maximum(cover, sides))
    return premultiplied(picture, _to_bytes(np.maximum(np.maximum(head, behind), cover)))


def _turned(head: ImageArray, yaw_deg: float) -> ImageArray:
    """Return the head as a cylinder turned by `yaw_deg`, to the right of the picture for positive angles."""
    columns = np.arange(CANVAS_PX[0], dtype=np.float64) - FACE_CENTRE[0]
    angle = np.arcsin(np.clip(columns / TURN_RADIUS_PX, -1, 1))
    turn = np.radians(yaw_deg)
    source = TURN_RADIUS_PX * (np.sin(np.clip(angle - turn, -np.pi / 2, np.pi / 2)) + np.sin(turn) * 0.55)
    beyond = np.abs(columns) > TURN_RADIUS_PX
    source[beyond] = columns[beyond] * 1.05
    across = np.tile((source + FACE_CENTRE[0]).astype(np.float32), (CANVAS_PX[1], 1))
    down = np.tile(np.arange(CANVAS_PX[1], dtype=np.float32)[:, None], (1, CANVAS_PX[0]))
    return np.asarray(cv2.remap(head, across, down, cv2.INTER_LINEAR), np.uint8)


def _strands(hair: Hair, rng: np.random.Generator) -> ImageArray:
    """Return a picture filled with hair: streaks from top to bottom with a sheen."""
    noise = rng.normal(0, 1, (CANVAS_PX[1] // 8, CANVAS_PX[0])).astype(np.float32)
    streaks = cv2.GaussianBlur(cv2.resize(noise, CANVAS_PX), (0, 0), 1.2)
    sheen = 0.22 * np.exp(-(((_rows() - 62) / 26) ** 2)) - 0.1 * np.clip((_rows() - 160) / 100, 0, 1)
    light = 1 + 0.16 * streaks + sheen
    return np.asarray(np.clip(light[..., None] * np.array(hair.colour, np.float32), 0, 255), np.uint8)


def _skull() -> Plane:
    """Return the outline of the head without hair: cranium and jaw."""
    cranium = _ellipse((128, 118), (65, 80), 2)
    jaw = _ellipse((128, 148), (58, 61), 2)
    return np.maximum(cranium * (_rows() < 140), jaw)


def _cap(hair: Hair) -> Plane:
    """Return the hair around the cranium."""
    return _ellipse((128, 118), (65 + hair.volume_px, 80 + 0.9 * hair.volume_px), 3)


def _spread_outwards(picture: ImageArray, inside: Plane, beyond: Colour) -> Plane:
    """Return the soft colours of `picture` within `inside`, carried on beyond its rim and fading into `beyond`."""
    coarse = (CANVAS_PX[0] // 4, CANVAS_PX[1] // 4)
    weight = np.asarray(cv2.resize(inside, coarse, interpolation=cv2.INTER_AREA), np.float32)
    soft = cv2.resize(picture, coarse, interpolation=cv2.INTER_AREA) * weight[..., None]
    total = cv2.GaussianBlur(weight, (0, 0), 3.5)[..., None] + 0.02
    spread = (cv2.GaussianBlur(soft, (0, 0), 3.5) + 0.02 * np.array(beyond, np.float32)) / total
    return np.asarray(cv2.resize(spread, CANVAS_PX, interpolation=cv2.INTER_LINEAR), np.float32)


def _ears() -> Plane:
    return np.maximum(_ellipse((67, 140), (8, 17), 2), _ellipse((189, 140), (8, 17), 2))


def _curtain(hair: Hair) -> Plane:
    """Return the long hair that hangs at both sides of the face and behind it."""
    if hair.length_px <= 0:
        return np.zeros((CANVAS_PX[1], CANVAS_PX[0]), np.float32)
    end = 158 + hair.length_px
    width = 64 + hair.volume_px + 5 * np.clip((_rows() - 120) / 120, 0, 1)
    inside = np.clip((width - np.abs(_columns() - 128)) / 3 + 0.5, 0, 1)
    tips = np.clip((end - _rows() - 0.004 * (_columns() - 128) ** 2) / 16, 0, 1)
    return np.asarray(inside * tips * (_rows() > 110), np.float32)


def _ellipse(centre: tuple[float, float], axes: tuple[float, float], soft_px: float) -> Plane:
    """Return a filled ellipse, 1 inside and falling to 0 over `soft_px` at its rim."""
    distance = (_radius(centre, axes) - 1) * min(axes)
    return np.asarray(np.clip(0.5 - distance / soft_px, 0, 1), np.float32)


def _radius(centre: tuple[float, float], axes: tuple[float, float]) -> Plane:
    x, y = (_columns() - centre[0]) / axes[0], (_rows() - centre[1]) / axes[1]
    return np.asarray(np.hypot(x, y), np.float32)


def _rows() -> Plane:
    return np.arange(CANVAS_PX[1], dtype=np.float32)[:, None].repeat(CANVAS_PX[0], axis=1)


def _columns() -> Plane:
    return np.arange(CANVAS_PX[0], dtype=np.float32)[None].repeat(CANVAS_PX[1], axis=0)


def _lay(under: ImageArray, over: ImageArray, share: Plane) -> ImageArray:
    mixed = under + (over.astype(np.float32) - under) * share[..., None]
    return np.asarray(np.clip(mixed, 0, 255), np.uint8)


def _to_bytes(alpha: Plane) -> ImageArray:
    return np.asarray(np.clip(alpha * 255, 0, 255), np.uint8)
