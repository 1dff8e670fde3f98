"""Simulated days keep their word: as many visits, returns and staff as planned, and no photograph seen twice."""

from __future__ import annotations

import numpy as np
import pytest

from footfall.types import FloatArray, ImageArray
from training.embedding.days import DayPlan, Looks, Town, strangers, visitors

WIDTH = 32


def looks(people: int, photographs: int, seed: int) -> Looks:
    random = np.random.default_rng(seed)
    faces = random.normal(size=(people * photographs, 4, WIDTH)).astype(np.float32)
    groups = np.repeat([f"{seed}-{number}" for number in range(people)], photographs)
    return Looks(faces, np.full(faces.shape[:2], 40.0, np.float32), groups)


def dress(picture: ImageArray, boxes: FloatArray) -> FloatArray:
    return np.asarray(picture.reshape(1, -1, 3).mean(axis=1), np.float32)


def town() -> Town:
    random = np.random.default_rng(1)
    people = visitors(random, looks(60, 12, 1))
    return Town(people, strangers(random, looks(200, 1, 2)), dress, visitors(random, looks(3, 60, 3)))


@pytest.mark.parametrize("returns", [0.0, 0.2, 0.5])
def test_a_day_has_the_visits_and_returns_that_were_planned(returns: float) -> None:
    day = town().day(np.random.default_rng(3), DayPlan(120, returns))
    assert len(day.sightings) == 120
    assert day.unique == round(120 * (1 - returns))


def test_staff_pass_as_often_as_planned_and_are_no_visitors() -> None:
    day = town().day(np.random.default_rng(3), DayPlan(100, 0.1, staff=2, staff_passes=10))
    assert int(day.staff.sum()) == 20
    assert day.unique == 90


def test_no_photograph_is_in_two_visits() -> None:
    seen = visitors(np.random.default_rng(4), looks(5, 20, 5))
    faces = np.concatenate([visit.faces for visits in seen for visit in visits])
    assert len(np.unique(faces, axis=0)) == len(faces)


def test_visits_come_in_the_order_of_time() -> None:
    moments = [one.entered_at for one in town().day(np.random.default_rng(6), DayPlan(50, 0.2)).sightings]
    assert moments == sorted(moments)
