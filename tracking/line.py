"""A counting line across the picture, and which way one person crossed it."""

from __future__ import annotations

from dataclasses import dataclass

from footfall.types import Direction

Point = tuple[float, float]

CLEAR_OF_LINE = 0.25
"""Face sizes that a face's centre must be away from the line before it counts as being on a side of it."""


@dataclass(frozen=True, slots=True)
class CountingLine:
    """A line from `start_xy` to `end_xy`, pixels of the full frame, x to the right and y down.

    Stand at its start and look to its end: crossing from the left hand to the right hand is *in*. A line drawn from
    the left of the picture to its right is therefore crossed inwards by who comes down the picture, to the camera.
    """

    start_xy: Point
    end_xy: Point

    def __post_init__(self) -> None:
        if self.start_xy == self.end_xy:
            raise ValueError("a counting line needs two different ends")

    def signed_distance(self, point: Point) -> float:
        """Return the distance of `point` to the endless line in pixels, positive on the right hand."""
        (start_x, start_y), (end_x, end_y) = self.start_xy, self.end_xy
        along_x, along_y = end_x - start_x, end_y - start_y
        length = float((along_x**2 + along_y**2) ** 0.5)
        return (along_x * (point[1] - start_y) - along_y * (point[0] - start_x)) / length

    def is_passed_between(self, before: Point, after: Point) -> bool:
        """Return whether the straight way from `before` to `after`, on two sides, meets the line between its ends."""
        first, second = self.signed_distance(before), self.signed_distance(after)
        share = first / (first - second)
        meets_x = before[0] + share * (after[0] - before[0])
        meets_y = before[1] + share * (after[1] - before[1])
        (start_x, start_y), (end_x, end_y) = self.start_xy, self.end_xy
        along_x, along_y = end_x - start_x, end_y - start_y
        position = ((meets_x - start_x) * along_x + (meets_y - start_y) * along_y) / (along_x**2 + along_y**2)
        return 0.0 <= position <= 1.0


class LineCrossing:
    """Which way one person crossed a line, so far.

    Being on a side takes `CLEAR_OF_LINE` face sizes, so a face that trembles on the line crosses nothing. Crossings
    cancel: who comes in and goes out again within one visit went neither way.
    """

    __slots__ = ("_balance", "_clear_point", "_line")

    def __init__(self, line: CountingLine | None) -> None:
        self._line = line
        self._clear_point: Point | None = None
        self._balance = 0

    def move_to(self, point: Point, face_px: float) -> None:
        """Take the next position of the face's centre and its size, in pixels."""
        if self._line is None:
            return
        distance = self._line.signed_distance(point)
        if abs(distance) < CLEAR_OF_LINE * face_px:
            return
        before, self._clear_point = self._clear_point, point
        if before is None:
            return
        is_other_side = self._line.signed_distance(before) * distance < 0
        if is_other_side and self._line.is_passed_between(before, point):
            self._balance += 1 if distance > 0 else -1

    @property
    def direction(self) -> Direction:
        """IN or OUT by what is left when crossings have cancelled, else NONE."""
        if self._balance > 0:
            return Direction.IN
        return Direction.OUT if self._balance < 0 else Direction.NONE
