"""Types that cross the border of `reid`: what a visit looked like going in, probabilities and sums coming out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from footfall.types import Direction, FloatArray

FIRST_SCALE = 10_000
"""Probabilities are stored as whole numbers of this, so that sums of them are exact and can be derived again."""
STAY_BUCKET_MINUTES = 5
STAY_BUCKETS = 144


class ReidMode(StrEnum):
    """What visits are compared by; FACES uses clothes as well."""

    OFF = "off"
    CLOTHES = "clothes"
    FACES = "faces"


@dataclass(frozen=True, slots=True)
class Signature:
    """What one visit looked like. A template of a person: never logged, never written to disk.

    `faces` float32 (F, D), unit rows of the best few faces, F may be 0; `face_px` and `quality` float32 (F,) belong
    to the rows; `clothes` float32 (C,), empty where the torso was not seen.
    """

    faces: FloatArray
    face_px: FloatArray
    quality: FloatArray
    clothes: FloatArray

    def __repr__(self) -> str:
        return "Signature(...)"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One visit as the register is told of it; `signature` is None when nothing could be compared.

    `is_arrival` says that it counts as somebody coming in: direction in, or any where the camera has no line. One that
    is not `is_own` was seen by another box of the site, which judges it: others are compared with it.
    """

    uid: UUID
    camera_id: str
    entrance: str
    entered_at: datetime
    left_at: datetime
    direction: Direction
    is_arrival: bool
    p_female: float | None = None
    age_years: float | None = None
    signature: Signature | None = None
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class First:
    """The register's judgement of one visit: the only thing that is stored of the comparison.

    `first` in 0..FIRST_SCALE is the probability that this arrival is its person's first of the day at the site, among
    what `part` (RegisterPart.uid) knew; None for a visit that is no arrival. `compared` says that a signature was
    there; without one the probability is the day's average. `staff` says that the person passes too often for a
    visitor.
    """

    uid: UUID
    part: UUID
    camera_id: str
    first: int | None
    compared: bool
    staff: bool


@dataclass(frozen=True, slots=True)
class RegisterPart:
    """What one register says of a site's day. A restart, another machine or another call makes another part, and
    parts were not compared with each other.

    `unique` is the sum of the firsts of arrivals that are not staff, as people; `low` and `high` are its 95 % interval,
    None when it cannot be told. `returns_per_pair` is the probability that two arrivals of this part are one person.
    `stays` counts matched pairs (in, later out) by STAY_BUCKET_MINUTES, the last bucket open. `held` signatures are in
    memory, `deleted` were overwritten at `closed_at`; they are those of other boxes, too.

    Boxes of a site that share signatures each judge their own arrivals against all: their parts were compared with
    each other, and their intervals add up. `not_shared` is how many of the arrivals the others did not hear of, None
    for a part that shares nothing.
    """

    uid: UUID
    site: str
    day: date
    origin: str
    mode: ReidMode
    began_at: datetime
    seen_until: datetime
    arrivals: int
    compared: int
    staff: int
    unique: float
    low: float | None
    high: float | None
    returns_per_pair: float
    stays: tuple[float, ...]
    held: int
    deleted: int
    closed_at: datetime | None
    model_version: str
    not_shared: int | None = None
