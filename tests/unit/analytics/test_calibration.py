"""What a network takes for what: its own table, and what an audit adds to it."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.calibration import Calibration, elsewhere, pooled
from analytics.confusion import ConfusionTable, read_confusion
from footfall.errors import ModelError
from tests.unit.analytics.visitors import LABELS, PRIOR, calibration

EACH = np.arange(3)
SEEN = np.array([[8.0, 2.0, 0.0], [2.0, 6.0, 2.0], [0.0, 5.0, 5.0]])


def narrow() -> ConfusionTable:
    """Return a table of 60 faces in each of six narrow groups, judged right or a group too young."""
    ages = np.eye(6) * 45 + np.eye(6, k=-1) * 15
    ages[0, 0] = 60
    return ConfusionTable((0, 10, 20, 30, 40, 60), (24, 48), np.stack([ages, ages]), np.full((2, 2, 2), 50.0))


def test_the_mix_that_a_network_takes_for_granted_is_found_in_its_table() -> None:
    assert calibration(60_000).priors[0] == pytest.approx(PRIOR, abs=0.03)


def test_an_audit_of_a_few_taps_cannot_overthrow_thousands_of_faces() -> None:
    model = calibration(9000)
    little = pooled(model, SEEN, EACH)
    assert np.abs(little.rows - model.rows).max() < 0.03
    much = pooled(model, 1000 * SEEN, EACH)
    assert np.abs(much.rows[0] - SEEN / 10).max() < 0.05


def test_a_model_of_few_faces_is_not_made_surer_than_it_is() -> None:
    model = calibration(30)
    assert elsewhere(model).faces == pytest.approx(model.faces)
    assert elsewhere(calibration(9000)).faces == pytest.approx(np.full((1, 3), 500))
    assert pooled(model, np.zeros((3, 3)), EACH).faces == pytest.approx(model.faces)


def test_taps_in_coarser_groups_are_divided_as_the_model_divides_them() -> None:
    model = calibration(90)
    taps = np.array([[60.0, 40.0, 0.0], [0.0, 10.0, 90.0]])
    after = pooled(model, taps, np.array([0, 0, 1]))
    assert after.judged.sum() == pytest.approx(elsewhere(model).judged.sum() + 200)
    added = after.judged[0] - elsewhere(model).judged[0]
    assert added[:2].sum(axis=0) == pytest.approx([60, 40, 0])
    assert added[0, 0] > added[0, 1]
    with pytest.raises(ValueError, match="does not belong"):
        pooled(model, taps, EACH)


def test_taps_move_a_table_and_make_it_no_surer() -> None:
    model = calibration(9000)
    after = pooled(model, 100 * SEEN, EACH)
    assert after.faces == pytest.approx(elsewhere(model).faces)
    assert np.abs(after.rows[0] - SEEN / 10).max() < np.abs(model.rows[0] - SEEN / 10).max() / 2


def test_a_table_that_does_not_fit_its_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="do not belong"):
        Calibration(LABELS, (24,), np.ones((1, 2, 2)), np.ones(3) / 3)


def test_narrow_groups_become_the_configured_ones() -> None:
    of_ages = narrow().of_ages((0, 20, 40))
    assert of_ages.classes == ("0-19", "20-39", "40+")
    assert of_ages.faces[0] == pytest.approx([120, 120, 120])
    assert of_ages.judged[0, 1] == pytest.approx([15, 105, 0])
    assert of_ages.start == pytest.approx([0.25, 0.25, 0.5])


def test_a_start_inside_a_narrow_group_divides_it_by_years() -> None:
    of_ages = narrow().of_ages((0, 45))
    assert of_ages.faces[0] == pytest.approx([4 * 60 + 15, 45 + 60])


def test_the_table_is_read_as_it_was_written_and_nothing_else_is() -> None:
    written = narrow().to_json()
    again = read_confusion(written)
    assert again.year_starts == (0, 10, 20, 30, 40, 60) and again.sizes_px == (24, 48)
    assert (again.ages == narrow().ages).all() and again.of_gender().classes == ("female", "male")
    for damaged in ("", "[]", "{}", written.replace("[24,48]", "[24]"), written.replace('"ages"', '"age"')):
        with pytest.raises(ModelError, match="export it again"):
            read_confusion(damaged)
