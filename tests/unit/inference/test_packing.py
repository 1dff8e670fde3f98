"""Rectangles on one canvas: none touches another, and little of the canvas stays empty."""

from __future__ import annotations

import numpy as np
import pytest

from inference.packing import IntArray, packed

GAP, STEP = 8, 32


def some_sizes(count: int, seed: int) -> IntArray:
    return np.random.default_rng(seed).integers(1, 260, (count, 2), np.int32)


def canvas_px(places: IntArray) -> int:
    return int(np.prod(-(-places[:, 2:].max(axis=0) // STEP) * STEP))


@pytest.mark.parametrize("count", [1, 2, 5, 12, 40])
@pytest.mark.parametrize("seed", range(5))
def test_each_has_its_size_and_a_gap_to_all_others(count: int, seed: int) -> None:
    sizes = some_sizes(count, seed)
    places = packed(sizes, GAP, STEP)
    np.testing.assert_array_equal(places[:, 2:] - places[:, :2], sizes)
    assert places.min() == 0
    for row, (left, top, right, bottom) in enumerate(places):
        others = np.delete(places, row, axis=0)
        beside = (others[:, 0] >= right + GAP) | (others[:, 2] + GAP <= left)
        above = (others[:, 1] >= bottom + GAP) | (others[:, 3] + GAP <= top)
        assert (beside | above).all()


def test_one_alone_gets_a_canvas_of_its_size() -> None:
    assert canvas_px(packed(np.array([[640, 352]], np.int32), GAP, STEP)) == 640 * 352


def test_little_of_the_canvas_stays_empty() -> None:
    every = [some_sizes(8, seed) for seed in range(50)]
    seen = sum(canvas_px(packed(sizes, GAP, STEP)) for sizes in every)
    assert seen < 1.35 * sum(int(sizes.prod(axis=1).sum()) for sizes in every)
