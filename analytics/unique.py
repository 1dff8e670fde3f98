"""Unique visitors of a site's day out of the parts that registers tell, and how long people stayed.

Parts were not compared with each other, unless boxes share their signatures: a restart deletes what the register knew,
and a box alone knows its own visits. How many people are in two parts is estimated from how often people returned
within each; nobody knows that they did so across, so the interval holds everything from nobody to twice as many.

Parts that share are one but for what they did not share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reid.types import STAY_BUCKET_MINUTES, RegisterPart

MAX_INTERVAL_SHARE = 0.25
LEAST_STAYS = 30.0


@dataclass(frozen=True, slots=True)
class UniqueEstimate:
    """How many people `arrivals` were, staff left out of `unique`; `low` and `high` are None unless it is `told`.

    `not_shared` is how many arrivals of boxes that share signatures the others did not hear of, None where none shares.
    """

    arrivals: int
    compared: int
    unique: float
    low: float | None
    high: float | None
    staff: int
    parts: int
    told: bool
    not_shared: int | None = None


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
    lots = _lots(counted)
    most = sum(lot.unique for lot in lots) - max((lot.unique for lot in lots), default=0.0)
    shared = min(_shared(lots), most)
    unique = total - shared
    low = high = None
    below, above = _half_widths(counted)
    if below is not None and above is not None:
        low = max(total - min(2.0 * shared, most) - below, min(1.0, unique))
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
        not_shared=_not_shared(counted),
    )


def _not_shared(parts: Sequence[RegisterPart]) -> int | None:
    sharing = [part.not_shared for part in parts if part.not_shared is not None]
    return sum(sharing) if sharing else None


@dataclass(frozen=True, slots=True)
class _Lot:
    """Visits that were compared with each other, staff left out, and how many people they were."""

    visits: float
    unique: float

    def times(self, share: float) -> _Lot:
        return _Lot(share * self.visits, share * self.unique)


def _lots(parts: Sequence[RegisterPart]) -> list[_Lot]:
    """Return the lots of visits that were not compared with each other.

    A part that shares nothing is one, whole. Boxes that share were apart for the largest share of arrivals that one of
    them did not share: what each did not is a lot, and what the others did in that time is another one, together. All
    before and after was compared.
    """
    boxes = [(_sum([part]), 1.0) for part in parts if part.not_shared is None]
    for origin in sorted({part.origin for part in parts if part.not_shared is not None}):
        own = [part for part in parts if part.not_shared is not None and part.origin == origin]
        alone = sum(part.not_shared or 0 for part in own) / sum(part.arrivals for part in own)
        boxes.append((_sum(own), min(alone, 1.0)))
    apart = max((alone for _, alone in boxes), default=0.0)
    lots = [lot.times(alone) for lot, alone in boxes if alone]
    together = [lot.times(apart - alone) for lot, alone in boxes if alone < apart]
    if together:
        lots.append(_Lot(sum(lot.visits for lot in together), sum(lot.unique for lot in together)))
    return lots


def _sum(parts: Sequence[RegisterPart]) -> _Lot:
    return _Lot(float(sum(part.arrivals - part.staff for part in parts)), sum(part.unique for part in parts))


def _shared(lots: Sequence[_Lot]) -> float:
    """Return how many people are expected in a lot who were in an earlier one, too.

    As if the visits of a day were spread over people as a geometric distribution has it, and over lots by chance:
    then N visits are M * N / (M + N) people, in a lot as in all of them, and M follows from what the lots say.
    """
    visits = [lot.visits for lot in lots if lot.visits > 0.0 and lot.unique > 0.0]
    if len(visits) < 2:
        return 0.0
    total = sum(lot.unique for lot in lots if lot.visits > 0.0)
    if total >= sum(visits) - 1e-9:
        return 0.0
    low, high = 1e-6, 1e9
    for _ in range(100):
        middle = (low * high) ** 0.5
        people = sum(middle * number / (middle + number) for number in visits)
        low, high = (middle, high) if people < total else (low, middle)
    return total - low * sum(visits) / (low + sum(visits))


def _half_widths(parts: Sequence[RegisterPart]) -> tuple[float | None, float | None]:
    """Return how far the sum of parts reaches below and above itself, None when a part does not tell.

    Parts that share are off together and add up; others are independent.
    """
    below = above = together_below = together_above = 0.0
    for part in parts:
        if part.low is None or part.high is None:
            return None, None
        if part.not_shared is None:
            below += (part.unique - part.low) ** 2
            above += (part.high - part.unique) ** 2
        else:
            together_below += part.unique - part.low
            together_above += part.high - part.unique
    if not parts:
        return None, None
    return (below + together_below**2) ** 0.5, (above + together_above**2) ** 0.5


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
