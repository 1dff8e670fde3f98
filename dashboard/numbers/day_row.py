"""The numbers that stand on top of a day, each with its change: the same on the page, on paper and in a mail."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analytics.unique_days import NotTold
from dashboard.numbers.basis import TOO_LITTLE
from dashboard.numbers.comparison import Comparison
from dashboard.wording import NOT_SHOWN, change, count, percent, points

CAME_IN_NAME, UNIQUE_NAME, UNKNOWN_NAME, OBSERVED_NAME = "Came in", "Unique visitors", "Unknown", "Observed"


@dataclass(frozen=True, slots=True)
class DayNumber:
    """A number as text and its change since the week before; None where there is nothing to compare with."""

    name: str
    value: str
    change: str | None


def day_row(compared: Comparison) -> list[DayNumber]:
    """Return who came in, unique visitors where visits were compared, how many are unknown, how much was observed."""
    now, pair = compared.totals, compared.pair
    # Nobody counted while nobody watched is no count of nobody.
    came = count(now.came_in) if now.visits or now.observed_share else NOT_SHOWN
    comes = unknown = observed = None
    if pair is not None:
        basis, before = pair
        comes = change(basis.came_in, before.came_in) if compared.enough else TOO_LITTLE
        unknown = points(basis.unknown_share, before.unknown_share) if compared.enough else None
        observed = points(basis.observed_share, before.observed_share)
    return [
        DayNumber(CAME_IN_NAME, came, comes),
        *_unique(compared),
        DayNumber(UNKNOWN_NAME, percent(now.unknown_share), unknown),
        DayNumber(OBSERVED_NAME, percent(now.observed_share), observed),
    ]


def _unique(compared: Comparison) -> list[DayNumber]:
    day = compared.people.day
    if day.not_told is NotTold.NOT_COMPARED:
        return []
    relative = change(compared.unique_basis, compared.unique_before)
    return [DayNumber(UNIQUE_NAME, count(day.unique), TOO_LITTLE if relative and not compared.enough else relative)]


def by_entrance(compared: Comparison) -> pd.DataFrame:
    """Return `entrance`, `way` ("came_in", "unique") and `number`, one row an entrance and way."""
    came = compared.visits.groupby("entrance")["came_in"].sum()
    shown = came.reset_index(name="number").assign(way="came_in")
    people = compared.people.by("entrance", list(came.index))
    if people is None:
        return shown
    unique = people.dropna().rename_axis("entrance").reset_index(name="number").assign(way="unique")
    return pd.concat([shown, unique], ignore_index=True)
