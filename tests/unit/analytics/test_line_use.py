"""When a counting line is said to lie where nobody walks."""

from __future__ import annotations

import pytest

from analytics.line_use import unused_line


def test_a_line_that_most_people_never_cross_is_said_with_the_numbers_and_what_to_do() -> None:
    said = unused_line("camera north", 489, 31)
    assert said.startswith("camera north: of 489 people seen in 7 days 458 never crossed the counting line")
    assert "move it to where people walk" in said and "Set up" in said


@pytest.mark.parametrize(
    ("seen", "crossed", "is_said"),
    [
        (49, 0, False),
        (50, 0, True),
        (50, 17, True),
        (50, 20, False),
        (1000, 440, True),
        (1000, 490, False),
        (0, 0, False),
    ],
)
def test_it_is_said_of_enough_people_of_whom_surely_fewer_than_half_cross(
    seen: int, crossed: int, is_said: bool
) -> None:
    assert bool(unused_line("north", seen, crossed)) is is_said


def test_a_small_number_cannot_be_had_by_subtracting() -> None:
    said = unused_line("north", 489, 3, small_cell=5)
    assert "most of 489 people" in said and "486" not in said
