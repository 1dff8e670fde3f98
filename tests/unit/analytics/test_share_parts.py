"""What is kept of hours: added up, it says what the visits themselves say."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.calibration import Calibration
from analytics.share_parts import judged_in, shares_of_sums, sums_of
from analytics.shares import corrected
from tests.unit.analytics.visitors import calibration, judged

TWO = Calibration(
    ("female", "male"), (0,), np.array([[[380.0, 20.0], [20.0, 380.0]]]), np.array([0.5, 0.5]), by_table=False
)


def test_sums_of_hours_say_of_ages_what_their_visits_say_together() -> None:
    table, hours = calibration(), [judged((0.5, 0.3, 0.2), 150, seed) for seed in range(4)]
    visits = np.concatenate([hour.probabilities for hour in hours])
    added = sum(sums_of(hour.probabilities, True) for hour in hours)
    assert isinstance(added, np.ndarray)
    assert judged_in(added, True) == 600
    whole, parts = corrected(visits, None, table), shares_of_sums(added, table)
    assert parts.estimate == pytest.approx(whole.estimate, abs=1e-4)
    assert parts.high - parts.low == pytest.approx(whole.high - whole.low, rel=0.25)


def test_steps_say_of_gender_what_their_visits_say() -> None:
    random = np.random.default_rng(1)
    women = random.random(400) < 0.7
    p_female = np.round(np.where(women, random.beta(6, 1, 400), random.beta(1, 6, 400)), 3)
    visits = np.column_stack([p_female, 1 - p_female])
    added = sums_of(visits[:100], False) + sums_of(visits[100:], False)
    assert judged_in(added, False) == 400
    whole, parts = corrected(visits, None, TWO), shares_of_sums(added, TWO)
    assert parts.estimate == pytest.approx(whole.estimate, abs=0.005)
    assert parts.high - parts.low == pytest.approx(whole.high - whole.low, rel=0.25)


def test_nobody_and_a_single_visitor_are_too_few_to_say() -> None:
    table = calibration()
    nobody = shares_of_sums(sums_of(np.zeros((0, 3)), True), table)
    assert nobody.judged == 0
    assert not nobody.told.any()
    for sums, one in (
        (sums_of(np.array([[0.0, 0.0, 1.0]]), True), table),
        (sums_of(np.array([[1.0, 0.0]]), False), TWO),
    ):
        assert not shares_of_sums(sums, one).told.any()


def test_only_two_classes_have_steps() -> None:
    with pytest.raises(ValueError, match="two classes"):
        sums_of(np.full((1, 3), 1 / 3), False)
