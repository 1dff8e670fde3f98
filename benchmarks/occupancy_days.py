"""Simulated days whose truth is known: who is inside when, and what cameras that err count of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.occupancy import Numbers

OPENS_H, CLOSES_H = 9, 20
HOURS = 24
ENTRANCES = (0.45, 0.35, 0.2)
ARRIVALS = np.array([0] * 9 + [6, 9, 11, 12, 11, 10, 11, 12, 11, 7, 3] + [0] * 4, float)


@dataclass(frozen=True, slots=True)
class Errors:
    """What cameras miss and invent, as shares of people; `crowd` times as much of it in the busiest hour as on average;
    `wobble` is by how much a day's rates differ from these, `blind` the hours without sight of the largest entrance."""

    missed_in: float = 0.05
    missed_out: float = 0.1
    doubled: float = 0.0
    crowd: float = 1.0
    wobble: float = 0.15
    blind: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day by hour: people really inside at the end of each, float64 (24,); counted and watched, float64 (C, 24)."""

    truth: Numbers
    entries: Numbers
    exits: Numbers
    watched: Numbers


def draw_day(random: np.random.Generator, visitors: int, errors: Errors) -> Day:
    """Return a day on which about `visitors` come, all of whom leave by closing."""
    number = int(random.poisson(visitors))
    hours = random.choice(HOURS, number, p=ARRIVALS / ARRIVALS.sum())
    came = hours + random.random(number)
    latest = CLOSES_H + random.uniform(0, 0.4, number)
    went = np.minimum(came + random.gamma(1.8, 0.65, number) + 0.05, np.maximum(latest, came + 0.02))
    places = random.choice(len(ENTRANCES), (2, number), p=ENTRANCES)
    ends = np.arange(1, HOURS + 1)
    truth = np.array([(came < end).sum() - (went < end).sum() for end in ends], float)
    watched = np.ones((len(ENTRANCES), HOURS))
    if errors.blind is not None:
        watched[0, slice(*errors.blind)] = 0.0
    busy = ARRIVALS / ARRIVALS[ARRIVALS > 0].mean()
    missed = [_on_the_day(random, rate, errors.wobble) for rate in (errors.missed_in, errors.missed_out)]
    counted = [
        _counted(random, moments, place, np.clip(rate * (1 + (errors.crowd - 1) * (busy - 1)), 0, 0.9), errors.doubled)
        for moments, place, rate in zip((came, went), places, missed, strict=True)
    ]
    return Day(truth, counted[0] * watched, counted[1] * watched, watched)


def _on_the_day(random: np.random.Generator, rate: float, wobble: float) -> float:
    return float(rate * random.lognormal(0.0, wobble))


def _counted(
    random: np.random.Generator, moments: Numbers, places: npt.NDArray[np.int64], missed: Numbers, doubled: float
) -> Numbers:
    hours = moments.astype(np.int64).clip(max=HOURS - 1)
    times = (random.random(len(moments)) >= missed[hours]).astype(float) * (1 + (random.random(len(moments)) < doubled))
    counts = np.zeros((len(ENTRANCES), HOURS))
    np.add.at(counts, (places, hours), times)
    return counts
