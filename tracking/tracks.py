"""What the tracker says after a frame: who is followed, and whose track just ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from footfall.types import FloatArray


@dataclass(frozen=True, slots=True)
class Track:
    """One person followed by one tracker instance.

    `box` float32 (4,) xyxy px is the filtered position at the last update; `detection` is the row of the frame's
    Detections that was matched to it, or None while it coasts. `hits` counts matched frames since `first_seen`,
    `sure_hits` those of them in which the face was a sure one. `velocity` is that of the box's centre, px/s.
    """

    id: int
    box: FloatArray
    score: float
    first_seen: datetime
    last_seen: datetime
    hits: int
    sure_hits: int
    detection: int | None = None
    velocity: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Tracks:
    """What the tracker knows after a frame: confirmed tracks in view or coasting, and those that just ended."""

    active: tuple[Track, ...]
    ended: tuple[Track, ...]
