"""WIDER FACE as its archives unpack: whose faces are annotated, what is held back, and who looks female."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from footfall.errors import DataError
from footfall.types import Detections
from training.data.crowds import SETS, read_crowd
from training.data.widerface import read_genders, read_widerface
from training.detector.agree import label_look
from training.detector.looks import look_at
from training.detector.samples import Image

WIDER = next(crowd for crowd in SETS if crowd.name == "wider")
HEAD = ",file,perceived_gender,perceived_age,perceived_skin,face\n"


def nested(rows: list[object]) -> np.ndarray[tuple[int, int], np.dtype[np.object_]]:
    """Return a column of cells, as Matlab writes lists of unlike things."""
    cells = np.empty((len(rows), 1), object)
    for index, row in enumerate(rows):
        cells[index, 0] = row
    return cells


def lay_out(root: Path, part: str, photos: dict[str, list[tuple[int, int, int, int, int]]]) -> list[Path]:
    """Write grey photographs of one event and their table: left, top, width, height, and whether it is invalid."""
    folder = root / "wider" / f"WIDER_{part}" / "images" / "0--Parade"
    folder.mkdir(parents=True)
    for name in photos:
        cv2.imwrite(str(folder / f"{name}.jpg"), np.full((240, 320, 3), 90, np.uint8))
    rows = [np.array(faces, float).reshape(-1, 5) for faces in photos.values()]
    table = {
        "event_list": nested(["0--Parade"]),
        "file_list": nested([nested(list(photos))]),
        "face_bbx_list": nested([nested([row[:, :4] for row in rows])]),
        "invalid_label_list": nested([nested([row[:, 4:].astype(np.uint8) for row in rows])]),
    }
    tables = root / "wider" / "wider_face_split"
    tables.mkdir(exist_ok=True)
    savemat(tables / f"wider_face_{part}.mat", table)
    return [folder / f"{name}.jpg" for name in photos]


class Sees:
    """Finds the same faces in every picture."""

    def __init__(self, *rows: tuple[float, float, float, float]) -> None:
        table = np.array(rows, np.float32).reshape(-1, 4)
        boxes = np.concatenate([table[:, :2], table[:, :2] + table[:, 2:3]], axis=1)
        self.faces = Detections(boxes, table[:, 3], np.repeat(boxes[:, None, :2] + 5, 5, axis=1))

    def detect(self, image: Image, scale: float = 1.0, min_score: float = 0.3) -> Detections:
        """Return those faces, whatever the scale."""
        return self.faces


def test_faces_keep_the_order_of_the_table_and_what_nobody_could_tell_is_marked(tmp_path: Path) -> None:
    (photo,) = lay_out(tmp_path, "train", {"a": [(10, 20, 30, 40, 0), (100, 100, 8, 8, 1), (5, 5, 0, 9, 0)]})
    faces = read_widerface(photo)
    assert faces.boxes.tolist() == [[10, 20, 40, 60], [100, 100, 108, 108], [5, 5, 5, 14]]
    assert faces.invalid.tolist() == [False, True, True]


def test_validation_photographs_are_held_back_and_training_ones_are_not(tmp_path: Path) -> None:
    lay_out(tmp_path, "train", {f"t{index}": [(10, 20, 30, 40, 0)] for index in range(60)})
    lay_out(tmp_path, "val", {"v": [(10, 20, 30, 40, 0), (100, 100, 8, 8, 1)]})
    photos = {photo.name: photo for photo in read_crowd(WIDER, tmp_path)}
    held_back = photos.pop("wider/v")
    assert held_back.part == "test"
    assert held_back.boxes.tolist() == [[10, 20, 40, 60]] and held_back.ignored.tolist() == [[100, 100, 108, 108]]
    parts = [photo.part for photo in photos.values()]
    assert set(parts) == {"train", "validation"} and parts.count("validation") < 12


def test_every_annotated_face_is_a_label_and_what_a_teacher_alone_sees_is_left_open(tmp_path: Path) -> None:
    lay_out(tmp_path, "val", {"v": [(10, 20, 30, 30, 0), (200, 20, 12, 12, 0), (100, 100, 8, 8, 1)]})
    (photo,) = read_crowd(WIDER, tmp_path)
    teacher = Sees((11, 21, 30, 0.9), (60, 150, 20, 0.8), (250, 150, 20, 0.3))
    labels = label_look(look_at(photo, WIDER, teacher, None), WIDER.kind)
    assert labels.boxes[:, 0].tolist() == [10, 200]
    assert np.isfinite(labels.landmarks[0]).all() and np.isnan(labels.landmarks[1]).all()
    assert sorted(labels.ignored[:, 0].tolist()) == [60, 100]


def test_genders_are_told_by_the_number_of_the_face(tmp_path: Path) -> None:
    (photo,) = lay_out(tmp_path, "val", {"v": [(10, 20, 30, 30, 0)] * 3})
    rows = ("Female,Adult,I,0", "Not Sure,Adult,I,1", "Male,Adult,I,2")
    text = "".join(f"{index},images/0--Parade/v.jpg,{row}\n" for index, row in enumerate(rows))
    table = tmp_path / "wider" / "demographics_val.csv"
    table.write_text(f"{HEAD}{text}9,images/0--Parade/elsewhere.jpg,Male,Adult,I,0\n")
    assert read_genders(tmp_path / "wider") == {photo: {0: True, 2: False}}
    table.write_text(f"{HEAD}0,images/0--Parade/v.jpg,Woman,Adult,I,0\n")
    with pytest.raises(DataError, match=r"demographics_val\.csv:2: expected Female"):
        read_genders(tmp_path / "wider")


def test_a_missing_or_damaged_table_is_named(tmp_path: Path) -> None:
    (photo,) = lay_out(tmp_path, "val", {"v": [(10, 20, 30, 30, 0)]})
    with pytest.raises(DataError, match="does not know w"):
        read_widerface(photo.with_name("w.jpg"))
    with pytest.raises(DataError, match=r"demographics_val\.csv: cannot be read"):
        read_genders(tmp_path / "wider")
    other = photo.parents[2].with_name("WIDER_train") / "images" / "0--Parade" / "t.jpg"
    (tmp_path / "wider" / "wider_face_split" / "wider_face_train.mat").write_bytes(b"no table at all" * 20)
    with pytest.raises(DataError, match=r"wider_face_train\.mat: not readable"):
        read_widerface(other)
