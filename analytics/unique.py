"""Unique visitors of a site's day out of the parts that registers tell, and how long people stayed.

Parts were not compared with each other: a restart deletes what the register knew, and two machines never tell each
other. How many people are in two parts is estimated from how often people returned within each; nobody knows that they
did so across, so the interval holds everything from nobody to twice as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reid.types import STAY_BUCKET_MINUTES, RegisterPart

MAX_INTERVAL_SHARE = 0.25
LEAST_STAYS = 30.0


@dataclass(frozen=True, slots=True)
class UniqueEstimate:
    """How many people `arrivals` were, staff left out of `unique`; `low` and `high` are None unless it is `told`."""

    arrivals: int
    compared: int
    unique: float
    low: float | None
    high: float | None
    staff: int
    parts: int
    told: bool


@dataclass(frozen=True, slots=True)
class Stays:
    """Matched stays: how many, how they spread over STAY_BUCKET_MINUTES, and their median, None below LEAST_STAYS."""

    number: float
    histogram: tuple[float, ...]
    median_minutes: float | None


def combined(parts: Sequence[RegisterPart], max_interval_share: float = MAX_INTERVAL_SHARE) -> UniqueEstimate:
    """Return the estimate of one site's day from all its parts, in any order.

    It is told when every part with arrivals told an interval and half of the sum's is at most `max_interval_share` of
    the estimate.
    """
    counted = [part for part in parts if part.arrivals]
    total = sum(part.unique for part in counted)
    largest = max((part.unique for part in counted), default=0.0)
    shared = min(_shared(counted), total - largest)
    unique = total - shared
    low = high = None
    below, above = _half_widths(counted)
    if below is not None and above is not None:
        low = max(total - min(2.0 * shared, total - largest) - below, min(1.0, unique))
        high = min(total + above, float(sum(part.arrivals for part in counted)))
        if high - low > 2.0 * max_interval_share * unique:
            low = high = None
    return UniqueEstimate(
        arrivals=sum(part.arrivals for part in parts),
        compared=sum(part.compared for part in parts),
        unique=unique,
        low=low,
        high=high,
        staff=sum(part.staff for part in parts),
        parts=len(counted),
        told=low is not None,
    )


def _shared(parts: Sequence[RegisterPart]) -> float:
    """Return how many people are expected in a part who were in an earlier one, too.

    As if the visits of a day were spread over people as a geometric distribution has it, and over parts by chance:
    then N visits are M * N / (M + N) people, in a part as in all of them, and M follows from what the parts say.
    """
    visits = [float(part.arrivals - part.staff) for part in parts if part.arrivals > part.staff and part.unique > 0.0]
    total = sum(part.unique for part in parts if part.arrivals > part.staff)
    if total >= sum(visits) - 1e-9:
        return 0.0
    low, high = 1e-6, 1e9
    for _ in range(100):
        middle = (low * high) ** 0.5
        people = sum(middle * number / (middle + number) for number in visits)
        low, high = (middle, high) if people < total else (low, middle)
    return total - low * sum(visits) / (low + sum(visits))


def _half_widths(parts: Sequence[RegisterPart]) -> tuple[float | None, float | None]:
    """Return how far the sum of independent parts reaches below and above itself, None when a part does not tell."""
    below = above = 0.0
    for part in parts:
        if part.low is None or part.high is None:
            return None, None
        below += (part.unique - part.low) ** 2
        above += (part.high - part.unique) ** 2
    return (below**0.5, above**0.5) if parts else (None, None)


def stays(histograms: Sequence[Sequence[float]]) -> Stays:
    """Return the stays of several parts (`RegisterPart.stays`) or days together; the last bucket is open."""
    histogram = tuple(sum(column) for column in zip(*histograms, strict=True))
    number = sum(histogram)
    return Stays(number, histogram, _median_minutes(histogram) if number >= LEAST_STAYS else None)


def _median_minutes(histogram: Sequence[float]) -> float:
    before, half = 0.0, sum(histogram) / 2.0
    for bucket, number in enumerate(histogram):
        if before + number >= half:
            return STAY_BUCKET_MINUTES * (bucket + (half - before) / number)
        before += number
    return float(STAY_BUCKET_MINUTES * len(histogram))
