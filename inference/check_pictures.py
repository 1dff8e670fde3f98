"""Pictures for the self-check of a network: noise and drawn shapes, no faces, the same bits on every computer.

Plain integer arithmetic instead of a random generator or a drawing library, whose streams and edges may change with
their versions: what was stored as a network's answer must stay the answer to the same picture for years.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from footfall.types import ImageArray

Integers = npt.NDArray[np.int64]
SHAPES = 9
"""Ellipses in a drawn picture."""


def check_pictures(count: int, height: int, width: int) -> ImageArray:
    """Return `count` pictures, uint8 (N, H, W, 3): noise, and shapes under a little noise, in turn."""
    return np.stack([_drawn(k, height, width) if k % 2 else _noise(k, height, width) for k in range(count)])


def _noise(seed: int, height: int, width: int) -> ImageArray:
    return (_random(seed, height * width * 3) >> 40).reshape(height, width, 3).astype(np.uint8)


def _drawn(seed: int, height: int, width: int) -> ImageArray:
    """Return a slope of grey with ellipses of strong colours: large even areas drive activations to their ends."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    picture = np.repeat((x * 160 // width + y * 95 // height)[:, :, None], 3, axis=2)
    numbers = _random(1000 + seed, SHAPES * 7).reshape(SHAPES, 7) >> 16
    for column, row, wide, high, *colour in numbers:
        centre_x, centre_y = column % width, row % height
        half_x, half_y = 2 + wide % (width // 3), 2 + high % (height // 3)
        inside = ((x - centre_x) * half_y) ** 2 + ((y - centre_y) * half_x) ** 2 <= (half_x * half_y) ** 2
        picture[inside] = [int(value % 256) for value in colour]
    noisy = picture + _noise(seed, height, width).astype(np.int64) // 16 - 8
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _random(seed: int, count: int) -> Integers:
    """Return integers of 0 to 2^48 - 1: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) without its lowest bits."""
    state = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(seed << 32)) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((state ^ (state >> np.uint64(31))) >> np.uint64(16)).astype(np.int64)
