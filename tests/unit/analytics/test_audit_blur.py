"""How many a crowd hides, by how many are seen to be missed and false."""

from __future__ import annotations

from math import exp, expm1, log

import pytest

from analytics.audit_blur import hidden
from analytics.audits import Tally, counted_per_person, minutes_to_narrow, recall_of

CROWD = {"seconds": 1200.0, "blur_s": 28.0}
PER_PAIR = 28.0 / 1200.0


@pytest.mark.parametrize(("missed", "false"), [(60, 18), (18, 60), (30, 5)])
def test_the_number_that_is_hidden_is_the_one_that_leaves_what_is_seen(missed: float, false: float) -> None:
    left = log(1 + expm1(PER_PAIR * missed) * exp(-PER_PAIR * false)) / PER_PAIR
    taken = missed - left
    assert 0 < taken < min(missed, false)
    found = hidden(round(left), round(false - taken), PER_PAIR)
    assert found is not None
    assert abs(found.number - taken) < max(3.0, 3 * found.deviation)
    assert hidden(round(left), round(false - taken), 0.0) == hidden(0, 0, 0.0)


def test_nobody_is_hidden_where_none_is_false_and_it_is_not_certain_in_a_crowd() -> None:
    found = hidden(40, 0, PER_PAIR)
    assert found is not None and found.number == 0
    assert found.deviation > 0.5


def test_a_recall_that_cannot_be_told_is_not_told_and_totals_still_say_how_many_came() -> None:
    crowd = Tally(900, 870, 810, **CROWD)
    assert crowd.hidden is None and recall_of(crowd) is None and minutes_to_narrow(crowd) is None
    rate = counted_per_person(crowd)
    assert rate is not None and rate.low < 870 / 900 < rate.high
    clear = counted_per_person(Tally(900, 870, 810))
    assert clear is not None and clear.high - clear.low < rate.high - rate.low


def test_a_crowd_lowers_the_recall_and_widens_its_interval() -> None:
    plain, crowded = recall_of(Tally(600, 560, 554, 1200.0)), recall_of(Tally(600, 560, 554, **CROWD))
    assert plain is not None and crowded is not None
    assert crowded.estimate < plain.estimate and crowded.high - crowded.low > plain.high - plain.low
    slow, quick = minutes_to_narrow(Tally(600, 560, 554, **CROWD)), minutes_to_narrow(Tally(600, 560, 554, 1200.0))
    assert slow is not None and quick is not None and slow > quick


def test_tallies_that_are_added_keep_the_blur_of_their_minutes() -> None:
    assert (Tally(0, 0, 0) + Tally(5, 5, 5, 60.0, 20.0)).blur_s == 20.0
    assert (Tally(5, 5, 5, 60.0, 20.0) + Tally(5, 5, 5, 180.0, 40.0)).blur_s == 35.0
