"""Age groups: order, unknown last."""

from __future__ import annotations

from analytics.age_groups import age_group_labels, age_group_order

STARTS = (0, 13, 18, 25, 35, 45, 55, 65)


def test_labels_run_from_young_to_old_with_unknown_last() -> None:
    labels = age_group_labels(STARTS)
    assert labels == ("0-12", "13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+", "unknown")
    assert sorted(reversed(labels), key=age_group_order) == list(labels)


def test_groups_of_earlier_settings_sort_among_the_new_ones() -> None:
    mixed = ["unknown", "65+", "5-12", "0-12", "0-4", "13-17", "0+"]
    assert sorted(mixed, key=age_group_order) == ["0-4", "0-12", "0+", "5-12", "13-17", "65+", "unknown"]
