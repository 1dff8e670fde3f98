"""Tapped ages beside judged ones, in the groups that both can tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.audit_ages import AgeSum, age_sums, audited_table, common_classes, fits, read_age_sums

EIGHT = (0, 13, 18, 25, 35, 45, 55, 65)


@pytest.mark.parametrize(
    ("starts", "classes"),
    [
        (EIGHT, [0, 0, 1, 1, 2, 2, 3, 3]),
        ((0, 18, 55), [0, 1, 2]),
        ((0, 10, 35, 60), [0, 0, 1, 1]),
        ((0, 20, 40), None),
    ],
)
def test_groups_are_joined_until_taps_can_tell_them(starts: tuple[int, ...], classes: list[int] | None) -> None:
    found = common_classes(starts)
    assert (None if found is None else found.tolist()) == classes


def test_only_people_who_were_tapped_with_an_age_and_judged_are_summed() -> None:
    people = pd.DataFrame({"age_group": ["18-34", "18-34", None, "55+", "55+"]})
    visits = pd.DataFrame(
        [("north", "female", "13+", "100,900", "a+net"), ("north", "female", "13+", "300,700", "a+net"),
         ("north", "male", "0-12", "800,200", "a+net"), ("north", "male", "unknown", None, "a+net")],
        columns=["camera", "gender", "age_group", "age_shares", "model_version"],
    )  # fmt: skip
    found = age_sums(people, visits, np.array([0, 1, 2, 3, -1]))
    assert found == [AgeSum("net", ("north", "female", "13+"), "18-34", 2, (400, 1600))]
    assert read_age_sums([one.to_document() for one in found]) == found
    assert fits(found[0], (0, 13)) and not fits(found[0], (0, 18)) and not fits(found[0], (0, 13, 18))


def test_a_tap_counts_in_the_class_that_has_its_age() -> None:
    mille = (0, 0, 100, 800, 100, 0, 0, 0)
    sums = [AgeSum("net", ("north", "male", "25-34"), tapped, 1, mille) for tapped in ("18-34", "35-54")]
    assert audited_table(sums, EIGHT)[[1, 2]].tolist() == [[number / 1000 for number in mille]] * 2
    two = [AgeSum("net", ("north", "male", "18-54"), tapped, 1, (0, 900, 100)) for tapped in ("18-34", "35-54")]
    assert audited_table(two, (0, 18, 55)).tolist() == [[0, 0, 0], [0, 1.8, 0.2], [0, 0, 0]]
