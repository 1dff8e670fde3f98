"""What may be said of a day: numbers that add up, an interval only for what it was told of, and else a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.unique_days import NotTold, rounded, rounded_to_total, unique_day
from reid.types import STAY_BUCKETS, RegisterPart, ReidMode

NINE = datetime(2026, 3, 2, 8, tzinfo=UTC)
PART = RegisterPart(
    uid=UUID(int=1),
    site="main",
    day=date(2026, 3, 2),
    origin="box",
    mode=ReidMode.CLOTHES,
    began_at=NINE,
    seen_until=NINE,
    arrivals=100,
    compared=90,
    staff=4,
    unique=80.0,
    low=75.5,
    high=84.2,
    returns_per_pair=0.002,
    stays=(0.0,) * STAY_BUCKETS,
    held=0,
    deleted=100,
    closed_at=NINE,
    model_version="test",
)
SUMS = {"told": 100, "compared": 90, "first_sum": 800_000, "staff_arrivals": 4}
WIDEST = 0.25


def test_a_day_is_told_with_its_interval() -> None:
    day = unique_day([PART], SUMS, 103, WIDEST)
    assert (day.unique, day.low, day.high, day.returns) == (80, 75, 88, 16)
    assert (day.arrivals, day.told, day.staff, day.changed, day.not_told) == (103, 100, 4, False, None)


def test_sums_that_changed_since_have_no_interval() -> None:
    day = unique_day([PART], SUMS | {"told": 90, "first_sum": 720_000}, 90, WIDEST)
    assert (day.unique, day.low, day.high, day.changed) == (72, None, None, True)


def test_sums_outside_the_interval_have_none() -> None:
    day = unique_day([PART], SUMS | {"first_sum": 600_000}, 100, WIDEST)
    assert (day.unique, day.low, day.changed) == (60, None, True)


@pytest.mark.parametrize(
    ("parts", "sums", "reason"),
    [
        ([], SUMS | {"told": 0, "first_sum": 0}, NotTold.NOT_COMPARED),
        ([PART], SUMS | {"told": 0, "first_sum": 0}, NotTold.NOBODY),
        ([replace(PART, low=None, high=None)], SUMS, NotTold.TOO_UNSURE),
        ([replace(PART, low=20.0, high=140.0)], SUMS, NotTold.TOO_UNSURE),
    ],
)
def test_what_cannot_be_told_says_why_and_is_never_zero(
    parts: list[RegisterPart], sums: dict[str, int], reason: NotTold
) -> None:
    day = unique_day(parts, sums, 100, WIDEST)
    assert (day.unique, day.returns, day.low, day.not_told) == (None, None, None, reason)


def test_who_is_in_two_parts_is_counted_once() -> None:
    afternoon = replace(PART, uid=UUID(int=2), began_at=NINE.replace(hour=12))
    sums = {name: 2 * number for name, number in SUMS.items()}
    day = unique_day([PART, afternoon], sums, 200, WIDEST)
    assert day.unique is not None and day.low is not None and day.high is not None
    assert 80 <= day.low < day.unique < 160 <= day.high
    assert rounded(day.people_per_sum * 1_600_000) == day.unique
    assert [part.began_at.hour for part in day.parts] == [8, 12]


@given(st.lists(st.integers(0, 2_000_000), min_size=1, max_size=40), st.booleans())
def test_rounded_parts_add_up_and_are_at_most_one_off(sums: list[int], up: bool) -> None:
    people = np.array(sums) / 10_000
    total = int(np.ceil(sum(sums) / 10_000)) if up else sum(sums) // 10_000
    whole = rounded_to_total(people, total)
    assert whole.sum() == total
    assert (np.abs(whole - people) < 1).all()


def test_arrivals_that_nobody_judged_widen_the_interval_by_as_many() -> None:
    day = unique_day([PART], SUMS, 110, WIDEST)
    assert (day.unique, day.low, day.high) == (80, 75, 95)


def test_a_day_of_which_half_was_judged_tells_no_number() -> None:
    day = unique_day([PART], SUMS, 200, WIDEST)
    assert (day.unique, day.low, day.high, day.not_told) == (None, None, None, NotTold.TOO_UNSURE)
