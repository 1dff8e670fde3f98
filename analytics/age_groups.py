"""Age groups as labels: their order, and neighbours as one."""

from __future__ import annotations

from collections.abc import Sequence

from footfall.types import UNKNOWN_AGE_GROUP
from tracking.ages import age_group_label

NO_END = 1000


def age_group_labels(starts: Sequence[int]) -> tuple[str, ...]:
    """Return the labels of the groups that begin at `starts`, youngest first, then "unknown"."""
    return (*(age_group_label(start, starts) for start in starts), UNKNOWN_AGE_GROUP)


def age_group_order(label: str) -> tuple[int, int]:
    """Return a sort key of a label: by first age, then last age, "unknown" last."""
    return (NO_END, NO_END) if label == UNKNOWN_AGE_GROUP else _bounds(label)


def age_group_start(label: str) -> int:
    """Return the first age of a group that is not "unknown"."""
    return _bounds(label)[0]


def age_span(labels: Sequence[str]) -> str:
    """Return neighbouring age groups as one, like "18-34" of "18-24" and "25-34"."""
    first, last = labels[0].split("-")[0].rstrip("+"), labels[-1]
    return f"{first}+" if last.endswith("+") else f"{first}-{last.split('-')[1]}"


def _bounds(label: str) -> tuple[int, int]:
    if label.endswith("+"):
        return int(label[:-1]), NO_END
    first, last = label.split("-")
    return int(first), int(last)
