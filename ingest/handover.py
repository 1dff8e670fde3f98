"""Who was in view when a worker was killed: counted once, whether they left meanwhile or are still there.

The killed worker's checkpoint holds the visits that it could not finish. After a short gap, whoever is in view right
from the new worker's first second is taken for one of them, and both parts become one visit; the others left while
nobody watched. After a longer gap nobody is the same any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from footfall.types import Direction, Visit

LONGEST_GAP = timedelta(seconds=10)
PRESENT_WITHIN = timedelta(seconds=1)
DECIDE_AFTER = timedelta(seconds=3)


class Handover:
    """Joins the unfinished visits `left` by the worker before with those of this one."""

    def __init__(self, left: Sequence[Visit] = ()) -> None:
        self._left = sorted(left, key=lambda visit: visit.entered_at)
        self._first_at: datetime | None = None
        self._earlier_part: dict[UUID, Visit] = {}

    def step(self, at: datetime, open_now: Sequence[Visit], ended: Sequence[Visit]) -> list[Visit]:
        """Take the state after the frame captured at `at`; return the visits that are over.

        `open_now` are the visits of those in view as they stand, `ended` those that ended with this frame.
        """
        over: list[Visit] = []
        if self._first_at is None:
            self._first_at = at
            over = [visit for visit in self._left if at - visit.left_at > LONGEST_GAP]
            self._left = [visit for visit in self._left if at - visit.left_at <= LONGEST_GAP]
        if self._left:
            self._pair([*ended, *open_now])
            if at - self._first_at >= DECIDE_AFTER:
                over += self.give_up()
        return over + [self._joined(visit, forget=True) for visit in ended]

    def unfinished(self, open_now: Sequence[Visit]) -> tuple[Visit, ...]:
        """Return all visits that the next worker must know of if this one is killed now."""
        return (*self._left, *(self._joined(visit, forget=False) for visit in open_now))

    def give_up(self) -> list[Visit]:
        """Return the visits that nobody continued: the camera stays blind, the worker ends, or it is time."""
        over, self._left = self._left, []
        return over

    def _pair(self, candidates: Sequence[Visit]) -> None:
        """Take those in view from the first second on for the ones left behind, in the order in which they came."""
        if self._first_at is None:
            return
        for visit in sorted(candidates, key=lambda visit: visit.entered_at):
            was_there = visit.entered_at <= self._first_at + PRESENT_WITHIN
            if self._left and was_there and visit.uid not in self._earlier_part:
                self._earlier_part[visit.uid] = self._left.pop(0)

    def _joined(self, visit: Visit, forget: bool) -> Visit:
        earlier = self._earlier_part.get(visit.uid)
        if earlier is None:
            return visit
        if forget:
            del self._earlier_part[visit.uid]
        better = max(visit, earlier, key=lambda part: (part.samples, part.quality))
        direction = earlier.direction if visit.direction is Direction.NONE else visit.direction
        return replace(
            better,
            uid=earlier.uid,
            entered_at=min(earlier.entered_at, visit.entered_at),
            left_at=max(visit.left_at, earlier.left_at),
            direction=direction,
            model_version=visit.model_version,
        )
