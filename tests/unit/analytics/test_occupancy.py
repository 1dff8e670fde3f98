"""How many are inside: known at once on paper, and on simulated days whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.occupancy import Balance, Inside, balance_of, flow_of, inside_of_day, inside_so_far
from analytics.occupancy_gaps import MOST_GUESSED, flow_with_gaps
from benchmarks.occupancy_days import CLOSES_H, OPENS_H, Day, Errors, draw_day

OPEN = slice(OPENS_H, CLOSES_H - 1)
DAYS = 30
MISSING = Errors(missed_in=0.05, missed_out=0.1)


def numbers(*values: float) -> np.ndarray:
    return np.array(values, float)


def days(errors: Errors, visitors: int = 3000) -> list[Day]:
    random = np.random.default_rng(7)
    return [draw_day(random, visitors, errors) for _ in range(DAYS)]


def over(day: Day) -> Inside:
    return inside_of_day(flow_with_gaps(day.entries, day.exits, np.zeros_like(day.entries), day.watched))


def held(day: Day, told: Inside) -> float:
    return float(((told.low <= day.truth) & (day.truth <= told.high))[OPEN].mean())


def error(day: Day, told: np.ndarray) -> float:
    return float(np.abs(told - day.truth)[OPEN].mean() / day.truth.max())


def width(told: Inside) -> float:
    return float((told.high - told.low)[OPEN].mean())


def test_what_is_left_at_the_end_is_taken_off_where_people_went_the_way_that_counted_fewer() -> None:
    told = inside_of_day(flow_of(numbers(100, 40, 0), numbers(0, 40, 60)))
    # 140 came in and 100 were seen leaving: every exit stands for 1.4, and a little is chance.
    assert told.estimate == pytest.approx([100, 84, 0], abs=5)
    assert told.estimate[-1] == told.low[-1] == told.high[-1] == 0
    assert inside_of_day(flow_of(numbers(50, 10), numbers(20, 40))).estimate.tolist() == [30, 0]


def test_nobody_and_one_way_alone_give_no_nonsense() -> None:
    empty = inside_of_day(flow_of(numbers(0, 0), numbers(0, 0)))
    assert empty.estimate.tolist() == empty.high.tolist() == [0, 0]
    only_out = inside_of_day(flow_of(numbers(0, 0), numbers(5, 5)))
    assert only_out.estimate.tolist() == [0, 0]
    assert len(inside_of_day(flow_of(numbers(), numbers())).estimate) == 0


@pytest.mark.parametrize(
    ("errors", "visitors"),
    [(MISSING, 3000), (MISSING, 300), (replace(MISSING, crowd=2.0), 3000), (Errors(0.02, 0.02, doubled=0.03), 3000)],
)
def test_the_correction_is_closer_than_the_running_difference_and_its_interval_holds(
    errors: Errors, visitors: int
) -> None:
    found = days(errors, visitors)
    corrected = np.mean([error(day, over(day).estimate) for day in found])
    plain = np.mean([error(day, np.cumsum((day.entries - day.exits).sum(axis=0))) for day in found])
    assert corrected < 0.75 * plain
    assert np.mean([held(day, over(day)) for day in found]) >= 0.95


def test_while_the_day_goes_on_the_balance_of_past_days_corrects_it() -> None:
    past, now = days(MISSING)[:10], days(MISSING)[10:]
    balance = balance_of([(float(day.entries.sum()), float(day.exits.sum())) for day in past])
    assert balance.log_ratio == pytest.approx(np.log(0.9 / 0.95), abs=0.03)
    flows = [flow_of(day.entries.sum(axis=0), day.exits.sum(axis=0)) for day in now]
    told = [inside_so_far(flow, balance) for flow in flows]
    assert np.mean([held(day, one) for day, one in zip(now, told, strict=True)]) >= 0.9
    unknown = [inside_so_far(flow, balance_of([])) for flow in flows]
    assert np.mean([error(day, one.estimate) for day, one in zip(now, told, strict=True)]) < 0.75 * np.mean(
        [error(day, one.estimate) for day, one in zip(now, unknown, strict=True)]
    )
    assert all(width(one) < width(other) for one, other in zip(told, unknown, strict=True))


def test_days_too_few_for_a_median_say_that_nothing_is_known() -> None:
    assert balance_of([(100, 50), (0, 7), (100, 50)]) == Balance(days=2)


@pytest.mark.parametrize("blind", [(12, 14), (9, 12)])
def test_a_gap_is_filled_from_the_other_cameras_and_widens_the_interval(blind: tuple[int, int]) -> None:
    watched, gaps = days(MISSING), days(replace(MISSING, blind=blind))
    assert np.mean([held(day, over(day)) for day in gaps]) >= 0.95
    assert np.mean([width(over(day)) for day in gaps]) > 1.1 * np.mean([width(over(day)) for day in watched])
    plain = np.mean([error(day, np.cumsum((day.entries - day.exits).sum(axis=0))) for day in gaps])
    assert np.mean([error(day, over(day).estimate) for day in gaps]) < plain


def test_after_a_long_gap_too_much_is_guessed_and_a_blind_day_is_all_guessed() -> None:
    day = days(replace(MISSING, blind=(10, 18)))[0]
    assert flow_with_gaps(day.entries, day.exits, np.zeros_like(day.entries), day.watched).guessed > MOST_GUESSED
    nothing = np.zeros((2, 3))
    assert flow_with_gaps(nothing, nothing, nothing, nothing).guessed == 1


def test_where_no_camera_watched_the_hours_beside_stand_in() -> None:
    entries, watched = np.array([[10.0, 0, 20], [10, 0, 20]]), np.array([[1.0, 0, 1], [1, 0, 1]])
    flow = flow_with_gaps(entries, entries, np.zeros_like(entries), watched)
    assert flow.entries.tolist() == [20, 30, 40]
    assert flow.guessed == pytest.approx(1 / 3)
    part = flow_with_gaps(np.array([[8.0]]), np.array([[0.0]]), np.array([[0.0]]), np.array([[0.8]]))
    assert part.entries.tolist() == [10]


def test_people_who_crossed_no_line_make_it_less_sure_and_too_wide_an_interval_is_none() -> None:
    came, went, unseen = numbers(60, 0), numbers(0, 60), numbers(40, 40)
    assert width_of(inside_of_day(flow_of(came, went, unseen))) > width_of(inside_of_day(flow_of(came, went)))
    assert inside_of_day(flow_of(came, went)).is_sure
    assert not inside_so_far(flow_of(numbers(20, 20), numbers(20, 20)), Balance(0.0, 0.5)).is_sure


def width_of(told: Inside) -> float:
    return float((told.high - told.low).max())
