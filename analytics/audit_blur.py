"""How often a missed person and a false count within seconds of each other are taken for one person, and how many were.

Where many come at once, pairing hides mistakes: whoever was missed is paired with a count of nobody near by, or with
the next one's count along a chain, and both seem right. How much that blurs is measured on the audit itself: some
visits that have a tap are taken away, so that their people are missed for sure, and as many false counts are put in.
The share of those that find somebody missed says within how many seconds the two cannot be told apart: `blur_s`.

If each false count that comes in turn takes one of the u people who are still missed with the chance 1 - exp(-a u), of
m missed and f false ones u and v = u + f - m remain with exp(a u) = 1 + (exp(a m) - 1) exp(-a f), the same from either
side. Solved for the e = m - u = f - v that are hidden, that is
exp(-a e) = 1 - (exp(a u) - 1) (exp(a v) - 1); nothing can be said where the right side is not above 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, log, log1p, sqrt

import numpy as np

from analytics.audit_pairs import ByCamera, ByHand, paired
from footfall.local_time import Interval

TAKEN_AWAY = 0.05  # of the visits with a tap, each time
FEWEST_TAKEN = 3
MOST_TIMES, TIMES_PEOPLE = 10, 3000  # how often; less often for a long audit, which has more to take away
NEAR_S = 60.0  # false counts come when people come: within a minute of visits
FEWEST_PAIRS = 10  # with fewer, nothing is crowded
CERTAIN, MOST_EXPONENT = 0.99, 50.0
ALL = ""
DIRECTIONS = (ALL, "in", "out")
_Trial = tuple[ByCamera, dict[str, int], dict[str, int]]
CANNOT_TELL = 0.9
"""Of the product in the formula: beyond, the number that is hidden hangs on a single count."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many missed people, and as many false counts, pairing hides, with the standard deviation of that number."""

    number: float
    deviation: float


def hidden(missed: int, false: int, per_pair: float) -> Hidden | None:
    """Return how many are hidden when so many were seen to be missed and false; None where that cannot be told.

    `per_pair` is the chance that a missed person and a false count anywhere in the audit are taken for one: `blur_s`
    over the audit's seconds.
    """
    number = _hidden(missed, false, per_pair)
    one_more = _hidden(missed + 1, false + 1, per_pair)
    above = _hidden(missed + 2, false + 1, per_pair), _hidden(missed + 1, false + 2, per_pair)
    if number is None or one_more is None or above[0] is None or above[1] is None:
        return None
    # By one more of each, since no false count at all, by chance, does not make it certain that none is hidden.
    steepness = above[0] + above[1] - 2 * one_more
    most = max(missed, false) + 1 + one_more
    return Hidden(number, (1 + steepness) * sqrt(one_more * (1 - one_more / most)))


def _hidden(missed: float, false: float, per_pair: float) -> float | None:
    if per_pair <= 0:
        return 0.0
    product = expm1(min(per_pair * missed, MOST_EXPONENT)) * expm1(min(per_pair * false, MOST_EXPONENT))
    return -log1p(-product) / per_pair if product < CANNOT_TELL else None


def blurs_of(hand: ByHand, camera: ByCamera, windows: Sequence[Interval]) -> dict[str, float]:
    """Return `blur_s` of an audit in all, "", and for "in" and "out", where only equal directions count as a pair.

    The same audit gives the same numbers; 0 where too few were paired to be crowded.
    """
    found = paired(hand, camera)
    known = np.flatnonzero(found >= 0)
    if len(known) < FEWEST_PAIRS:
        return dict.fromkeys(DIRECTIONS, 0.0)
    number = max(FEWEST_TAKEN, round(TAKEN_AWAY * len(known)))
    random = np.random.default_rng(0)
    trials = []
    for _ in range(int(np.clip(TIMES_PEOPLE // len(hand), 2, MOST_TIMES))):
        away = found[random.choice(known, number, replace=False)]
        left = camera.select(np.delete(np.arange(len(camera)), away))
        false = _false_counts(camera, number, windows, random)
        trials.append((false, _paired_by_direction(hand, left), _paired_by_direction(hand, left + false)))
    seconds = sum((window.end - window.start).total_seconds() for window in windows)
    return {name: seconds * _per_pair(hand, trials, name) for name in DIRECTIONS}


def _false_counts(camera: ByCamera, number: int, windows: Sequence[Interval], random: np.random.Generator) -> ByCamera:
    """Return false counts that last as long as visits and come when they do, within the windows."""
    false = camera.select(random.integers(0, len(camera), number))
    later = random.uniform(-NEAR_S, NEAR_S, number)
    middle = (false.entered + false.left) / 2 + later
    inside = np.zeros(number, np.bool_)
    for window in windows:
        inside |= (middle >= window.start.timestamp()) & (middle < window.end.timestamp())
    return false.moved(np.where(inside, later, -later))


def _paired_by_direction(hand: ByHand, camera: ByCamera) -> dict[str, int]:
    """Return how many taps have a visit, in all and with one of the same direction."""
    found = paired(hand, camera)
    kinds, directions = hand.kinds[found >= 0], camera.directions[found[found >= 0]]
    same = {name: int(((kinds == name) & (directions == name)).sum()) for name in DIRECTIONS[1:]}
    return {ALL: len(kinds)} | same


def _per_pair(hand: ByHand, trials: Sequence[_Trial], name: str) -> float:
    """Return the chance that one missed person and one false count are paired."""
    people = len(hand) if name == ALL else int((hand.kinds == name).sum())
    put_in = sum(len(false) if name == ALL else int((false.directions == name).sum()) for false, _, _ in trials)
    taken = sum(after[name] - before[name] for _, before, after in trials)
    missed = np.mean([people - (before[name] + after[name]) / 2 for _, before, after in trials])
    if put_in == 0 or taken <= 0 or missed <= 0:
        return 0.0
    return float(-log(1 - min(taken / put_in, CERTAIN)) / missed)
