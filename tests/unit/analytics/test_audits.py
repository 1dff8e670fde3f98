"""A count by hand beside a camera: who was missed, who was counted falsely, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.audit_matching import compare, from_document, matched_rows, people_of, to_document, windows_of
from analytics.audits import (
    Comparison,
    Rate,
    Tally,
    came,
    counted_per_person,
    minutes_to_narrow,
    pooled,
    recall_of,
    wilson,
)
from footfall.local_time import Interval

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TAPS = ["number", "kind", "tapped_at", "gender", "age_group", "undone"]
VISITS = ["entered_at", "left_at", "direction", "gender", "age_years"]


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def taps_of(*rows: tuple[str, float], **about: object) -> pd.DataFrame:
    """Return taps of (kind, seconds after the start)."""
    values = [
        (number, kind, after(at), about.get("gender"), about.get("age"), False)
        for number, (kind, at) in enumerate(rows)
    ]
    return pd.DataFrame(values, columns=TAPS)


def visits_of(*rows: tuple[str, float]) -> pd.DataFrame:
    """Return visits of three seconds, of (direction, seconds after the start)."""
    values = [(after(at), after(at + 3), direction, "female", 30.0) for direction, at in rows]
    return pd.DataFrame(values, columns=VISITS)


def whole(taps: pd.DataFrame, visits: pd.DataFrame, seconds: float = 900) -> Comparison:
    return compare(taps, visits, windows_of(START, after(seconds), taps), 1, 1.0)


def test_missed_people_and_false_counts_do_not_cancel() -> None:
    taps = taps_of(("in", 10), ("in", 60), ("out", 120))
    visits = visits_of(("in", 8), ("out", 118), ("in", 400))
    total = whole(taps, visits).total
    assert (total.tapped, total.counted, total.matched) == (3, 3, 2)
    assert (total.missed, total.false) == (1, 1)


def test_people_close_together_are_matched_one_to_one() -> None:
    taps = taps_of(("in", 10), ("in", 11), ("in", 12))
    visits = visits_of(("in", 7), ("in", 9))
    found = matched_rows(people_of(taps, [Interval(START, after(60))]), visits)
    assert sorted(found) == [-1, 0, 1]


def test_a_missed_person_is_not_joined_to_a_false_count_by_a_chain_of_wrong_pairs() -> None:
    times = [10 + 6 * number for number in range(10)]
    taps = taps_of(*(("in", at) for at in times))
    visits = visits_of(*(("in", at - 2) for at in times[1:]), ("in", times[-1] + 5))
    found = matched_rows(people_of(taps, [Interval(START, after(90))]), visits)
    assert found.tolist() == [-1, *range(9)]


def test_a_pair_of_the_same_direction_is_preferred_and_another_one_still_is_the_same_person() -> None:
    taps = taps_of(("in", 10), ("out", 10))
    visits = visits_of(("out", 8), ("in", 8))
    comparison = whole(taps, visits)
    assert (comparison.inward.matched, comparison.outward.matched) == (1, 1)
    turned = whole(taps_of(("in", 10)), visits_of(("none", 8)))
    assert (turned.total.matched, turned.inward.matched) == (1, 0)


def test_pauses_and_undone_taps_are_left_out() -> None:
    taps = taps_of(("in", 10), ("pause", 60), ("in", 70), ("resume", 120), ("in", 200), ("in", 300))
    taps.loc[5, "undone"] = True
    visits = visits_of(("in", 9), ("in", 90), ("in", 199))
    total = whole(taps, visits).total
    assert (total.tapped, total.counted, total.matched, total.seconds) == (2, 2, 2, 840.0)


def test_an_audit_that_ends_in_a_pause_ends_with_it() -> None:
    taps = taps_of(("in", 10), ("pause", 60))
    assert windows_of(START, after(900), taps) == [Interval(START, after(60))]


def test_nobody_on_one_side_is_no_error() -> None:
    assert whole(taps_of(("in", 10)), visits_of()).total.missed == 1
    assert whole(taps_of(), visits_of(("in", 10))).total.false == 1
    assert whole(taps_of(), visits_of()).total == Tally(0, 0, 0, 900.0)


def test_gender_and_age_are_compared_only_where_both_mean_the_same_person() -> None:
    taps = taps_of(("in", 10), ("in", 100), gender="female", age="35-54")
    comparison = whole(taps, visits_of(("in", 9), ("in", 500)))
    assert comparison.genders == {"female": {"female": 1, "male": 0, "unknown": 0}}
    assert comparison.ages["35-54"]["18-34"] == 1


def test_taps_of_a_whole_minute_match_visits_within_it() -> None:
    taps = taps_of(("in", 60), ("in", 60))
    comparison = compare(taps, visits_of(("in", 70), ("in", 110)), [Interval(START, after(300))], 60, 1.0)
    assert comparison.total.matched == 2


def test_a_comparison_comes_back_from_the_database_as_it_was() -> None:
    comparison = whole(taps_of(("in", 10), ("out", 70), gender="male"), visits_of(("in", 9), ("in", 500)))
    assert from_document(to_document(comparison)) == comparison
    minutes = [one.tally for one in comparison.by_minute]
    assert sum(minutes, Tally(0, 0, 0)) == comparison.total


def test_two_auditors_at_once_are_pooled_without_counting_anybody_twice() -> None:
    both = whole(taps_of(*(("in", 30.0 + 60 * number) for number in range(15))), visits_of(("in", 29)))
    later = Interval(after(600), after(1200))
    taps = taps_of(*(("in", 630.0 + 60 * number) for number in range(10)))
    other = compare(taps, visits_of(("in", 629)), [later], 1, 1.0)
    total = pooled([(later.start, other), (START, both)])
    assert (total.tapped, total.seconds) == (15 + 5, 1200.0)


def test_the_interval_of_the_recall_is_wilsons() -> None:
    rate = recall_of(Tally(100, 96, 94))
    assert rate is not None
    assert (round(rate.estimate, 2), round(rate.low, 3), round(rate.high, 3)) == (0.94, 0.875, 0.972)
    assert wilson(0, 0).low == 0 and wilson(0, 0).high == 1
    assert wilson(20, 20).high == 1 and wilson(20, 20).low < 0.9


@dataclass(frozen=True)
class Camera:
    """What is true of a simulated camera."""

    recall: float
    precision: float


@pytest.mark.parametrize("camera", [Camera(0.94, 0.98), Camera(0.8, 0.9), Camera(0.99, 0.99)])
@pytest.mark.parametrize("people", [60, 300])
def test_intervals_hold_the_truth_about_as_often_as_they_say(camera: Camera, people: int) -> None:
    random = np.random.default_rng(7)
    held, narrower, runs = 0, 0, 400
    true = camera.recall / camera.precision
    for _ in range(runs):
        matched = int(random.binomial(people, camera.recall))
        false = int(random.poisson(matched * (1 / camera.precision - 1)))
        rate = counted_per_person(Tally(people, matched + false, matched))
        assert rate is not None
        held += rate.low <= true <= rate.high
        narrower += rate.high - rate.low < 2 * 1.96 * (2 / people) ** 0.5 * true
    assert held / runs >= 0.93
    assert narrower == runs  # than from two totals that know nothing of each other


def test_few_taps_correct_nothing() -> None:
    assert counted_per_person(Tally(29, 29, 29)) is None
    assert counted_per_person(Tally(100, 0, 0)) is None
    assert counted_per_person(Tally(100, 90, 0)) is None


def test_who_came_is_estimated_beside_what_was_counted() -> None:
    one = came([(940, Rate(0.94, 0.90, 0.97))])
    assert (round(one.estimate), round(one.low), round(one.high)) == (1000, 969, 1044)
    two = came([(940, Rate(0.94, 0.90, 0.97)), (940, Rate(0.94, 0.90, 0.97))])
    assert round(two.estimate) == 2000
    assert two.high - two.low < 2 * (one.high - one.low)


def test_how_many_minutes_narrow_the_interval() -> None:
    short = Tally(50, 48, 47, 600.0)
    more = minutes_to_narrow(short)
    assert more is not None and more > 30
    grown = 1 + more * 60 / short.seconds
    longer = recall_of(Tally(round(50 * grown), 0, round(47 * grown)))
    assert longer is not None
    assert (longer.high - longer.low) / 2 <= 0.03
    assert minutes_to_narrow(Tally(5000, 4800, 4700, 36000.0)) == 0
    assert minutes_to_narrow(Tally(0, 0, 0, 600.0)) is None
    assert minutes_to_narrow(Tally(1, 1, 1, 72000.0)) is None
