"""Figures of the model card, by hand on four faces."""

import numpy as np
import pytest

from footfall.types import ImageArray
from training.demographics.metrics import Judgements, Truth, group_of, score
from training.demographics.wild import WildFaces, wild_table

MARKET = (0, 13, 18, 25, 35, 45, 55, 65)


@pytest.fixture
def truth() -> Truth:
    ages, female, race = ([5, 20, 34, 70], [1, 0, 1, 0], [0, 0, 1, 1])
    return Truth(np.array(ages, np.int16), np.array(female, np.int16), np.array(race, np.int16))


def test_figures(truth: Truth) -> None:
    said = Judgements(np.array([0.2, 0.1, 0.9, 0.4], np.float32), np.array([7, 17.9, 46, 70], np.float32))
    scores = score(truth, said)
    assert scores.faces == 4
    assert scores.mae_years == pytest.approx((2 + 2.1 + 12 + 0) / 4)
    assert scores.mae_adults_years == pytest.approx((2.1 + 12) / 3)
    assert (scores.gender, scores.gender_adults) == (0.75, 1.0)
    assert (scores.market_exact, scores.market_within_one) == (0.5, 0.75)
    assert scores.four_exact == 0.5


def test_part_of_the_faces(truth: Truth) -> None:
    said = Judgements(np.array([1, 0, 1, 0], np.float32), np.array([5, 20, 34, 60], np.float32))
    assert score(truth, said, truth.race == 1).mae_years == pytest.approx(5.0)


def test_women_and_men_in_the_wild_are_scored_apart() -> None:
    def brighter_is_female(faces: ImageArray) -> Judgements:
        return Judgements(faces.mean((1, 2, 3)).astype(np.float32) / 255, np.full(len(faces), 30, np.float32))

    brightness = np.array([200, 100, 90, 20, 10], np.uint8)  # the second woman is too dark for this judge
    faces = WildFaces(np.tile(brightness[:, None, None, None], (1, 64, 64, 3)), np.array([1, 1, 0, 0, 0], np.bool_))
    table = wild_table(faces, {"judge": brighter_is_female})
    assert "women right % (2) | men right % (3)" in table
    assert "| judge, full size | 50.0 | 100.0 |" in table
    assert "| judge, 24 px | 50.0 | 100.0 |" in table


def test_twelve_point_nine_is_still_twelve() -> None:
    assert group_of([12.9, 13.0, 64.9, 65.0], MARKET).tolist() == [0, 1, 6, 7]
