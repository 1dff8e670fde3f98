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


def age_group_mass(
    age_years: npt.NDArray[np.floating], probabilities: npt.NDArray[np.floating], starts: Sequence[int]
) -> npt.NDArray[np.float64]:
    """Return float64 (G,): how much of `probabilities` (A,) of ages `age_years` (A,) lies in each group of `starts`.

    Raises:
        ValueError: an age is below the first group.
    """
    if age_years.min() < starts[0]:
        raise ValueError(f"an age of {age_years.min()} years lies below the first age group, from {starts[0]}")
    mass = np.bincount(np.digitize(age_years, starts[1:]), weights=probabilities, minlength=len(starts))
    return np.asarray(mass, np.float64)


def likeliest_age_group(mass: npt.NDArray[np.floating], starts: Sequence[int]) -> str:
    """Return the group of `starts` that holds the most of `mass` (G,); of two that hold equally much, the younger."""
    return age_group_label(starts[int(mass.argmax())], starts)


def per_mille(mass: npt.NDArray[np.floating]) -> tuple[int, ...]:
    """Return `mass` (G,) in parts of 1,000, which they sum to: rounded down, the rest to the largest remainders."""
    exact = 1000.0 * mass / mass.sum()
    parts = np.floor(exact).astype(int)
    largest = np.argsort(parts - exact, kind="stable")[: 1000 - parts.sum()]
    parts[largest] += 1
    return tuple(parts.tolist())
