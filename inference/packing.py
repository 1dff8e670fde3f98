"""Puts rectangles side by side so that the canvas around them is small."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int32]
Segment = tuple[int, int, int]
"""Left end, height and width of one step of the skyline."""

WIDEST = 1.8
"""Widths that are tried, at most, as a share of the side of a square that would hold all rectangles without waste."""


def packed(sizes: IntArray, gap: int, step: int) -> IntArray:
    """Return int32 (N, 4) xyxy places for rectangles of `sizes`, int32 (N, 2), with `gap` between any two.

    The canvas is counted in multiples of `step`. Rectangles go onto a skyline, the highest first, each as low as it
    fits (Jylänki, "A thousand ways to pack the bin", 2010), for canvases of several widths; the smallest one wins.
    """
    order = np.lexsort((-sizes[:, 0], -sizes[:, 1]))
    rectangles: list[tuple[int, int]] = (sizes[order] + gap).tolist()
    narrowest = rounded_up(max(wide for wide, _ in rectangles) - gap, step)
    widest = rounded_up(int(WIDEST * sum(wide * high for wide, high in rectangles) ** 0.5), step)
    best, smallest = [(0, 0)], float("inf")
    for width in range(narrowest, max(narrowest, widest) + 1, step):
        corners, height = _on_skyline(rectangles, width + gap)
        if (canvas := width * rounded_up(height - gap, step)) < smallest:
            best, smallest = corners, canvas
    places = np.empty((len(sizes), 4), np.int32)
    places[order, :2] = best
    places[:, 2:] = places[:, :2] + sizes
    return places


def _on_skyline(rectangles: list[tuple[int, int]], width: int) -> tuple[list[tuple[int, int]], int]:
    """Return where the left upper corner of each (width, height) goes on a canvas of `width`, and how high it gets."""
    skyline: list[Segment] = [(0, 0, width)]
    corners = []
    for wide, high in rectangles:
        top, left = min(
            (_top(skyline, at, wide), start) for at, (start, _, _) in enumerate(skyline) if start + wide <= width
        )
        corners.append((left, top))
        right = left + wide
        raised = [(left, top + high, wide)]
        for start, level, length in skyline:
            if start < left:
                raised.append((start, level, min(length, left - start)))
            if start + length > right:
                raised.append((max(start, right), level, start + length - max(start, right)))
        skyline = sorted(raised)
    return corners, max(level for _, level, _ in skyline)


def _top(skyline: list[Segment], at: int, wide: int) -> int:
    """Return how high the skyline is under what is `wide` and begins with the step `at`."""
    top, missing = 0, wide
    while missing > 0:
        _, level, length = skyline[at]
        top, missing, at = max(top, level), missing - length, at + 1
    return top


def rounded_up(length: int, step: int) -> int:
    """Return the smallest multiple of `step` that is no less than `length`."""
    return -(-length // step) * step
