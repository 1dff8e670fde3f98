"""Minutes that the database adds up fall on the right side of opening times, whatever minute those begin at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from db.reading.observation import observation
from db.reading.selection import Selection
from db.session import reading
from db.store import Store
from footfall.config import Config
from tests.conftest import FakeClock
from tests.integration.conftest import minute

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("zone", "opening", "begins", "open_minutes"),
    [
        ("Europe/Berlin", "10:00-20:00", datetime(2026, 3, 2, 8, 30, tzinfo=UTC), 90),
        ("Europe/Berlin", "10:07-10:50", datetime(2026, 3, 2, 8, 30, tzinfo=UTC), 43),
        ("Australia/Adelaide", "10:00-10:30", datetime(2026, 3, 1, 22, 40, tzinfo=UTC), 30),  # UTC+10:30
        ("Asia/Kathmandu", "10:00-10:30", datetime(2026, 3, 2, 3, 0, tzinfo=UTC), 30),  # UTC+5:45
    ],
)
def test_minutes_count_as_open_when_they_begin_within_the_opening_hours(
    engine: Engine, clock: FakeClock, zone: str, opening: str, begins: datetime, open_minutes: int
) -> None:
    store = Store(engine, clock)
    store.sync(
        Config(
            sites={"mall": {"time_zone": zone, "opening_hours": opening}},
            cameras={"north": {"source": "0", "site": "mall"}},
        )
    )
    store.save_minutes([minute(begins + timedelta(minutes=number)) for number in range(120)])
    with reading(engine) as connection:
        seen = observation(connection, Selection(MONDAY, MONDAY), ())
    assert (seen["observed_s"].item(), seen["observed_open_s"].item()) == (7200.0, 60.0 * open_minutes)
    assert store.verify(MONDAY, MONDAY) == []
