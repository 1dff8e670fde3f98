"""Faces that do not live: posters, screens that show a picture, mannequins.

A visitor who waits still moves: a head sways by centimetres, a tenth of a face, within seconds. Positions and sizes
are compared with those of the track's first second, so who walks in and sits down is a visitor, however long they
sit, and a passer-by who hides a poster for a moment does not bring it to life.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from tracking.tracks import Track

STILL_RADIUS = 0.5
"""Face sizes around the first position within which a face that stays for minutes is not a visitor."""
MOTIONLESS_RADIUS = 0.08
"""The same for a face that does not move at all; also the change of size, as a share, that such a face may show."""
MOTIONLESS_AFTER_S = 20.0
"""Seconds after which a motionless face is known to be a picture."""
SHARE = 0.9
"""Share of a track's observations that must lie within the radius."""
_ANCHOR_S = 1.0
_MEMORY_S = 3600.0
_MAX_PLACES = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a face is and how large, in pixels."""

    x: float
    y: float
    face_px: float

    def has_near(self, other: Place, radius: float) -> bool:
        """Return whether `other` lies within `radius` face sizes and has nearly the same size."""
        distance = math.hypot(other.x - self.x, other.y - self.y)
        ratio = max(other.face_px, 1e-6) / max(self.face_px, 1e-6)
        return distance <= radius * self.face_px and abs(math.log(ratio)) <= radius


def place_of(track: Track) -> Place:
    """Return where `track` is: the centre of its box and the square root of the box's area."""
    left, top, right, bottom = (float(value) for value in track.box)
    return Place((left + right) / 2, (top + bottom) / 2, math.sqrt(max(right - left, 0.0) * max(bottom - top, 0.0)))


class Stillness:
    """How still one face has been for its whole life."""

    __slots__ = ("_first_at", "_last_at", "_motionless", "_seen", "_still", "anchor")

    def __init__(self, place: Place, at: datetime) -> None:
        self.anchor = place
        self._first_at = self._last_at = at
        self._seen = self._still = self._motionless = 1

    def see(self, place: Place, at: datetime) -> None:
        """Take the next observed `place` of the face."""
        self._last_at = at
        self._seen += 1
        if (at - self._first_at).total_seconds() <= _ANCHOR_S and self.anchor.has_near(place, STILL_RADIUS):
            share = 1 / self._seen
            self.anchor = Place(
                self.anchor.x + share * (place.x - self.anchor.x),
                self.anchor.y + share * (place.y - self.anchor.y),
                self.anchor.face_px + share * (place.face_px - self.anchor.face_px),
            )
        self._still += self.anchor.has_near(place, STILL_RADIUS)
        self._motionless += self.anchor.has_near(place, MOTIONLESS_RADIUS)

    @property
    def duration_s(self) -> float:
        """Seconds between the first and the last observation."""
        return (self._last_at - self._first_at).total_seconds()

    @property
    def is_still(self) -> bool:
        """Whether the face stayed near its first place, however short its life was."""
        return self._still >= SHARE * self._seen

    @property
    def is_motionless(self) -> bool:
        """Whether the face has not moved at all, however short its life was."""
        return self._motionless >= SHARE * self._seen

    def is_picture(self, static_after_s: float) -> bool:
        """Return whether the face stayed still for `static_after_s`, or motionless for `MOTIONLESS_AFTER_S`."""
        if self.duration_s >= static_after_s and self.is_still:
            return True
        return self.duration_s >= min(MOTIONLESS_AFTER_S, static_after_s) and self.is_motionless


@dataclass(slots=True)
class _Picture:
    """A place where a picture hangs; `doubted` once somebody who may be alive was taken for it."""

    place: Place
    seen_at: datetime
    doubted: bool = False


class KnownPictures:
    """Places where pictures of faces hang, so that a poster found again is not a new visitor each time.

    A place is forgotten an hour after the picture was last seen; the oldest is when there are more than 64. Who stops
    before it is taken for it, but proves nothing: from then on only a long look at a motionless face keeps the place,
    so that a card which was carried away hides nobody for longer than an hour.
    """

    def __init__(self) -> None:
        self._pictures: list[_Picture] = []

    def remember(self, place: Place, at: datetime) -> None:
        """Note that a picture hangs at `place` and was seen at `at`, beyond doubt."""
        kept = [known for known in self._pictures if not known.place.has_near(place, STILL_RADIUS)]
        self._pictures = [*kept, _Picture(place, at)][-_MAX_PLACES:]

    def has(self, place: Place, at: datetime) -> bool:
        """Return whether a picture is known at `place` and was seen within an hour before `at`."""
        return bool(self._near(place, at))

    def takes_in(self, face: Stillness, at: datetime) -> bool:
        """Return whether `face`, whose short life ended at `at`, is taken for a known picture.

        A motionless one at the very place is the picture again and keeps it in mind, unless it is in doubt.
        """
        near = self._near(face.anchor, at) if face.is_still else []
        for known in near:
            if face.is_motionless and known.place.has_near(face.anchor, MOTIONLESS_RADIUS):
                known.seen_at = known.seen_at if known.doubted else at
            else:
                known.doubted = True
        return bool(near)

    def _near(self, place: Place, at: datetime) -> list[_Picture]:
        self._pictures = [known for known in self._pictures if (at - known.seen_at).total_seconds() <= _MEMORY_S]
        return [known for known in self._pictures if known.place.has_near(place, STILL_RADIUS)]
