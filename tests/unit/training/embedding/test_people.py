"""Who is held back stays held back: one rule for the training and for every benchmark of unique visitors."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from footfall.errors import DataError
from training.data.people import read_adience_people, read_celeba_people, read_people_folders
from training.embedding.people import SHARES, WITH_IDENTITIES, held_back
from training.embedding.prepare import SETS
from training.embedding.targets import make_targets
from training.embedding.verification import accepted_at, at_size, pair_accuracy, pair_scores


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((8, 8, 3), np.uint8))
    return path


def test_every_set_of_the_training_has_a_share_held_back() -> None:
    assert set(SETS) == set(SHARES) and set(WITH_IDENTITIES) <= set(SETS)


def test_a_person_whom_lfw_holds_back_is_held_back_under_the_same_name_elsewhere() -> None:
    names = np.array([f"First_Last{number}" for number in range(400)])
    aside = held_back("lfw", names)
    assert 0.1 < aside.mean() < 0.3
    for name in ("glint-24", "bollywood-100"):
        assert held_back(name, names)[aside].all()


def test_photographs_are_read_by_person(tmp_path: Path) -> None:
    picture(tmp_path / "celeba" / "000001.jpg")
    (tmp_path / "celeba" / "identity_CelebA.txt").write_text("000001.jpg 7\n000002.jpg 8\n")
    assert [face.group for face in read_celeba_people(tmp_path / "celeba")] == ["celeba-7"]
    picture(tmp_path / "glint" / "Tina Fey" / "0.png")
    assert [face.group for face in read_people_folders(tmp_path / "glint")] == ["Tina_Fey"]
    picture(tmp_path / "adience" / "data" / "user" / "coarse_tilt_aligned_face.5.a.jpg")
    table = "user_id\toriginal_image\tface_id\tage\tgender\nuser\ta.jpg\t5\t(25, 32)\tf\nuser\tb.jpg\t6\tNone\tm\n"
    (tmp_path / "adience" / "data" / "fold_0_data.txt").write_text(table)
    faces = read_adience_people(tmp_path / "adience")
    assert [(face.group, face.female) for face in faces] == [("adience-user-5", True)]


def test_a_line_that_names_no_person_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "identity_CelebA.txt").write_text("000001.jpg 7\n000002.jpg\n")
    with pytest.raises(DataError, match=r"identity_CelebA\.txt:2"):
        read_celeba_people(tmp_path)
    with pytest.raises(DataError, match="no pictures in its sub-folders"):
        read_people_folders(tmp_path)


def test_targets_come_nearer_to_the_centre_of_a_known_person_only_where_faces_are_trained_on() -> None:
    random = np.random.default_rng(1)
    descriptors = random.normal(0, 1, (8, 2, 16)).astype(np.float32) + 1
    groups = np.array(["one"] * 4 + ["two"] * 4)
    kept, known = np.arange(8) < 6, np.array([True] * 4 + [False] * 4)
    plain, drawn = (make_targets(descriptors, groups, kept, known, share).vectors for share in (0.0, 0.5))
    assert (drawn[:4] @ drawn[:4].T).mean() > (plain[:4] @ plain[:4].T).mean() + 0.1
    np.testing.assert_array_equal(plain[4:], drawn[4:])
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), 1, atol=1e-5)


def test_perfect_vectors_are_all_accepted_and_random_ones_as_often_as_false_ones() -> None:
    groups = np.repeat(np.arange(20), 5).astype(str)
    perfect = np.repeat(np.eye(20, dtype=np.float32), 5, axis=0)
    assert accepted_at(*pair_scores(perfect, groups), 1e-3) == 1.0
    assert pair_accuracy(*pair_scores(perfect, groups)) == 1.0
    random = np.random.default_rng(0).normal(0, 1, (100, 32)).astype(np.float32)
    scores = pair_scores(random / np.linalg.norm(random, axis=1, keepdims=True), groups)
    assert accepted_at(*scores, 0.1) == pytest.approx(0.1, abs=0.08)
    assert pair_accuracy(*scores) == pytest.approx(0.5, abs=0.1)


def test_a_distant_face_keeps_its_frame_and_loses_its_detail() -> None:
    faces = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 3)).astype(np.uint8)
    small = at_size(faces, 24)
    assert small.shape == faces.shape and small.std() < 0.5 * faces.std()
    np.testing.assert_array_equal(at_size(faces, 500), faces)
