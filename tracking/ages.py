"""Names of age groups."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


def age_group_label(age_years: float, starts: Sequence[int]) -> str:
    """Return the group that `age_years` falls in, like "0-12" or "65+"; 12.9 years is still 12.

    `starts` are the first ages of the groups, ascending from 0. The expected age decides, not the most probable
    group: groups differ in width, so the most probable one favours wide groups, and a stored age can be put into
    other groups later with the same result.

    Raises:
        ValueError: the age is below the first group.
    """
    index = bisect_right(starts, age_years) - 1
    if index < 0:
        raise ValueError(f"an age of {age_years} years lies below the first age group, which starts at {starts[0]}")
    if index == len(starts) - 1:
        return f"{starts[index]}+"
    return f"{starts[index]}-{starts[index + 1] - 1}"
