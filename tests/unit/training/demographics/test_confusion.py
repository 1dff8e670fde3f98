"""A network's table of confusions is made of faces with a known truth, and written without touching its weights."""

from pathlib import Path

import numpy as np

from analytics.confusion import read_confusion
from inference import load_attributes
from inference.check_pictures import check_pictures
from tests.unit.inference.small_networks import SIZE_PX, write_small_network
from training.data.faces import UNKNOWN
from training.demographics.confusion import confusion_table, write_confusion
from training.demographics.judged import SIZES_PX, JudgedFaces


def judged() -> JudgedFaces:
    """Return a woman of 30, a boy of 4, a man of unknown age and one of 20 to 29; all are judged 30, women at 0.75."""
    ages = np.zeros((4, len(SIZES_PX), 101), np.float32)
    ages[..., 30] = 1.0
    return JudgedFaces(
        np.array([30, 4, UNKNOWN, 20], np.int16),
        np.array([30, 4, UNKNOWN, 29], np.int16),
        np.array([1, 0, 0, 0], np.int16),
        np.zeros(4, np.bool_),
        np.full((4, len(SIZES_PX)), 0.75, np.float32),
        ages,
    )


def test_the_table_counts_exact_ages_and_the_gender_of_those_who_are_old_enough() -> None:
    table = confusion_table(judged())
    of_ages = table.of_ages((0, 18, 40))
    assert of_ages.judged[0].tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert table.gender[0].tolist() == [[0.75, 0.25], [1.5, 0.5]]
    assert len(table.sizes_px) == len(SIZES_PX)


def test_writing_the_table_changes_no_answer(tmp_path: Path) -> None:
    path = write_small_network(tmp_path / "small.onnx")
    faces = check_pictures(4, SIZE_PX, SIZE_PX)
    before = load_attributes(path)
    assert before.confusion is None
    write_confusion(path, confusion_table(judged()))
    after = load_attributes(path)
    assert after.confusion is not None
    assert (read_confusion(after.confusion).ages == confusion_table(judged()).ages).all()
    assert after.model_version == before.model_version
    for one, other in zip(before.predict_aligned(faces), after.predict_aligned(faces), strict=True):
        assert one.p_female == other.p_female
        assert (one.age_probabilities == other.age_probabilities).all()
