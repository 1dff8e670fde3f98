"""The hall: floor, walls, glass doors, a passage with shops, a poster with a face, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.demo.geometry import BACK_WALL_M, CEILING_M, HALL_HALF_WIDTH_M, Camera
from app.demo.heads import FACE_BOX_PX
from app.demo.sprites import Sprite, paste
from app.demo.walkers import BOX_ASPECT
from footfall.types import ImageArray

NEAREST_M = 1.1
TILE_M = 0.8
Corners = tuple[tuple[float, float, float], ...]
Colour = tuple[int, int, int]

DOORS_X = (0.55, 3.15)
PASSAGE_X = (-3.25, -0.95)
DOOR_HEIGHT_M = 2.45
POSTER_X = (-0.72, 0.26)
POSTER_Y = (1.35, 2.68)  # high enough that nobody's face passes in front of the face on it
POSTER_HEAD_AT = 0.52  # of its height, from the top
POSTER_HEAD_SHARE = 0.45  # height of the face box by width of the poster
COLUMN_AT = (1.95, 6.9)
COLUMN_SIZE_M = (0.4, 2.5)
PLANT_AT = (-1.75, 5.6)
PLANT_SIZE_M = (0.95, 1.75)
PX_PER_M = 220.0


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that stands in the hall: its foot (x, z), width and height in metres, and its picture."""

    name: str
    x: float
    z: float
    width_m: float
    height_m: float
    sprite: Sprite


def draw_hall(camera: Camera, poster_head: Sprite | None, rng: np.random.Generator) -> ImageArray:
    """Return the empty hall as the camera sees it, uint8 (H, W, 3) BGR; `poster_head` looks down from the poster."""
    picture = np.full((camera.height, camera.width, 3), (196, 200, 202), np.uint8)
    _draw_shell(picture, camera)
    _draw_floor(picture, camera, rng)
    _draw_doors(picture, camera, rng)
    _draw_passage(picture, camera, rng)
    if poster_head is not None:
        _draw_poster(picture, camera, poster_head)
    glow = cv2.GaussianBlur(picture, (0, 0), 6.0)
    return np.asarray(cv2.addWeighted(picture, 0.82, glow, 0.2, 0), np.uint8)


def poster_face_box(camera: Camera) -> tuple[float, float, float, float]:
    """Return the box (x1, y1, x2, y2) px of the face on the poster."""
    half_m = POSTER_HEAD_SHARE * (POSTER_X[1] - POSTER_X[0]) / 2
    middle_m = (POSTER_X[0] + POSTER_X[1]) / 2
    height_m = POSTER_Y[1] - POSTER_HEAD_AT * (POSTER_Y[1] - POSTER_Y[0])
    left, top = camera.project(middle_m - half_m * BOX_ASPECT, height_m + half_m, BACK_WALL_M)
    right, bottom = camera.project(middle_m + half_m * BOX_ASPECT, height_m - half_m, BACK_WALL_M)
    return left, top, right, bottom


def make_obstacles(rng: np.random.Generator) -> tuple[Obstacle, ...]:
    """Return the advertising column and the plant."""
    column = Obstacle("column", *COLUMN_AT, *COLUMN_SIZE_M, _column_sprite())
    plant = Obstacle("plant", *PLANT_AT, *PLANT_SIZE_M, _plant_sprite(rng))
    return column, plant


def _quad(camera: Camera, corners: Corners) -> npt.NDArray[np.float32]:
    return np.array([camera.project(*corner) for corner in corners], np.float32)


def _fill(picture: ImageArray, camera: Camera, corners: Corners, colour: Colour) -> None:
    points = np.round(_quad(camera, corners) * 16).astype(np.int32)
    cv2.fillPoly(picture, [points], colour, cv2.LINE_AA, 4)


def _upright(x: tuple[float, float], y: tuple[float, float], z: float) -> Corners:
    return (x[0], y[1], z), (x[1], y[1], z), (x[1], y[0], z), (x[0], y[0], z)


def _lay_texture(picture: ImageArray, camera: Camera, texture: ImageArray, corners: Corners) -> None:
    """Put `texture` onto the four world points (from its upper left corner clockwise)."""
    height, width = texture.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, _quad(camera, corners))
    size = (camera.width, camera.height)
    laid = cv2.warpPerspective(texture, matrix, size, flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size)
    picture[inside > 127] = laid[inside > 127]


def _draw_shell(picture: ImageArray, camera: Camera) -> None:
    side, far = HALL_HALF_WIDTH_M, BACK_WALL_M
    _fill(picture, camera, ((-side, CEILING_M, NEAREST_M), (side, CEILING_M, NEAREST_M), (side, CEILING_M, far),
                            (-side, CEILING_M, far)), (214, 217, 218))  # fmt: skip
    for x in (-1.9, 0.0, 1.9):
        for z in np.arange(3.0, far, 1.8):
            _fill(picture, camera, ((x - 0.25, CEILING_M, z), (x + 0.25, CEILING_M, z), (x + 0.25, CEILING_M, z + 0.9),
                                    (x - 0.25, CEILING_M, z + 0.9)), (250, 252, 252))  # fmt: skip
    for sign in (-1, 1):
        for index, z in enumerate(np.arange(NEAREST_M, far - 0.01, 0.89)):
            wall = ((sign * side, CEILING_M, z), (sign * side, CEILING_M, min(far, z + 0.89)),
                    (sign * side, 0.0, min(far, z + 0.89)), (sign * side, 0.0, z))  # fmt: skip
            light = 176 + 3 * (index % 2) - round(1.6 * z)
            _fill(picture, camera, wall, (light - 2, light + 2, light + 5))
        window = ((sign * side, 2.3, 4.2), (sign * side, 2.3, 9.0), (sign * side, 0.5, 9.0), (sign * side, 0.5, 4.2))
        _fill(picture, camera, window, (120, 138, 150) if sign < 0 else (146, 140, 126))
        for x_z in (5.4, 6.6, 7.8):
            _fill(picture, camera, ((sign * side, 2.3, x_z), (sign * side, 2.3, x_z + 0.06),
                                    (sign * side, 0.5, x_z + 0.06), (sign * side, 0.5, x_z)), (88, 92, 94))  # fmt: skip
        skirting = ((sign * side, 0.14, NEAREST_M), (sign * side, 0.14, far), (sign * side, 0, far),
                    (sign * side, 0, NEAREST_M))  # fmt: skip
        _fill(picture, camera, skirting, (86, 90, 92))
    _fill(picture, camera, _upright((-side, side), (0.0, CEILING_M), far), (168, 176, 180))
    _fill(picture, camera, _upright((-side, side), (2.75, 2.95), far), (96, 84, 70))


def _draw_floor(picture: ImageArray, camera: Camera, rng: np.random.Generator) -> None:
    cells = rng.integers(-7, 8, (round((BACK_WALL_M - NEAREST_M) / TILE_M) + 1, round(2 * HALL_HALF_WIDTH_M / TILE_M)))
    unit = 64
    tone = np.kron(178 + cells, np.ones((unit, unit))).astype(np.float32)
    tone += cv2.GaussianBlur(rng.normal(0, 24, tone.shape).astype(np.float32), (0, 0), 5)
    tone[::unit] = tone[:, ::unit] = 138
    tone[1::unit] = tone[:, 1::unit] = 150
    shine = 26 * np.exp(-np.linspace(0, 4, tone.shape[0]))[:, None]
    texture = np.clip(tone + shine, 0, 255)[..., None] * np.array([0.93, 0.985, 1.0])
    side = HALL_HALF_WIDTH_M
    corners = ((-side, 0.0, BACK_WALL_M), (side, 0.0, BACK_WALL_M), (side, 0.0, NEAREST_M), (-side, 0.0, NEAREST_M))
    _lay_texture(picture, camera, texture.astype(np.uint8), corners)


def _draw_doors(picture: ImageArray, camera: Camera, rng: np.random.Generator) -> None:
    """Two pairs of sliding glass doors with daylight, houses and a tree behind them."""
    width, height = round((DOORS_X[1] - DOORS_X[0]) * PX_PER_M), round(DOOR_HEIGHT_M * PX_PER_M)
    view = np.empty((height, width, 3), np.uint8)
    view[:] = np.linspace((246, 240, 228), (226, 228, 228), height)[:, None]
    view[round(0.72 * height) :] = (178, 182, 182)
    for left in range(0, width, round(0.16 * width)):
        top = round(height * rng.uniform(0.15, 0.45))
        shade = int(rng.integers(168, 210))
        cv2.rectangle(
            view, (left, top), (left + round(0.15 * width), round(0.72 * height)), (shade, shade, shade + 6), -1
        )
    for _ in range(60):
        centre = (round(rng.normal(0.75, 0.05) * width), round(rng.normal(0.42, 0.09) * height))
        cv2.circle(view, centre, round(0.05 * width), (126, int(rng.integers(150, 176)), 140), -1, cv2.LINE_AA)
    view = np.asarray(cv2.GaussianBlur(view, (0, 0), 5), np.uint8)
    frame_px = round(0.07 * PX_PER_M)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = round(share * width)
        cv2.rectangle(view, (x - frame_px // 2, 0), (x + frame_px // 2, height), (92, 94, 96), -1)
    cv2.rectangle(view, (0, 0), (width, frame_px), (92, 94, 96), -1)
    _lay_texture(picture, camera, view, _upright(DOORS_X, (0.0, DOOR_HEIGHT_M), BACK_WALL_M))


def _draw_passage(picture: ImageArray, camera: Camera, rng: np.random.Generator) -> None:
    """The opening into the mall: lit shop fronts behind it, out of focus."""
    width, height = round((PASSAGE_X[1] - PASSAGE_X[0]) * PX_PER_M), round(DOOR_HEIGHT_M * PX_PER_M)
    view = np.empty((height, width, 3), np.uint8)
    view[:] = np.linspace((150, 164, 176), (126, 136, 144), height)[:, None]
    view[round(0.7 * height) :] = (138, 146, 150)
    for left in range(0, width, round(0.24 * width)):
        colour = tuple(int(value) for value in rng.integers(90, 220, 3))
        low, high = round(0.25 * height), round(0.7 * height)
        cv2.rectangle(view, (left + 8, low), (left + round(0.2 * width), high), (168, 196, 214), -1)
        cv2.rectangle(view, (left + 8, low - 30), (left + round(0.2 * width), low - 6), colour, -1)
        for _ in range(7):
            spot = (left + int(rng.integers(14, max(15, round(0.18 * width)))), int(rng.integers(low, high)))
            goods = tuple(int(value) for value in rng.integers(60, 230, 3))
            cv2.circle(view, spot, int(rng.integers(6, 16)), goods, -1)
    view = np.asarray(cv2.GaussianBlur(view, (0, 0), 6), np.uint8)
    _lay_texture(picture, camera, view, _upright(PASSAGE_X, (0.0, DOOR_HEIGHT_M), BACK_WALL_M))


def _draw_poster(picture: ImageArray, camera: Camera, head: Sprite) -> None:
    per_m = 2 * PX_PER_M
    width, height = round((POSTER_X[1] - POSTER_X[0]) * per_m), round((POSTER_Y[1] - POSTER_Y[0]) * per_m)
    sheet = np.empty((height, width, 3), np.uint8)
    sheet[:] = np.linspace((214, 186, 120), (150, 96, 60), height)[:, None]
    shoulders = (round(0.4 * width), round(0.34 * height))
    cv2.ellipse(sheet, (width // 2, round(1.04 * height)), shoulders, 0, 0, 360, (60, 52, 160), -1, cv2.LINE_AA)
    paste(sheet, head, (width / 2, POSTER_HEAD_AT * height), POSTER_HEAD_SHARE * width / FACE_BOX_PX)
    place = (round(0.2 * width), round(0.16 * height))
    cv2.putText(sheet, "SALE", place, cv2.FONT_HERSHEY_DUPLEX, width / 210, (245, 245, 245), 8, cv2.LINE_AA)
    cv2.rectangle(sheet, (0, 0), (width - 1, height - 1), (70, 70, 74), 14)
    _lay_texture(picture, camera, sheet, _upright(POSTER_X, POSTER_Y, BACK_WALL_M))


def _column_sprite() -> Sprite:
    width, height = round(COLUMN_SIZE_M[0] * PX_PER_M), round(COLUMN_SIZE_M[1] * PX_PER_M)
    shade = 0.62 + 0.5 * np.sin(np.linspace(0.35, 2.5, width))
    picture = np.empty((height, width, 4), np.uint8)
    picture[..., :3] = np.clip(shade[None, :, None] * np.array([148, 142, 132]), 0, 255)
    band = slice(round(0.12 * height), round(0.62 * height))
    picture[band, :, :3] = np.clip(shade[None, :, None] * np.array([96, 128, 172]), 0, 255)
    picture[: round(0.02 * height), :, :3] = picture[-round(0.03 * height) :, :, :3] = (70, 70, 72)
    picture[..., 3] = 255
    return Sprite.of(picture, (width / 2, float(height)))


def _plant_sprite(rng: np.random.Generator) -> Sprite:
    width, height = round(PLANT_SIZE_M[0] * PX_PER_M), round(PLANT_SIZE_M[1] * PX_PER_M)
    picture = np.zeros((height, width, 4), np.uint8)
    pot = np.array([(0.27, 0.74), (0.73, 0.74), (0.66, 1.0), (0.34, 1.0)]) * (width, height)
    cv2.fillPoly(picture, [np.round(pot).astype(np.int32)], (84, 92, 104, 255), cv2.LINE_AA)
    cv2.line(picture, (width // 2, round(0.75 * height)), (width // 2, round(0.3 * height)), (50, 70, 84, 255), 7)
    for _ in range(230):
        angle, reach = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 1))
        centre = (
            round(width * (0.5 + 0.38 * reach * np.cos(angle))),
            round(height * (0.36 + 0.31 * reach * np.sin(angle))),
        )
        tone = float(rng.uniform(0.6, 1.25)) * (1.15 - 0.45 * centre[1] / height)
        green = (round(46 * tone), round(104 * tone), round(62 * tone), 255)
        cv2.ellipse(
            picture, centre, (round(0.11 * width), round(0.035 * width)), float(rng.uniform(0, 360)), 0, 360,
            green, -1, cv2.LINE_AA,
        )  # fmt: skip
    return Sprite.of(picture, (width / 2, float(height)))
