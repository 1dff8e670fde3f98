"""Who came, at one glance: women and men, and four ages, as far as each can be told; pure functions on shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from analytics.age_groups import age_group_start
from analytics.shares import Shares
from dashboard.numbers.shares import RangeShares, ToldShares
from dashboard.numbers.told_rows import GENDER_WORDS
from reports.estimating import told
from reports.hour_sums import in_runs

AGES_FROM = (18, 35, 55)
"""Where the second to fourth of the four ages should begin."""
MOST_AGES = len(AGES_FROM) + 1


@dataclass(frozen=True, slots=True)
class Part:
    """One group and its share of those judged, in [0, 1], with its 95 % interval; None where too few to say."""

    group: str
    name: str
    about: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Who:
    """Women and men, and the ages from young to old; empty where nobody was judged by a network with a table."""

    genders: tuple[Part, ...]
    ages: tuple[Part, ...]

    @property
    def is_told(self) -> bool:
        """Whether at least one number may be shown."""
        return any(part.about is not None for part in (*self.genders, *self.ages))


def who_came(shares: RangeShares) -> Who:
    """Return corrected shares of women, men and four ages."""
    genders = () if shares.gender is None else _parts(shares.gender.fine, GENDER_WORDS)
    return Who(genders, () if shares.age is None else _parts(in_four(shares.age), {}))


def in_four(age: ToldShares) -> Shares:
    """Return neighbouring age groups put together to four, or to fewer where four cannot be told.

    Of all ways to do so that can be told, the one whose edges lie nearest to AGES_FROM; where there is none, the
    nearest of all, of which some are too few to say.
    """
    groups = age.fine.groups
    most = min(MOST_AGES, len(groups))
    for ages in range(most, 1, -1):
        for edges in _by_nearness(groups, ages):
            joined = _joined(age, edges)
            if joined.told.all():
                return joined
    return _joined(age, _by_nearness(groups, most)[0])


def _by_nearness(groups: Sequence[str], ages: int) -> list[tuple[int, ...]]:
    """Return all ways to cut the groups into so many ages, as places of the first group of each, nearest first."""
    starts = [age_group_start(group) for group in groups]

    def off(edges: tuple[int, ...]) -> int:
        return min(
            sum(abs(starts[edge] - age) for edge, age in zip(edges, wanted, strict=True))
            for wanted in combinations(AGES_FROM, len(edges))
        )

    inner = sorted(combinations(range(1, len(groups)), ages - 1), key=off)
    return [(0, *edges) for edges in inner]


def _joined(age: ToldShares, edges: Sequence[int]) -> Shares:
    runs = [range(first, last) for first, last in pairwise((*edges, len(age.fine.groups)))]
    return told(in_runs(age.fine, runs), age.left_out)


def _parts(shares: Shares, names: dict[str, str]) -> tuple[Part, ...]:
    found = []
    for place, group in enumerate(shares.groups):
        numbers = (float(values[place]) for values in (shares.estimate, shares.low, shares.high))
        known = tuple(numbers) if shares.told[place] else (None, None, None)
        found.append(Part(group, names.get(group, group.replace("-", "–")), *known))
    return tuple(found)
