"""Age groups: order, unknown last, and coarser groups only where they fit."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics.age_groups import age_group_labels, age_group_order, relabel
from footfall.errors import ConfigError

STARTS = (0, 13, 18, 25, 35, 45, 55, 65)


def test_labels_run_from_young_to_old_with_unknown_last() -> None:
    labels = age_group_labels(STARTS)
    assert labels == ("0-12", "13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+", "unknown")
    assert sorted(reversed(labels), key=age_group_order) == list(labels)


def test_groups_of_earlier_settings_sort_among_the_new_ones() -> None:
    mixed = ["unknown", "65+", "5-12", "0-12", "0-4", "13-17", "0+"]
    assert sorted(mixed, key=age_group_order) == ["0-4", "0-12", "0+", "5-12", "13-17", "65+", "unknown"]


def test_coarser_groups_add_up() -> None:
    visits = pd.DataFrame({"day": ["a"] * 4, "age_group": ["0-12", "13-17", "65+", "unknown"], "visits": [1, 2, 4, 8]})
    found = relabel(visits, (0, 18))
    assert found.values.tolist() == [["a", "0-17", 3], ["a", "18+", 4], ["a", "unknown", 8]]


@pytest.mark.parametrize("starts", [(0, 15), (0, 13, 70)])
def test_a_group_that_would_have_to_be_divided_is_refused(starts: tuple[int, ...]) -> None:
    visits = pd.DataFrame({"age_group": ["13-17", "65+"], "visits": [1, 2]})
    with pytest.raises(ConfigError, match="does not fit into"):
        relabel(visits, starts)
