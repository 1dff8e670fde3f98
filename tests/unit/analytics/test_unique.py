"""Parts of a day that were not compared with each other make one estimate, and one that admits it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.unique import UniqueEstimate, combined, stays
from reid.types import STAY_BUCKETS, RegisterPart, ReidMode

MORNING, NOON = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)


def part(
    arrivals: int,
    unique: float,
    half: float | None = 10.0,
    returns_per_pair: float = 0.0,
    staff: int = 0,
    not_shared: int | None = None,
    origin: str = "box",
) -> RegisterPart:
    return RegisterPart(
        uuid4(),
        "mall",
        date(2026, 3, 2),
        origin,
        ReidMode.FACES,
        MORNING,
        NOON,
        arrivals,
        arrivals,
        staff,
        unique,
        None if half is None else unique - half,
        None if half is None else unique + half,
        returns_per_pair,
        (0.0,) * STAY_BUCKETS,
        0,
        arrivals,
        NOON,
        "1",
        not_shared,
    )


def test_one_part_says_what_it_says() -> None:
    told = combined([part(200, 150.0)])
    assert (told.arrivals, told.unique, told.low, told.high, told.parts) == (200, 150.0, 140.0, 160.0, 1)
    assert told.told


def of_two_boxes(east: int | None, west: int | None) -> UniqueEstimate:
    """Return the estimate of 200 arrivals in the east and 100 in the west, of which so many were not shared."""
    return combined([part(200, 150.0, not_shared=east, origin="east"), part(100, 40.0, 4.0, not_shared=west)])


def test_parts_that_share_add_up_and_so_do_their_intervals() -> None:
    told = of_two_boxes(0, 0)
    assert (told.unique, told.low, told.high, told.not_shared) == (190.0, 176.0, 204.0, 0)
    assert of_two_boxes(None, None).unique < 185.0


def test_what_boxes_did_not_share_is_estimated_as_that_of_parts_alone() -> None:
    shared, partly, apart = of_two_boxes(0, 0), of_two_boxes(50, 20), of_two_boxes(200, 100)
    for cut_off in (apart, of_two_boxes(0, 100), of_two_boxes(None, 0)):
        assert cut_off.unique == pytest.approx(of_two_boxes(None, None).unique)
    assert apart.unique < partly.unique < shared.unique
    assert (partly.not_shared, apart.not_shared) == (70, 300)
    assert partly.low is not None and shared.low is not None and partly.low < shared.low
    assert partly.high == shared.high


def test_a_box_that_crashed_early_does_not_make_the_others_look_apart() -> None:
    early = part(3, 3.0, 0.0, not_shared=3)
    rest = [part(200, 150.0, not_shared=0, origin="east"), part(97, 37.0, 4.0, not_shared=0)]
    assert combined([early, *rest]).unique == pytest.approx(190.0, abs=3.0)


def test_a_day_without_a_register_is_not_told() -> None:
    told = combined([])
    assert (told.arrivals, told.unique, told.told) == (0, 0.0, False)


def test_returns_across_a_crash_are_estimated_and_widen_the_interval() -> None:
    halves = [part(100, 90.0, 5.0) for _ in range(2)]
    told = combined(halves)
    assert told.unique == pytest.approx(900 * 200 / (900 + 200))  # as many people as make 90 of 100 visits
    assert told.low is not None and told.high is not None
    assert told.low < told.unique - (180 - told.unique)
    assert told.high > 180


def test_where_nobody_returned_within_the_parts_nobody_does_across() -> None:
    assert combined([part(100, 100.0), part(80, 80.0)]).unique == 180.0


def test_a_part_that_cannot_be_told_makes_the_day_untold() -> None:
    told = combined([part(100, 90.0), part(100, 90.0, None)])
    assert told.unique < 180.0
    assert (told.low, told.high, told.told) == (None, None, False)


def test_an_interval_that_is_too_wide_is_not_told() -> None:
    assert not combined([part(100, 90.0, 40.0)]).told
    assert combined([part(100, 90.0, 40.0)], max_interval_share=0.5).told


def test_an_empty_part_changes_nothing() -> None:
    assert combined([part(100, 90.0), part(0, 0.0, None)]).told


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0.01, 1.0), st.floats(0.0, 0.0001)), min_size=1, max_size=5))
def test_there_are_never_fewer_than_in_the_largest_part_nor_more_than_in_all(
    parts: list[tuple[int, float, float]],
) -> None:
    made = [part(arrivals, arrivals * share, 0.0, per_pair) for arrivals, share, per_pair in parts]
    told = combined(made, max_interval_share=10.0)
    largest, total = max(one.unique for one in made), sum(one.unique for one in made)
    assert largest - 1e-6 <= told.unique <= total + 1e-6
    assert told.low is not None and told.high is not None
    assert told.low - 1e-6 <= told.unique <= told.high + 1e-6


def test_a_median_rests_on_thirty_stays() -> None:
    few = [0.0] * STAY_BUCKETS
    few[9] = 29.0
    assert stays([few]).median_minutes is None
    enough = stays([few, few])
    assert enough.number == 58.0
    assert enough.median_minutes == pytest.approx(47.5)
