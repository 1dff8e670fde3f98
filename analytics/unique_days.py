"""What may be said of a site's day: how many people its arrivals were, how sure that is, and why not where it is not.

The hourly sums of the register are the numbers; its parts say how sure they are, and how many people two parts share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from analytics.unique import combined
from reid.types import FIRST_SCALE, RegisterPart

NOISE = 1e-9


class NotTold(StrEnum):
    """Why a day has no number of unique visitors."""

    NOT_COMPARED = "not compared"
    NOBODY = "nobody"
    TOO_UNSURE = "too unsure"


@dataclass(frozen=True, slots=True)
class UniqueDay:
    """Unique visitors of a site's day.

    `arrivals` is how many came in, `told` of how many the register said something: `unique` counts these, and `high`
    holds all others besides. `compared` is how many of them it could compare, `staff` how many of them were staff.
    `people_per_sum` turns a sum of firsts into people: less than 1/10000 where several parts share some. `unique` is
    None where `not_told` says why; `low` and `high`, the 95 % interval, are None as well where `changed` says that the
    sums are no longer those of the parts. `not_shared` is how many of the arrivals at boxes that share signatures
    the other boxes did not hear of, None where no box shares.
    """

    arrivals: int
    told: int
    compared: int
    staff: int
    people_per_sum: float
    unique: int | None
    low: int | None
    high: int | None
    changed: bool
    parts: tuple[RegisterPart, ...]
    not_told: NotTold | None
    not_shared: int | None = None

    @property
    def returns(self) -> int | None:
        """How many arrivals were of people who had been there on that day, None when it is not told."""
        return None if self.unique is None else self.told - self.staff - self.unique


NO_SUMS: Mapping[str, int] = {"told": 0, "compared": 0, "first_sum": 0, "staff_arrivals": 0}


def unique_day(
    parts: Sequence[RegisterPart], sums: Mapping[str, int], arrivals: int, max_interval_share: float
) -> UniqueDay:
    """Return what may be said of one site's day.

    Args:
        parts: those of the day; without one nobody compared its visits.
        sums: `told`, `compared`, `first_sum`, `staff_arrivals` of the day (db.reading.firsts).
        arrivals: how many came in, judged or not.
        max_interval_share: the widest half of the interval that is told, as a share of the number.
    """
    estimate = combined(parts, max_interval_share)
    summed = sum(part.unique for part in parts)
    people_per_sum = (estimate.unique / summed if summed > 0 else 1.0) / FIRST_SCALE
    told = int(sums["told"])
    unjudged = max(arrivals - told, 0)  # each of them somebody new, or somebody who is counted already
    is_sure = (
        estimate.low is not None
        and estimate.high is not None
        and estimate.high - estimate.low + unjudged <= 2.0 * max_interval_share * estimate.unique + NOISE
    )
    not_told = _why_not(parts, told, is_sure)
    unique = None if not_told else rounded(people_per_sum * int(sums["first_sum"]))
    changed = estimate.arrivals != told
    low = high = None
    if unique is not None and not changed and estimate.low is not None and estimate.high is not None:
        low, high = whole_interval(estimate.low, estimate.high)
        # Sums that left their interval belong to another state of the register than its parts.
        changed = not low <= unique <= high
        high += unjudged
    return UniqueDay(
        arrivals=max(arrivals, told),
        told=told,
        compared=int(sums["compared"]),
        staff=int(sums["staff_arrivals"]),
        people_per_sum=people_per_sum,
        unique=unique,
        low=None if changed else low,
        high=None if changed else high,
        changed=changed,
        parts=tuple(part for part in parts if part.arrivals),
        not_told=not_told,
        not_shared=estimate.not_shared,
    )


def rounded(people: float) -> int:
    """Return a number of people as a whole one, half up, the same on every machine."""
    return math.floor(people + 0.5 + NOISE)


def is_small(people: npt.NDArray[np.generic], small_cell: int) -> npt.NDArray[np.bool_]:
    """Return where numbers of people, of any shape, are 1 to `small_cell` - 1 as they may be shown, rounded down."""
    numbers = people.astype(np.float64)
    return np.asarray((numbers > NOISE) & (np.floor(numbers + NOISE) < small_cell), np.bool_)


def whole_interval(low: float, high: float) -> tuple[int, int]:
    """Return an interval of people in whole ones that holds all of it, the same on every machine."""
    return math.floor(low + NOISE), math.ceil(high - NOISE)


def rounded_to_total(people: npt.NDArray[np.float64], total: int) -> npt.NDArray[np.int64]:
    """Return numbers of people, float64 (N,), as whole ones that add up to `total`: by the largest remainders.

    `total` is the sum of `people`, rounded up or down (Hamilton's method of apportionment).
    """
    whole = np.floor(people + NOISE).astype(np.int64)
    missing = total - int(whole.sum())
    if missing > 0:
        whole[np.argsort(whole - people, kind="stable")[:missing]] += 1
    return whole


def _why_not(parts: Sequence[RegisterPart], told: int, is_sure: bool) -> NotTold | None:
    if not parts:
        return NotTold.NOT_COMPARED
    if not told:
        return NotTold.NOBODY
    return None if is_sure else NotTold.TOO_UNSURE
