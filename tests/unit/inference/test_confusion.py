"""The networks of the package say what they take for what."""

from __future__ import annotations

import pytest

from analytics.confusion import read_confusion
from inference import load_attributes
from tracking import JudgementOptions


@pytest.mark.parametrize("name", ["built-in", "free"])
def test_a_packaged_network_carries_a_table_of_thousands_of_faces(name: str) -> None:
    text = load_attributes(name).confusion
    assert text is not None
    table = read_confusion(text)
    ages, gender = table.of_ages(JudgementOptions().age_group_starts), table.of_gender()
    assert ages.sizes_px == (24, 32, 56)
    assert ages.faces[0].min() > 100 and gender.faces[0].min() > 2000
    for place in range(2):
        assert gender.rows[-1, place].argmax() == place
    assert ages.rows[-1, 0, 0] > 0.8
