"""Which way somebody crossed the counting line."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.types import Direction
from tracking.line import CountingLine, LineCrossing, Point

FROM_LEFT_TO_RIGHT = CountingLine((0, 100), (400, 100))
FACE_PX = 40.0


def walk(line: CountingLine | None, path: Iterable[Point]) -> Direction:
    """Return the direction of somebody who was at each point of `path`."""
    crossing = LineCrossing(line)
    for point in path:
        crossing.move_to(point, FACE_PX)
    return crossing.direction


def test_down_the_picture_over_a_line_from_left_to_right_is_in() -> None:
    assert walk(FROM_LEFT_TO_RIGHT, [(200, y) for y in range(0, 200, 7)]) is Direction.IN


def test_up_is_out() -> None:
    assert walk(FROM_LEFT_TO_RIGHT, [(200, y) for y in range(200, 0, -7)]) is Direction.OUT


def test_who_comes_in_and_goes_out_again_went_neither_way() -> None:
    there = [(200.0, float(y)) for y in range(0, 200, 7)]
    assert walk(FROM_LEFT_TO_RIGHT, there + there[::-1]) is Direction.NONE
    assert walk(FROM_LEFT_TO_RIGHT, there + there[::-1] + there) is Direction.IN


def test_a_face_that_trembles_on_the_line_crosses_nothing() -> None:
    assert walk(FROM_LEFT_TO_RIGHT, [(200, 100 + (-1) ** index * 9) for index in range(50)]) is Direction.NONE


def test_who_turns_round_on_the_line_did_not_cross() -> None:
    path = [(200.0, float(y)) for y in [*range(50, 106, 5), *range(105, 40, -5)]]
    assert walk(FROM_LEFT_TO_RIGHT, path) is Direction.NONE


def test_passing_beside_the_line_is_no_crossing() -> None:
    assert walk(FROM_LEFT_TO_RIGHT, [(450, y) for y in range(0, 200, 7)]) is Direction.NONE


def test_one_leap_over_the_line_counts() -> None:
    assert walk(FROM_LEFT_TO_RIGHT, [(100, 20), (300, 180)]) is Direction.IN


def test_without_a_line_nobody_goes_anywhere() -> None:
    assert walk(None, [(200, 0), (200, 300)]) is Direction.NONE


@given(*[st.floats(0, 400)] * 4)
def test_a_line_drawn_the_other_way_swaps_in_and_out(x: float, y: float, to_x: float, to_y: float) -> None:
    swapped = {Direction.IN: Direction.OUT, Direction.OUT: Direction.IN, Direction.NONE: Direction.NONE}
    backwards = CountingLine(FROM_LEFT_TO_RIGHT.end_xy, FROM_LEFT_TO_RIGHT.start_xy)
    path = [(x, y), (to_x, to_y)]
    assert walk(backwards, path) is swapped[walk(FROM_LEFT_TO_RIGHT, path)]


def test_a_line_needs_two_ends() -> None:
    with pytest.raises(ValueError, match="two different ends"):
        CountingLine((5, 5), (5, 5))
