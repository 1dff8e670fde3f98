"""Age groups as labels: their order, and the same numbers in coarser groups."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from footfall.errors import ConfigError
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


def relabel(visits: pd.DataFrame, starts: Sequence[int]) -> pd.DataFrame:
    """Return `visits` (columns age_group and visits, others kept) summed in the groups that begin at `starts`.

    Raises:
        ConfigError: a stored group reaches over the edge of a new one, so that its visits cannot be divided.
    """
    names = {label: _label_of(label, starts) for label in visits["age_group"].unique()}
    moved = visits.assign(age_group=visits["age_group"].map(names))
    keys = [name for name in moved.columns if name != "visits"]
    return moved.groupby(keys, sort=True)["visits"].sum().reset_index()


def _label_of(label: str, starts: Sequence[int]) -> str:
    if label == UNKNOWN_AGE_GROUP:
        return label
    first, last = _bounds(label)
    new = age_group_label(first, starts)
    if last > _bounds(new)[1]:
        raise ConfigError(
            f"visits were counted in the age group {label}, which does not fit into {new}; "
            "choose age_group_starts that are also starts of the old groups"
        )
    return new


def _bounds(label: str) -> tuple[int, int]:
    if label.endswith("+"):
        return int(label[:-1]), NO_END
    first, last = label.split("-")
    return int(first), int(last)
