"""What counts by hand say about a camera: how many of those who came it counts, and how sure that is.

A tally holds how many were tapped by hand, how many the cameras counted, and how many of both are the same person. Who
was tapped and not counted was missed; who was counted and not tapped was counted falsely. The two are kept apart: they
cancel in the totals, and only their sum says how far a single total can be off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, exp, hypot, sqrt

from analytics.audit_blur import Hidden, hidden
from footfall.types import Gender

Z = 1.959963984540054  # of 95 %: the 0.975 quantile of the normal distribution
FEWEST_TAPS = 30  # fewer say too little to correct anything with
USUAL_POINTS = 3.0
LONGEST_MINUTES = 24 * 60

AGE_STARTS = (0, 18, 35, 55)
AGE_GROUPS = ("0-17", "18-34", "35-54", "55+")
"""The four ages that can be told in passing; unions of the groups of `report.age_group_starts` as they are shipped."""


@dataclass(frozen=True, slots=True)
class Rate:
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tally:
    """People `tapped` by hand, `counted` by cameras, and `matched`: those of both; within `seconds` of counting.

    A missed person and a false count within `blur_s` of each other are taken for one person, so that `matched` has some
    who were missed: `hidden` (analytics.audit_blur).
    """

    tapped: int
    counted: int
    matched: int
    seconds: float = 0.0
    blur_s: float = 0.0

    @property
    def missed(self) -> int:
        """People who came and were not counted."""
        return self.tapped - self.matched

    @property
    def false(self) -> int:
        """Counts without anybody who came."""
        return self.counted - self.matched

    @property
    def hidden(self) -> Hidden | None:
        """How many of the matched ones were missed, and as many counts false; None where that cannot be told."""
        return hidden(self.missed, self.false, self.blur_s / self.seconds if self.seconds > 0 else 0.0)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.tapped + other.tapped,
            self.counted + other.counted,
            self.matched + other.matched,
            self.seconds + other.seconds,
            _blur_of(self, other),
        )


@dataclass(frozen=True, slots=True)
class MinuteTally:
    """The part of a tally that falls into one UTC minute."""

    minute: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one audit came to.

    `total` takes every direction together; `inward` and `outward` match a tap only with a count of the same direction.
    `genders` and `ages` count matched people by what was tapped, then by what the cameras judged ("unknown" among it).
    `watched_share` in [0, 1] is that of the camera which watched least. `missed` says by direction, "in" and "out", how
    many were counted in none; comparisons of an earlier version do not know.
    """

    total: Tally
    inward: Tally
    outward: Tally
    genders: Mapping[str, Mapping[str, int]]
    ages: Mapping[str, Mapping[str, int]]
    by_minute: tuple[MinuteTally, ...]
    watched_share: float
    missed: Mapping[str, int] = field(default_factory=dict)


def wilson(successes: float, trials: int) -> Rate:
    """Return a share with its 95 % interval; without trials nothing is known: 0 to 1.

    The score interval of E. B. Wilson, Probable inference, JASA 22, 1927, which holds for few trials, too.
    """
    if trials == 0:
        return Rate(float("nan"), 0.0, 1.0)
    share = successes / trials
    middle, half = _wilson(share, trials)
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    return Rate(share, low, 1.0 if successes == trials else min(1.0, middle + half))


def pooled(comparisons: Iterable[tuple[datetime, Comparison]]) -> Tally:
    """Return what several audits of the same cameras came to together, given with the moments of their beginnings.

    Where two people audited at the same time, each minute is taken from the audit that began first: the union of their
    windows, in which nobody is counted twice.
    """
    taken: dict[datetime, Tally] = {}
    for _, comparison in sorted(comparisons, key=lambda one: one[0]):
        own = {one.minute: one.tally for one in comparison.by_minute}
        taken = {**own, **taken}
    return sum(taken.values(), Tally(0, 0, 0))


def recall_of(tally: Tally) -> Rate | None:
    """Return which share of the people who came the cameras counted.

    None where nobody came, or so many at once that those who were missed cannot be told from false counts. Who is
    hidden among the matched ones is taken off, and widens the interval as its own deviation does.
    """
    among = tally.hidden
    if tally.tapped == 0 or among is None:
        return None
    rate = wilson(max(0.0, tally.matched - among.number), tally.tapped)
    reach = Z * among.deviation / tally.tapped
    return Rate(
        rate.estimate,
        max(0.0, rate.estimate - hypot(rate.estimate - rate.low, reach)),
        min(1.0, rate.estimate + hypot(rate.high - rate.estimate, reach)),
    )


def counted_per_person(tally: Tally) -> Rate | None:
    """Return how many the cameras count for each person who comes; None where too few were tapped to say.

    That is recall over precision, by which a count is divided to estimate who came. The interval combines those of
    both (R. G. Newcombe, MOVER-R confidence intervals for ratios and products of two independently estimated
    quantities, Statistical Methods in Medical Research 25, 2016): given the matched ones, the missed and the falsely
    counted do not depend on each other. An interval of the two totals alone would be many times wider, as it would
    not know that they are the same people; it is used where nobody can tell who is who.
    """
    if tally.tapped < FEWEST_TAPS or tally.counted == 0:
        return None
    among = tally.hidden
    if among is None:
        return _of_totals(tally)
    matched = max(0.0, tally.matched - among.number)
    recall, precision = wilson(matched, tally.tapped), wilson(matched, tally.counted)
    if precision.high >= 2 * precision.estimate or precision.low <= 0:
        return None
    product = recall.estimate * precision.estimate
    smallest = recall.low * (2 * recall.estimate - recall.low)
    largest = recall.high * (2 * recall.estimate - recall.high)
    wide = precision.high * (2 * precision.estimate - precision.high)
    narrow = precision.low * (2 * precision.estimate - precision.low)
    low = (product - sqrt(max(0.0, product**2 - smallest * wide))) / wide
    high = (product + sqrt(max(0.0, product**2 - largest * narrow))) / narrow
    return Rate(tally.counted / tally.tapped, low, high) if low > 0 else None


def _of_totals(tally: Tally) -> Rate:
    """Return the ratio of two totals that are counts of nothing in common, with its interval on the logarithm."""
    ratio = tally.counted / tally.tapped
    reach = exp(Z * sqrt(1 / tally.counted + 1 / tally.tapped))
    return Rate(ratio, ratio / reach, ratio * reach)


def came(counted: Sequence[tuple[int, Rate]]) -> Rate:
    """Return how many came, from counts at several places and how many are counted there for each person who comes.

    The places were audited independently, so that the distances to the limits add as squares do (MOVER for a sum).
    """
    parts = [(count / rate.estimate, count / rate.high, count / rate.low) for count, rate in counted]
    estimate = sum(part[0] for part in parts)
    below = sqrt(sum((part[0] - part[1]) ** 2 for part in parts))
    above = sqrt(sum((part[2] - part[0]) ** 2 for part in parts))
    return Rate(estimate, estimate - below, estimate + above)


def minutes_to_narrow(tally: Tally, points: float = USUAL_POINTS) -> int | None:
    """Return how many more minutes of counting narrow the interval of the recall to ± `points` per hundred.

    0 when it is as narrow already, None when nobody came, nobody can tell who was missed, or it would take more than a
    day. It plans with the middle of the interval in place of the share itself, so that a lucky beginning without a miss
    promises nothing.
    """
    among = tally.hidden
    if tally.tapped == 0 or tally.seconds <= 0 or among is None:
        return None
    share, now = _wilson(max(0.0, tally.matched - among.number) / tally.tapped, tally.tapped)
    reach = Z * among.deviation / tally.tapped

    def half(people: int) -> float:
        return hypot(_wilson(share, people)[1], reach * sqrt(tally.tapped / people))

    if hypot(now, reach) <= points / 100:
        return 0
    fewest, most = tally.tapped, 2 * tally.tapped
    while half(most) > points / 100:
        most *= 2
    while most - fewest > 1:
        between = (fewest + most) // 2
        fewest, most = (between, most) if half(between) > points / 100 else (fewest, between)
    minutes = ceil((most / tally.tapped - 1) * tally.seconds / 60)
    return minutes if minutes <= LONGEST_MINUTES else None


def judged_right(table: Mapping[str, Mapping[str, int]]) -> tuple[int, int, int]:
    """Return of a table of what was tapped and judged: how many were judged right, judged at all, and unknown."""
    right = sum(judged.get(tapped, 0) for tapped, judged in table.items())
    everybody = sum(sum(judged.values()) for judged in table.values())
    unknown = sum(judged.get(Gender.UNKNOWN.value, 0) for judged in table.values())
    return right, everybody - unknown, unknown


def _blur_of(one: Tally, other: Tally) -> float:
    """Return the mean of both, weighted by their seconds."""
    seconds = one.seconds + other.seconds
    if one.blur_s == other.blur_s or not seconds:
        return max(one.blur_s, other.blur_s)
    return (one.blur_s * one.seconds + other.blur_s * other.seconds) / seconds


def _wilson(share: float, trials: int) -> tuple[float, float]:
    """Return the middle and the half width of Wilson's interval."""
    scale = 1 + Z**2 / trials
    half = Z / scale * sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    return (share + Z**2 / (2 * trials)) / scale, half
