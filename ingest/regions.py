"""Rectangles to look at: around what moved, around faces, and which of them are better looked at as one."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from footfall.types import ImageArray

Corners = tuple[float, float, float, float]
"""Left, top, right, bottom, in plain numbers: arrays of four cost more than the sums."""


class Rectangle(NamedTuple):
    """Whole numbers; the last two are just outside."""

    left: int
    top: int
    right: int
    bottom: int

    def area(self, gap: float = 0.0) -> float:
        """Return how much it covers, with a `gap` on two sides."""
        return (self.right - self.left + gap) * (self.bottom - self.top + gap)


def joined(rectangles: list[Rectangle], gap: float = 0.0) -> list[Rectangle]:
    """Return `rectangles` with those put together that cover no more as one than apart, each with a `gap` beside it.

    Others may overlap: to look twice at what lies in both costs less than what else one around both would show.
    """
    left = list(rectangles)
    kept: list[Rectangle] = []
    while left:
        one = left.pop()
        for other in kept:
            both = _around_both(one, other)
            if both.area(gap) <= one.area(gap) + other.area(gap):
                kept.remove(other)
                left.append(both)
                break
        else:
            kept.append(one)
    return kept


def around_motion(mask: ImageArray, margin: int) -> list[Rectangle]:
    """Return the rectangles around what is not 0 in `mask`, uint8 (h, w), with `margin` to each side, inside of it."""
    side = 2 * margin + 1
    grown = cv2.dilate(mask, np.ones((side, side), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
    return [Rectangle(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:].tolist()]


def around_face(corners: Corners, reach: float) -> Corners:
    """Return `corners` with `reach` times the larger side more on every side."""
    left, top, right, bottom = corners
    more = reach * max(right - left, bottom - top)
    return left - more, top - more, right + more, bottom + more


def scaled(corners: Corners, factors: tuple[float, float]) -> Corners:
    """Return `corners` times the factors along and down."""
    left, top, right, bottom = corners
    return left * factors[0], top * factors[1], right * factors[0], bottom * factors[1]


def whole_numbers(corners: Corners, size: tuple[int, int]) -> Rectangle:
    """Return what is around `corners`, at least one wide and high, inside of `size`, width and height."""
    left, top = (int(min(max(math.floor(v), 0), end - 1)) for v, end in zip(corners[:2], size, strict=True))
    right, bottom = (int(min(math.ceil(v), end)) for v, end in zip(corners[2:], size, strict=True))
    return Rectangle(left, top, max(right, left + 1), max(bottom, top + 1))


def _around_both(one: Rectangle, other: Rectangle) -> Rectangle:
    (left, top, right, bottom), (left_2, top_2, right_2, bottom_2) = one, other
    return Rectangle(min(left, left_2), min(top, top_2), max(right, right_2), max(bottom, bottom_2))
