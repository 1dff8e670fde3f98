"""Figures of the model card, by hand on a few faces."""

import numpy as np
import pytest

from footfall.types import FloatArray
from training.demographics.evaluate import people_table, wild_table
from training.demographics.metrics import DECADE_STARTS, Judgements, Truth, group_of, score

MARKET = (0, 13, 18, 25, 35, 45, 55, 65)


def floats(*values: float) -> FloatArray:
    return np.array(values, np.float32)


def truth_of(youngest: list[int], oldest: list[int], female: list[int], origins: list[str] | None = None) -> Truth:
    ages = np.array(youngest, np.int16), np.array(oldest, np.int16)
    return Truth(*ages, np.array(female, np.int16), np.array(origins or [""] * len(female)))


@pytest.fixture
def truth() -> Truth:
    ages = [5, 20, 34, 70]
    return truth_of(ages, ages, [1, 0, 1, 0], ["north", "north", "south", "south"])


def test_figures(truth: Truth) -> None:
    said = Judgements(np.array([0.2, 0.1, 0.9, 0.4], np.float32), np.array([7, 17.9, 46, 70], np.float32))
    scores = score(truth, said)
    assert scores.faces == 4
    assert scores.mae_years == pytest.approx((2 + 2.1 + 12 + 0) / 4)
    assert (scores.gender, scores.gender_adults, scores.women_adults, scores.men_adults) == (0.75, 1.0, 1.0, 1.0)
    assert (scores.market, scores.market_within_one) == (0.5, 0.75)
    assert scores.decade == 0.5


def test_part_of_the_faces(truth: Truth) -> None:
    said = Judgements(np.array([1, 0, 1, 0], np.float32), np.array([5, 20, 34, 60], np.float32))
    assert score(truth, said, truth.origins == "south").mae_years == pytest.approx(5.0)


def test_an_age_group_counts_in_its_decade_and_not_as_an_exact_age() -> None:
    grouped = truth_of([10, 20, 70, -1], [19, 29, 100, -1], [1, 1, 0, -1])
    assert grouped.adult.tolist() == [False, True, True, False]  # who is 10 to 19 may be either
    scores = score(grouped, Judgements(floats(0.9, 0.9, 0.1, 0.9), floats(12, 40, 99, 30)))
    assert np.isnan(scores.mae_years) and np.isnan(scores.market)
    assert scores.decade == pytest.approx(2 / 3)
    assert scores.gender == 1.0


def test_the_group_that_holds_most_decides_and_not_the_mean() -> None:
    ages = np.zeros((1, 101), np.float32)
    ages[0, [72, 40]] = 0.6, 0.4
    said = Judgements(floats(0.5), floats(59.2), ages)
    assert said.groups(DECADE_STARTS).tolist() == [8]
    assert Judgements(said.p_female, said.age_years).groups(DECADE_STARTS).tolist() == [6]


def test_who_is_judged_worse_is_named(truth: Truth) -> None:
    said = Judgements(floats(0.2, 0.1, 0.2, 0.1), floats(5, 20, 34, 70))
    table = people_table(truth, said)
    assert "| female | 2 | 0.00 | +0.00 | 0.0 | 100.0 |" in table
    assert "| labelled south | 2 |" in table and "Women against men: -100.0 points" in table


def test_what_is_not_known_is_left_blank() -> None:
    unknown = truth_of([-1], [-1], [1])
    row = wild_table([("web", score(unknown, Judgements(floats(0.9), floats(30))))]).splitlines()[-1]
    assert row == "| web | 1 | 100.0 | – | – | – | – | – |"


def test_twelve_point_nine_is_still_twelve() -> None:
    assert group_of([12.9, 13.0, 64.9, 65.0], MARKET).tolist() == [0, 1, 6, 7]
