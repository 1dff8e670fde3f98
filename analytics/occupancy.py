"""How many people are inside, from counted entries and exits that are not exact.

Counting errors add up over a day, so the running difference drifts. Nobody is inside when the day begins and when it
ends: what is left at its end is error. It is taken off along the day in proportion to the passages in the direction
that counted fewer, since cameras miss more people than they invent, and the more where some camera did not watch: the
mean of a walk whose steps have a common error and one of their own, given that it ends at zero (a Brownian bridge).
While the day goes on its drift is not known, and the balance of earlier days stands in for it.

The interval holds what the difference of the two directions tells of errors. People who are missed inwards and outwards
alike leave no difference, and are covered only as far as LEAST_SCALE goes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

NOISE = 1e-6
Z = 1.96
DOUBT_PER_PASSAGE = 0.15
"""Variance of the error of one counted passage: every tenth missed, and errors come in clusters."""
DOUBT_PER_UNSEEN = 0.25
"""The same of somebody who was seen and crossed no line: went in, went out, or neither."""
UNEVEN = 0.5
"""By how much the drift may be spread otherwise than assumed, as a share of it: cameras miss more in a crowd."""
USUAL_DRIFT = 0.1
"""By which share of a day's people the directions usually differ."""
LEAST_SCALE = 0.1
COMMON = 1.5
"""Where the directions differ by a factor, both may be off by half as much again."""
UNKNOWN_BALANCE = 0.1
BALANCED_DAYS = 3
WIDEST = 0.5


@dataclass(frozen=True, slots=True)
class Flow:
    """Who went in and out of a site in stretches of a day that follow one another; float64 (N,) each.

    `doubt` is the variance of entries less exits, in people squared; `guessed` how many of all passages nobody counted,
    as a share.
    """

    entries: Numbers
    exits: Numbers
    doubt: Numbers
    guessed: float = 0.0


@dataclass(frozen=True, slots=True)
class Balance:
    """Exits for one entry, as past days had them: the logarithm and its standard deviation from day to day."""

    log_ratio: float = 0.0
    spread: float = UNKNOWN_BALANCE
    days: int = 0


@dataclass(frozen=True, slots=True)
class Inside:
    """How many were inside at the end of each stretch, and the 95 % interval; float64 (N,) each, never negative."""

    estimate: Numbers
    low: Numbers
    high: Numbers

    def whole(self) -> tuple[Whole, Whole, Whole]:
        """Return estimate, low and high as whole people, int64 (N,) each, the same on every machine."""
        return (
            np.floor(self.estimate + 0.5 + NOISE).astype(np.int64),
            np.floor(self.low + NOISE).astype(np.int64),
            np.ceil(self.high - NOISE).astype(np.int64),
        )

    @property
    def is_sure(self) -> bool:
        """Whether the interval is narrow enough to be told, beside the most that were inside."""
        half = float((self.high - self.low).max(initial=0.0)) / 2
        return half <= max(10.0, WIDEST * float(self.estimate.max(initial=0.0)))


def flow_of(entries: Numbers, exits: Numbers, unseen: Numbers | None = None) -> Flow:
    """Return the flow of stretches that were wholly watched; `unseen` crossed no line; float64 (N,) each."""
    doubt = DOUBT_PER_PASSAGE * (entries + exits)
    return Flow(entries, exits, doubt if unseen is None else doubt + DOUBT_PER_UNSEEN * unseen)


def balance_of(days: Sequence[tuple[float, float]]) -> Balance:
    """Return the balance of past complete days, given as (entries, exits); days without either are left out."""
    ratios = np.array([math.log(out / came) for came, out in days if came > 0 and out > 0])
    if len(ratios) < BALANCED_DAYS:
        return Balance(days=len(ratios))
    middle = float(np.median(ratios))
    spread = 1.4826 * float(np.median(np.abs(ratios - middle)))
    # The least is what days of some hundred visitors differ by from chance alone.
    return Balance(middle, max(spread, 0.01) * math.sqrt(1 + math.pi / 2 / len(ratios)), len(ratios))


def inside_of_day(flow: Flow) -> Inside:
    """Return how many were inside on a day that is over: nobody at its end."""
    entries, exits = float(flow.entries.sum()), float(flow.exits.sum())
    drift = entries - exits
    fewer = np.cumsum(flow.exits if drift > 0 else flow.entries)
    doubt = np.cumsum(flow.doubt)
    if doubt.size == 0 or doubt[-1] <= 0:
        return _told(np.zeros_like(doubt), np.zeros_like(doubt), 0.0)
    # Covariance of the error until a moment with that of the day: a rate of its own each day, and chance.
    shared = USUAL_DRIFT**2 * fewer * fewer[-1] + doubt
    done = shared / shared[-1]
    estimate = np.cumsum(flow.entries - flow.exits) - drift * done
    variance = USUAL_DRIFT**2 * fewer**2 + doubt - shared * done + (UNEVEN * drift) ** 2 * done * (1 - done)
    log_ratio = math.log(exits / entries) if entries > 0 and exits > 0 else 0.0
    return _told(estimate, np.sqrt(variance.clip(min=0)), log_ratio)


def inside_so_far(flow: Flow, balance: Balance) -> Inside:
    """Return how many were inside on a day that goes on: its drift is taken to be that of past days."""
    came, went = np.cumsum(flow.entries), np.cumsum(flow.exits)
    more_in, more_out = max(1.0, math.exp(balance.log_ratio)), max(1.0, math.exp(-balance.log_ratio))
    missed = (more_in - 1) * came + (more_out - 1) * went
    unsure = balance.spread * (more_in * came if more_in > 1 else more_out * went)
    variance = np.cumsum(flow.doubt) + unsure**2 + (UNEVEN * missed / 2) ** 2
    return _told(more_in * came - more_out * went, np.sqrt(variance), balance.log_ratio)


def _told(estimate: Numbers, sd: Numbers, log_ratio: float) -> Inside:
    """Return an estimate with its interval: errors that spread along the day, and the scale that nothing fixes."""
    estimate = estimate.clip(min=0)
    scale = max(LEAST_SCALE, COMMON * abs(log_ratio))
    below = np.hypot(estimate * -math.expm1(-scale), Z * sd)
    above = np.hypot(estimate * math.expm1(scale), Z * sd)
    return Inside(estimate, (estimate - below).clip(min=0), estimate + above)
