"""How many visits could be judged, and whether they differ from the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.coverage import coverage, difference


def test_coverage_is_the_share_of_the_judged_by_hour() -> None:
    visits = pd.DataFrame(
        [(9, True, 30), (9, False, 10), (10, False, 5), (11, True, 0)], columns=["hour", "judged", "visits"]
    )
    table = coverage(visits, ["hour"])
    assert table["hour"].tolist() == [9, 10, 11]
    assert table["judged"].tolist() == [30, 0, 0] and table["visits"].tolist() == [40, 5, 0]
    assert table["coverage"].tolist()[:2] == [0.75, 0.0] and np.isnan(table["coverage"][2])


def test_hours_alike_are_alike_and_a_dark_evening_is_not() -> None:
    alike = difference(np.array([300, 500, 200]), np.array([61, 98, 41]))
    dark = difference(np.array([300, 500, 60]), np.array([60, 100, 180]))
    assert alike is not None and dark is not None
    assert alike.p_value > 0.5 and alike.cramers_v < 0.05
    assert dark.p_value < 1e-6 and dark.cramers_v > 0.3


def test_few_visits_are_compared_by_permutation_and_the_same_every_time() -> None:
    judged, others = np.array([6, 1, 0]), np.array([0, 2, 3])
    one, again = difference(judged, others), difference(judged, others)
    assert one is not None and one == again
    assert 0.001 <= one.p_value < 0.05


@pytest.mark.parametrize(("judged", "others"), [([5, 3], [0, 0]), ([0, 0], [2, 2]), ([5, 0], [3, 0])])
def test_nothing_to_compare_is_not_a_number(judged: list[int], others: list[int]) -> None:
    assert difference(np.array(judged), np.array(others)) is None
