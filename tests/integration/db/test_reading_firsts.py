"""Unique visitors as they are read and audited."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from db.reading.firsts import firsts, parts, without_staff
from db.reading.selection import Selection
from db.session import reading, writing
from db.store import Store
from tests.integration.conftest import PART, first, part, visit

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # in Berlin
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
DAYS = Selection(MONDAY, TUESDAY)


@pytest.fixture
def judged(store: Store) -> None:
    """Three arrivals, one of them staff, and a fourth of which nothing was said yet."""
    store.save_visits([visit(n, NOON + timedelta(hours=n), ("north", "south")[n % 2]) for n in range(4)])
    store.save_firsts([first(0), first(1, 5_000, "south", compared=False), first(2, 300, staff=True)])
    store.save_parts([part(MONDAY, arrivals=3, unique=1.5)])


def test_sums_are_read_by_whatever_is_asked(judged: None, engine: Engine) -> None:
    with reading(engine) as connection:
        whole = firsts(connection, DAYS, ())
        entrances = firsts(connection, DAYS, ("entrance",))
        nothing = firsts(connection, Selection(TUESDAY, TUESDAY), ("day", "gender"))
    assert whole.values.tolist() == [[3, 2, 15_000, 1, 1]]
    assert entrances.values.tolist() == [["North", 2, 2, 10_000, 1, 1], ["South", 1, 0, 5_000, 0, 0]]
    assert nothing.empty and list(nothing.columns[:2]) == ["day", "gender"]


def test_parts_are_read_as_they_were_told(judged: None, store: Store, engine: Engine) -> None:
    other = part(TUESDAY, uid=UUID(int=9), stays=(0.5,) * 144, low=None, high=None, closed_at=None)
    store.save_parts([other])
    with reading(engine) as connection:
        assert parts(connection, DAYS) == [part(MONDAY, arrivals=3, unique=1.5), other]
        assert parts(connection, Selection(MONDAY, MONDAY, sites=("night",))) == []


def test_verify_finds_damaged_numbers_of_unique_visitors(judged: None, store: Store, engine: Engine) -> None:
    assert store.verify(MONDAY, TUESDAY) == []
    with writing(engine) as connection:
        connection.execute(text("UPDATE hourly_firsts SET first_sum = first_sum + 7 WHERE staff_arrivals = 1"))
        connection.execute(text("UPDATE hourly_firsts SET told = 2 WHERE compared = 0"))
        connection.execute(text('UPDATE register_parts SET "unique" = 1.6, arrivals = 4'))
    found = {(one.table_name, one.camera, one.cell, one.stored, one.derived) for one in store.verify(MONDAY, TUESDAY)}
    assert found == {
        ("hourly_firsts", "north", "14:00+0100 in female 25-34 first_sum", 7, 0),
        ("hourly_firsts", "south", "13:00+0100 in female 25-34 told", 2, 1),
        ("daily_firsts", "south", "in female 25-34 told", 1, 2),
        ("daily_firsts", "north", "in female 25-34 first_sum", 10_000, 10_007),
        ("register_parts", "mall", f"part {PART} arrivals", 4, 3),
        ("register_parts", "mall", f"part {PART} unique", 1.6, 1.5),
    }


def test_verify_finds_a_judgement_that_somebody_changed(judged: None, store: Store, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE visit_firsts SET first = 2000 WHERE first = 5000"))
    found = {(one.table_name, one.cell.split()[-1], one.derived) for one in store.verify(MONDAY, MONDAY)}
    assert found == {("hourly_firsts", "first_sum", 2_000), ("register_parts", "unique", 1.2)}


def test_a_part_whose_visits_another_one_judged_is_no_fault(judged: None, store: Store) -> None:
    store.save_firsts([first(0, 4_000, part=UUID(int=9))])
    assert store.verify(MONDAY, MONDAY) == []


def test_staff_that_are_known_from_a_later_look_leave_no_negative_counts() -> None:
    visits = pd.DataFrame({"day": [date(2026, 3, 2)] * 2, "gender": ["female", "male"], "visits": [1, 5]})
    judged = pd.DataFrame({"day": [date(2026, 3, 2)] * 2, "gender": ["female", "male"], "staff_visits": [2, 2]})
    assert without_staff(visits, judged)["visits"].tolist() == [0, 3]
    assert without_staff(visits[["visits"]].head(1), judged)["visits"].tolist() == [0]
