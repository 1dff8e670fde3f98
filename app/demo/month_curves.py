"""The habits of simulated visitors: how many come when, how old they are, which way they go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

# Share of a day's visits in each clock hour, shaped like published counts of malls: a small peak at lunch, a large
# one after work, longer evenings at the end of the week. Hours outside the opening hours are cut later.
WEEKDAY_CURVE = np.array([0, 0, 0, 0, 0, 0, 0, 0, 2, 5, 7, 8, 10, 9, 8, 9, 11, 13, 11, 8, 5, 2, 0, 0], float)
SATURDAY_CURVE = np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 8, 11, 12, 13, 14, 14, 12, 10, 8, 6, 4, 1, 0, 0], float)
WEEKDAY_FACTORS = (0.86, 0.84, 0.9, 0.97, 1.18, 1.52, 0.6)

AGE_MEANS = {"morning": 52.0, "midday": 42.0, "afternoon": 35.0, "evening": 31.0}


@dataclass(frozen=True, slots=True)
class People:
    """Visitors of one camera in one hour; every array has one element a visitor.

    `second` in [0, 3600) of the hour, `stay_s`, `age_years`, `is_female`, `judged` (gender and age), `inward`
    and `crossed` (the counting line).
    """

    second: npt.NDArray[np.float64]
    stay_s: npt.NDArray[np.float64]
    age_years: npt.NDArray[np.float64]
    is_female: npt.NDArray[np.bool_]
    gender_judged: npt.NDArray[np.bool_]
    age_judged: npt.NDArray[np.bool_]
    inward: npt.NDArray[np.bool_]
    crossed: npt.NDArray[np.bool_]


def expected_visits(day: date, hour: int, per_day: float, day_factor: float) -> float:
    """Return how many visitors to expect in the clock hour `hour` of `day` at an entrance with `per_day` on average."""
    curve = SATURDAY_CURVE if day.weekday() >= 5 else WEEKDAY_CURVE
    return float(per_day * WEEKDAY_FACTORS[day.weekday()] * day_factor * curve[hour] / curve.sum())


def draw_people(rng: np.random.Generator, mean: float, hour: int, unknown_share: float) -> People:
    """Draw the visitors of one hour."""
    number = int(rng.poisson(mean))
    age_years = np.clip(rng.gamma(7.0, _mean_age(hour) / 7.0, number), 1, 92)
    child = rng.random(number) < (0.07 if 14 <= hour <= 18 else 0.04)
    age_years[child] = rng.uniform(2, 13, int(child.sum()))
    female_share = 0.58 if 10 <= hour < 16 else 0.5
    # Late in the day more people leave than come.
    inward_share = float(np.interp(hour, [8, 13, 17, 21], [0.86, 0.55, 0.44, 0.14]))
    age_judged = rng.random(number) >= unknown_share * 0.8
    return People(
        second=np.sort(rng.uniform(0, 3600, number)),
        stay_s=rng.gamma(3.0, 1.1, number) + 0.6,
        age_years=age_years,
        is_female=rng.random(number) < female_share,
        # A face that is good enough for an age is mostly good enough for a gender; small children get none.
        gender_judged=age_judged & (rng.random(number) >= unknown_share * 0.2) & (age_years >= 13),
        age_judged=age_judged,
        inward=rng.random(number) < inward_share,
        crossed=rng.random(number) >= 0.035,
    )


def _mean_age(hour: int) -> float:
    if hour < 11:
        return AGE_MEANS["morning"]
    if hour < 14:
        return AGE_MEANS["midday"]
    return AGE_MEANS["afternoon"] if hour < 18 else AGE_MEANS["evening"]
