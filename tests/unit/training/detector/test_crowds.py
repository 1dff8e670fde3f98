"""Photographs of crowds: how they are read, and what two teachers and somebody's boxes make of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from footfall.errors import DataError
from footfall.types import Detections
from training.data.crowds import SETS, CrowdSet, list_pictures, parse_yolo, read_crowd
from training.data.keypoints import read_keypoints
from training.detector.agree import label_look, load_crowd
from training.detector.looks import Look, add_keypoints, load_looks, store_looks
from training.detector.metrics import average_precision, match_picture
from training.detector.samples import Image
from training.detector.teacher import look_twice

HEADS = next(crowd for crowd in SETS if crowd.name == "body-head")
FACES = next(crowd for crowd in SETS if crowd.name == "mask-adityap")


def faces(*rows: tuple[float, float, float, float]) -> Detections:
    """Return square faces: left, top, side, score; landmarks in the middle."""
    table = np.array(rows, np.float32).reshape(-1, 4)
    boxes = np.concatenate([table[:, :2], table[:, :2] + table[:, 2:3]], axis=1)
    landmarks = np.repeat(((boxes[:, :2] + boxes[:, 2:]) / 2)[:, None], 5, axis=1)
    return Detections(boxes, table[:, 3], landmarks)


def seen(first: Detections, second: Detections, *annotated: tuple[float, float, float, float]) -> Look:
    """Return a look at a black picture."""
    boxes = np.array(annotated, np.float32).reshape(-1, 4)
    return Look("one", "train", np.zeros((200, 200, 3), np.uint8), boxes, first, second)


class OneFace:
    """Finds one face in every picture: a quarter of its width, left of the middle."""

    def detect(self, image: Image, scale: float = 1.0, min_score: float = 0.3) -> Detections:
        """Return that face, whatever the scale."""
        side = image.shape[1] / 4
        return faces((side, side, side, 0.9))


def test_agreement_is_a_face_and_one_teachers_word_is_doubtful() -> None:
    first = faces((10, 10, 20, 0.6), (60, 60, 20, 0.6), (120, 10, 20, 0.95), (10, 120, 20, 0.35))
    second = faces((11, 11, 20, 0.5), (150, 150, 20, 0.7))
    labels = label_look(seen(first, second), "nothing")
    assert labels.boxes[:, 0].tolist() == [10, 120]
    assert sorted(labels.ignored[:, 0].tolist()) == [60, 150]


def test_a_large_head_without_a_face_is_background_and_a_small_one_is_left_open() -> None:
    face = faces((12, 12, 14, 0.7))
    labels = label_look(seen(face, faces(), (5, 5, 35, 35), (60, 60, 100, 100), (150, 150, 162, 162)), "heads")
    assert labels.boxes[:, 0].tolist() == [12]
    assert labels.ignored[:, 0].tolist() == [150]


def test_an_annotated_face_is_kept_with_landmarks_where_the_teacher_sees_it() -> None:
    both = faces((10, 10, 20, 0.9))
    labels = label_look(seen(both, both, (9, 9, 31, 31), (100, 100, 130, 130)), "faces")
    assert labels.boxes[:, 0].tolist() == [9, 100]
    assert np.isfinite(labels.landmarks[0]).all() and np.isnan(labels.landmarks[1]).all()


def test_a_mirrored_look_does_not_move_what_is_symmetric() -> None:
    class Symmetric:
        def detect(self, image: Image, scale: float = 1.0, min_score: float = 0.3) -> Detections:
            return Detections(
                np.array([[40, 40, 60, 60]], np.float32),
                np.array([0.9], np.float32),
                np.array([[[45, 45], [55, 45], [50, 50], [46, 56], [54, 56]]], np.float32),
            )

    found = look_twice(Symmetric(), np.zeros((100, 100, 3), np.uint8), (1.0, 0.5))
    assert len(found.boxes) == 1
    assert found.landmarks[0].tolist() == [[45, 45], [55, 45], [50, 50], [46, 56], [54, 56]]


def test_key_points_pull_the_landmarks_of_the_face_they_lie_in() -> None:
    points = np.tile(np.array([22.0, 24.0], np.float32), (5, 1))
    moved = add_keypoints(faces((10, 10, 20, 0.9), (100, 100, 20, 0.9)), points)
    assert moved.landmarks[0, 0].tolist() == [21, 22] and moved.landmarks[1, 0].tolist() == [110, 110]


def test_key_points_give_eyes_nose_and_mouth(tmp_path: Path) -> None:
    table = np.zeros((49, 2))
    table[19:25], table[25:31], table[13], table[31], table[37] = (30, 40), (70, 40), (50, 60), (35, 80), (65, 80)
    (tmp_path / "key points").mkdir()
    np.savetxt(tmp_path / "key points" / "00001A20.txt", table)
    photo = tmp_path / "original images" / "00001A20.jpg"
    assert read_keypoints(photo).tolist() == [[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]]
    np.savetxt(tmp_path / "key points" / "00001A20.txt", table[:40])
    with pytest.raises(DataError, match=r"00001A20\.txt: expected 49"):
        read_keypoints(photo)


def test_yolo_boxes_become_pixels_and_a_wrong_line_is_named() -> None:
    assert parse_yolo("0 0.5 0.5 0.5 0.25\n", "a.txt", 200, 100).tolist() == [[50, 37.5, 150, 62.5]]
    with pytest.raises(DataError, match=r"a\.txt:2: expected a class and four numbers"):
        parse_yolo("0 0.5 0.5 0.5 0.25\n0 0.5 x 1 1\n", "a.txt", 200, 100)


def write_set(root: Path, crowd: CrowdSet, grey: list[int], labels: list[str]) -> None:
    """Lay out one set of plain pictures with a bright square and their label files."""
    folder = (root / crowd.name / crowd.pattern.replace("*/*", "train/*")).parent
    folder.mkdir(parents=True)
    for index, (level, label) in enumerate(zip(grey, labels, strict=True)):
        image = np.full((90, 160, 3), level, np.uint8)
        cv2.imwrite(str(folder / f"{index:03}.png"), image)
        target = (folder / crowd.labels).resolve()
        target.mkdir(exist_ok=True)
        (target / f"{index:03}{crowd.suffix}").write_text(label)


def test_frames_of_one_run_stay_in_one_part(tmp_path: Path) -> None:
    heads = "<annotation></annotation>"
    write_set(tmp_path, HEADS, [10] * 3 + [100] * 3 + [200] * 18, [heads] * 24)
    parts = [photo.part for photo in read_crowd(HEADS, tmp_path)]
    assert parts == ["test"] * 6 + ["train"] * 18
    alone = [photo.part for photo in read_crowd(replace(HEADS, frames=False), tmp_path)]
    assert len(set(alone)) > 1


def test_a_photograph_with_a_damaged_label_is_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_set(tmp_path, FACES, [10, 20, 30], ["0 0.5 0.5 0.2 0.2", "nonsense", ""])
    found = list(read_crowd(FACES, tmp_path))
    assert [len(photo.boxes) for photo in found] == [1, 0]
    assert "001.txt:1" in caplog.text


def test_a_missing_set_says_where_it_belongs(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="FOOTFALL_WILD"):
        list_pictures(FACES, tmp_path)


def test_what_the_teachers_saw_is_stored_and_becomes_a_pool(tmp_path: Path) -> None:
    write_set(tmp_path, FACES, list(range(0, 240, 10)), ["0 0.375 0.667 0.25 0.444"] * 24)
    folder = tmp_path / "looks"
    assert store_looks(FACES, tmp_path, folder, OneFace(), OneFace()) == 24
    looks = list(load_looks(FACES.name, folder))
    assert [int(look.image[0, 0, 0]) for look in looks] == list(range(0, 240, 10))
    trained = [look for look in looks if look.part == "train"]
    (pool,) = load_crowd((FACES.name, "scut-head"), folder)
    assert 0 < len(pool) == len(trained) < 24
    for index, look in enumerate(trained):
        sample = pool.sample(index)
        assert (sample.image == look.image).all()
        assert np.allclose(sample.labels.boxes, [[40, 40, 80, 80]], atol=0.1)
    with pytest.raises(DataError, match="prepare"):
        list(load_looks("scut-head", folder))


def test_a_detection_in_an_ignored_region_counts_neither_way() -> None:
    box = np.array([[0, 0, 20, 20]], np.float32)
    found = faces((50, 50, 20, 0.9), (0, 0, 20, 0.8))
    assert average_precision(match_picture(found, box, 10), 10) == pytest.approx(0.5)
    region = np.array([[45, 45, 90, 90]], np.float32)
    assert average_precision(match_picture(found, box, 10, region), 10) == 1
