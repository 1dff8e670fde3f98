"""A day of visitors whose mix is known, judged by a network with a table of what it takes for what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
from sqlalchemy import Engine

from analytics.confusion import ConfusionTable
from db.session import transact
from db.writing.estimates import note_calibration
from footfall.types import Gender, Visit
from tests.integration.conftest import visit

NETWORK = "net-1"
MONDAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten in Berlin, the mall opens
STARTS = (0, 13, 18, 25, 35, 45, 55, 65)
WOMEN_AS_MEN = 0.05  # of the probability


def confusion() -> ConfusionTable:
    """Return a table of eight age groups: four fifths of the probability are right, the rest lies on the neighbours."""
    ages = 400 * (0.8 * np.eye(8) + 0.1 * np.eye(8, k=1) + 0.1 * np.eye(8, k=-1))
    ages[0, 0] = ages[7, 7] = 360
    right, wrong = 400 * (1 - WOMEN_AS_MEN), 400 * WOMEN_AS_MEN
    return ConfusionTable(STARTS, (0,), ages[None], np.array([[[right, wrong], [wrong, right]]]))


def know_network(engine: Engine) -> None:
    """Let the database know the network's table."""
    transact(engine, note_calibration, NETWORK, confusion().to_json(), NINE)


def visitors(count: int = 1000, begin: datetime = NINE, first: int = 0) -> list[Visit]:
    """Return people by two doors, of whom one of five is unknown and one of ten looks 65+, the others 25-34.

    59 of 100 look like women: 60 women of whom 95 % look so, and 40 men of whom 5 % do.
    """
    found = []
    for n in range(first, first + count):
        woman, old = n // 5 % 100 < 59, n // 5 % 10 == 9
        changes: dict[str, object] = {
            "p_female": 1 - WOMEN_AS_MEN if woman else WOMEN_AS_MEN,
            "gender": Gender.FEMALE if woman else Gender.MALE,
            "age_group": "65+" if old else "25-34",
            "age_shares": (0, 0, 0, 0, 0, 0, 100, 900) if old else (0, 0, 100, 800, 100, 0, 0, 0),
        }
        if n % 5 == 4:
            changes = {"p_female": None, "gender": Gender.UNKNOWN, "age_group": "unknown", "age_shares": None}
        at = begin + timedelta(seconds=30 * (n - first))
        found.append(visit(n, at, ("north", "south")[n // 125 % 2], model_version=f"finder-1+{NETWORK}", **changes))
    return found
