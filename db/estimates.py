"""A day's corrected shares as they are stored: plain numbers, so that the database needs no estimator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

WHOLE_SITE = ""
GENDER, AGE = "gender", "age"


@dataclass(frozen=True, slots=True)
class StoredEstimate:
    """Corrected shares of a site's day: of the whole site (`entrance` "") or one entrance, by `dimension`.

    Of the `visits` that may be looked at (`left_out` more belong to cells that `small_cell` hides) `judged` were judged
    by a network with a table of confusions. `shares` and `basis` are what reports.estimates makes of them. `version`
    is that of the day alone; `made_of` changes with anything that the estimate rests on. `hours` are sums by hour,
    from which the shares of hours, of any days together, are estimated (reports.hour_sums).
    """

    day: date
    entrance: str
    dimension: str
    version: int
    small_cell: int
    made_of: str
    judged: int
    visits: int
    left_out: int
    shares: dict[str, Any]
    basis: dict[str, Any]
    hours: dict[str, Any] = field(default_factory=dict)
