"""Truth beside count: what the sample scene held, and what the program made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.demo.truth import SceneTruth
from footfall.types import UNKNOWN_AGE_GROUP, Direction, Gender, Visit
from tracking.ages import age_group_label


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One line: what was counted beside the truth."""

    name: str
    truth: int
    counted: int


def compare(
    scenes: Sequence[SceneTruth], visits: Sequence[Visit], age_group_starts: Sequence[int]
) -> list[ComparedRow]:
    """Return who came in, who went out, visits, genders and age groups; unknown is a group of its own."""
    people = [person for scene in scenes for person in scene.people]
    ways = {"came in": Direction.IN, "went out": Direction.OUT}
    rows = [
        ComparedRow(name, sum(p.direction is way for p in people), sum(v.direction is way for v in visits))
        for name, way in ways.items()
    ]
    rows.append(ComparedRow("visits", len(people), len(visits)))
    genders = (Gender.FEMALE, Gender.MALE, Gender.UNKNOWN)
    rows += _rows((p.gender for p in people), (v.gender for v in visits), genders)
    starts = tuple(age_group_starts)
    groups = [age_group_label(float(start), starts) for start in starts]
    true_groups = (age_group_label(person.age_years, starts) for person in people)
    rows += _rows(true_groups, (v.age_group for v in visits), [*groups, UNKNOWN_AGE_GROUP], prefix="age ")
    return rows


def _rows(truth: Iterable[str], counted: Iterable[str], names: Sequence[str], prefix: str = "") -> list[ComparedRow]:
    true_counts, counts = Counter(str(v) for v in truth), Counter(str(v) for v in counted)
    return [ComparedRow(f"{prefix}{name}", true_counts[str(name)], counts[str(name)]) for name in names]
