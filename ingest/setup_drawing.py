"""Draws a camera's counting line, with an arrow to the inside, and its ignored areas onto a picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from footfall.config_sections import CameraConfig
from footfall.types import ImageArray

LINE_BGR = (0, 215, 255)
IGNORED_BGR = (60, 60, 220)
EDGE_BGR = (20, 20, 20)
ARROW_SHARE = 0.12
"""Length of the arrow, as a share of the picture's smaller side."""
VEIL = 0.35
Point = tuple[float, float]


def draw_setup(picture: ImageArray, camera: CameraConfig) -> None:
    """Draw what the settings say of `camera` into `picture`, uint8 (H, W, 3) BGR, which is changed."""
    height, width = picture.shape[:2]
    for area in camera.ignore:
        _draw_area(picture, [(x * width, y * height) for x, y in area])
    if camera.line is not None:
        start, end = ((x * width, y * height) for x, y in camera.line)
        _draw_line(picture, start, end)


def inside_arrow(start: Point, end: Point, length: float) -> tuple[Point, Point]:
    """Return the arrow, `length` long, from the middle of a line to the side on which people are in.

    That is the right hand of who stands at `start` and looks to `end` (tracking.line.CountingLine), y down.
    """
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    scale = length / float(np.hypot(along_x, along_y))
    return middle, (middle[0] - along_y * scale, middle[1] + along_x * scale)


def _draw_line(picture: ImageArray, start: Point, end: Point) -> None:
    smaller = min(picture.shape[:2])
    tail, tip = inside_arrow(start, end, ARROW_SHARE * smaller)
    thickness = max(2, round(smaller / 270))
    for colour, width in ((EDGE_BGR, thickness + 2), (LINE_BGR, thickness)):  # readable on any background
        cv2.line(picture, _pixel(start), _pixel(end), colour, width, cv2.LINE_AA)
        cv2.arrowedLine(picture, _pixel(tail), _pixel(tip), colour, width, cv2.LINE_AA, tipLength=0.35)
    size = max(smaller / 900, 0.45)
    for colour, width in ((EDGE_BGR, thickness + 2), (LINE_BGR, max(1, thickness // 2))):
        _write_beyond(picture, "inside", (tail, tip), (size, width), colour)


def _write_beyond(
    picture: ImageArray, text: str, arrow: tuple[Point, Point], pen: tuple[float, int], colour: Sequence[int]
) -> None:
    """Write `text` beyond the tip of `arrow`, kept inside the picture; `pen` is scale and thickness."""
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, *pen)
    (tail_x, tail_y), (tip_x, tip_y) = arrow
    length = float(np.hypot(tip_x - tail_x, tip_y - tail_y))
    middle_x = tip_x + (tip_x - tail_x) / length * (wide / 2 + high)
    middle_y = tip_y + (tip_y - tail_y) / length * 1.5 * high
    x = int(np.clip(middle_x - wide / 2, 0, max(picture.shape[1] - wide, 0)))
    y = int(np.clip(middle_y + high / 2, high, max(picture.shape[0] - 2, high)))
    cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, pen[0], colour, pen[1], cv2.LINE_AA)


def _draw_area(picture: ImageArray, corners: Sequence[Point]) -> None:
    points = np.array([_pixel(corner) for corner in corners], np.int32)
    veiled = picture.copy()
    cv2.fillPoly(veiled, [points], IGNORED_BGR)
    picture[:] = cv2.addWeighted(veiled, VEIL, picture, 1 - VEIL, 0)
    cv2.polylines(picture, [points], True, IGNORED_BGR, 2, cv2.LINE_AA)


def _pixel(point: Point) -> tuple[int, int]:
    return round(point[0]), round(point[1])
