"""Names of age groups, and which one a distribution over ages belongs to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def age_group_label(age_years: float, starts: Sequence[int]) -> str:
    """Return the group that `age_years` falls in, like "0-12" or "65+"; 12.9 years is still 12.

    `starts` are the first ages of the groups, ascending from 0.

    Raises:
        ValueError: the age is below the first group.
    """
    index = bisect_right(starts, age_years) - 1
    if index < 0:
        raise ValueError(f"an age of {age_years} years lies below the first age group, which starts at {starts[0]}")
    if index == len(starts) - 1:
        return f"{starts[index]}+"
    return f"{starts[index]}-{starts[index + 1] - 1}"


def likeliest_age_group(
    age_years: npt.NDArray[np.floating], probabilities: npt.NDArray[np.floating], starts: Sequence[int]
) -> str:
    """Return the group of `starts` that holds the most of `probabilities` (A,) of the ages `age_years` (A,).

    Of two that hold equally much, the younger one.

    Raises:
        ValueError: an age is below the first group.
    """
    if age_years.min() < starts[0]:
        raise ValueError(f"an age of {age_years.min()} years lies below the first age group, from {starts[0]}")
    of_year = np.digitize(age_years, starts[1:])
    mass = np.bincount(of_year, weights=probabilities, minlength=len(starts))
    return age_group_label(starts[int(mass.argmax())], starts)
