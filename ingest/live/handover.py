"""Who was in view when a worker was killed: counted once, whether they left meanwhile or are still there.

The killed worker's checkpoint holds the visits that it could not finish. After a short gap, whoever is in view in the
new worker's first frames is taken for one of those who were in view in the last ones, and both parts become one visit.
The others left: before the kill, when their track was only waiting for them to come back, or while nobody watched.
After a longer gap nobody is the same any more. Only one is joined: a worker needs seconds to start, in which most
people walk on, and a guess that is wrong must not cost the day more than one visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from footfall.types import Direction, Visit

LONGEST_GAP = timedelta(seconds=10)
# Whoever is detected later walked in, and whoever was not detected any more had walked out.
PRESENT_WITHIN = timedelta(seconds=0.2)
STILL_SEEN = timedelta(seconds=0.25)
DECIDE_AFTER = timedelta(seconds=3)


class Handover:
    """Joins the unfinished visits `left` by the worker before with those of this one.

    `last_frame_at` is when that worker saw its last frame, as the same checkpoint says.
    """

    def __init__(self, left: Sequence[Visit] = (), last_frame_at: datetime | None = None) -> None:
        self._left = sorted(left, key=lambda visit: visit.entered_at)
        self._last_frame_at = last_frame_at
        self._first_at: datetime | None = None
        self._has_joined = False
        self._earlier_part: dict[UUID, Visit] = {}
        self._renamed: dict[UUID, UUID] = {}

    def step(self, at: datetime, open_now: Sequence[Visit], ended: Sequence[Visit]) -> list[Visit]:
        """Take the state after the frame captured at `at`; return the visits that are over.

        `open_now` are the visits of those in view as they stand, `ended` those that ended with this frame.
        """
        over: list[Visit] = []
        if self._first_at is None:
            self._first_at = at
            over = [visit for visit in self._left if not self._may_return(visit, at)]
            self._left = [visit for visit in self._left if self._may_return(visit, at)]
        if self._left:
            self._pair([*ended, *open_now])
            if at - self._first_at >= DECIDE_AFTER:
                over += self.give_up()
        return over + [self._joined(visit, forget=True) for visit in ended]

    def unfinished(self, open_now: Sequence[Visit]) -> tuple[Visit, ...]:
        """Return all visits that the next worker must know of if this one is killed now."""
        return (*self._left, *(self._joined(visit, forget=False) for visit in open_now))

    def known_as(self, uid: UUID) -> UUID:
        """Return the uid that the visit `uid` of this worker is returned with."""
        return self._renamed.get(uid, uid)

    def give_up(self) -> list[Visit]:
        """Return the visits that nobody continued: the camera stays blind, the worker ends, or it is time."""
        over, self._left = self._left, []
        return over

    def _may_return(self, visit: Visit, at: datetime) -> bool:
        was_seen_last = self._last_frame_at is None or self._last_frame_at - visit.left_at <= STILL_SEEN
        return was_seen_last and timedelta(0) <= at - visit.left_at <= LONGEST_GAP

    def _pair(self, candidates: Sequence[Visit]) -> None:
        """Take the first of those in view from the first frames on for the one who was there longest."""
        if self._first_at is None or self._has_joined:
            return
        for visit in sorted(candidates, key=lambda visit: visit.entered_at)[:1]:
            if visit.entered_at <= self._first_at + PRESENT_WITHIN:
                self._earlier_part[visit.uid] = self._left.pop(0)
                self._renamed[visit.uid] = self._earlier_part[visit.uid].uid
                self._has_joined = True

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
