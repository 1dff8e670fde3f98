"""Visits of faces that did not move, held back until it is clear whether a picture shows through now and then.

A poster that the detector finds only sometimes makes a short track each time, too short to tell it from somebody
who stood still for a second. The third one at the same place gives it away, and none of them was a visitor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from footfall.types import Visit
from tracking.stillness import STILL_RADIUS, Place

HOLD_S = 120.0
"""Seconds for which a motionless visit waits for others at its place."""
TELLTALE_COUNT = 3
"""Motionless visits at one place that make it a picture."""


@dataclass(frozen=True, slots=True)
class _Held:
    visit: Visit
    place: Place


class HeldVisits:
    """The visits held back, oldest first."""

    def __init__(self) -> None:
        self._held: list[_Held] = []

    @property
    def visits(self) -> list[Visit]:
        """The visits held back now."""
        return [held.visit for held in self._held]

    def hold(self, visit: Visit, place: Place) -> bool:
        """Hold `visit`; return whether its place is a picture now, in which case all visits held there are gone."""
        self._held.append(_Held(visit, place))
        if sum(held.place.has_near(place, STILL_RADIUS) for held in self._held) < TELLTALE_COUNT:
            return False
        self.drop(place)
        return True

    def drop(self, place: Place) -> None:
        """Forget the visits held at `place`, where a picture hangs."""
        self._held = [held for held in self._held if not held.place.has_near(place, STILL_RADIUS)]

    def release(self, now: datetime) -> list[Visit]:
        """Return, and hold no longer, the visits that ended `HOLD_S` before `now`."""
        return self._take(lambda visit: (now - visit.left_at).total_seconds() >= HOLD_S)

    def release_all(self) -> list[Visit]:
        """Return all visits and hold none."""
        return self._take(lambda _: True)

    def _take(self, is_due: Callable[[Visit], bool]) -> list[Visit]:
        due = [held.visit for held in self._held if is_due(held.visit)]
        self._held = [held for held in self._held if not is_due(held.visit)]
        return due
