"""Data sets of photographs are read as their folders lie, and mistakes in them are named."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from footfall.errors import DataError
from training.data.framed import (
    CACHED_LANDMARKS,
    FramedRecord,
    cached_crop,
    frame_landmarks,
    framed,
    read_framed,
    write_framed,
)
from training.data.wild import read_all_age_faces, read_fairface, read_web_gender, wild_directory

HEAD = "file,age,gender,race,service_test\n"


def test_fairface_has_groups_gender_and_origin(tmp_path: Path) -> None:
    table = tmp_path / "fairface_label_train.csv"
    table.write_text(HEAD + "train/1.jpg,20-29,Female,East Asian,TRUE\ntrain/2.jpg,70-116,Male,White,FALSE\n")
    young, old = read_fairface(tmp_path)
    assert (young.youngest_years, young.oldest_years, young.female, young.origin) == (20, 29, True, "east asian")
    assert (old.youngest_years, old.oldest_years, old.female) == (70, 100, False)
    assert old.path == tmp_path / "train" / "2.jpg"


@pytest.mark.parametrize("row", ["train/1.jpg,03-Sep,Female,White,TRUE", "train/1.jpg,3-9,woman,White,TRUE"])
def test_a_bad_row_of_fairface_is_named(tmp_path: Path, row: str) -> None:
    table = tmp_path / "fairface_label_train.csv"
    table.write_text(HEAD + row + "\n")
    with pytest.raises(DataError, match=r"fairface_label_train\.csv:2"):
        read_fairface(tmp_path)


def test_all_age_faces_says_age_and_gender_in_the_name(tmp_path: Path) -> None:
    pictures = tmp_path / "original images"
    pictures.mkdir()
    for name in ("00000A02.jpg", "07380A80.jpg", "07381A45.jpg"):
        (pictures / name).touch()
    faces = read_all_age_faces(tmp_path)
    assert [(face.group, face.youngest_years, face.oldest_years, face.female) for face in faces] == [
        ("00000", 2, 2, True),
        ("07380", 80, 80, True),
        ("07381", 45, 45, False),
    ]
    (pictures / "holiday.jpg").touch()
    with pytest.raises(DataError, match=r"holiday\.jpg"):
        read_all_age_faces(tmp_path)


def test_web_crops_have_a_gender_and_no_age(tmp_path: Path) -> None:
    for name in ("man", "woman"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "face_1.jpg").touch()
    man, woman = read_web_gender(tmp_path)
    assert (man.female, woman.female, man.age_years) == (False, True, None)
    assert man.group != woman.group  # both files have the same name
    (tmp_path / "man" / "face_1.jpg").unlink()
    (tmp_path / "man").rmdir()
    with pytest.raises(DataError, match="man"):
        read_web_gender(tmp_path)


def test_the_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_WILD", str(tmp_path))
    assert wild_directory() == tmp_path
    monkeypatch.delenv("FOOTFALL_WILD")
    assert wild_directory().parts[-2:] == (".cache", "wild")


def dotted(landmarks: np.ndarray, size: int) -> np.ndarray:
    image = np.zeros((size, size, 3), np.uint8)
    for x, y in landmarks:
        cv2.circle(image, (round(float(x)), round(float(y))), size // 40, (255, 255, 255), -1)
    return image


def test_what_is_cached_is_seen_by_the_network_at_its_own_landmarks() -> None:
    landmarks = frame_landmarks(1.3) * np.float32(120) + np.array(
        [90, 60], np.float32
    )  # upright, somewhere in a photograph
    crop = cached_crop(dotted(landmarks, 300), landmarks)
    seen = framed(crop[None], 96, 1.3)[0]
    for picture, places in ((crop, CACHED_LANDMARKS), (seen, frame_landmarks(1.3))):
        for x, y in places * len(picture):
            assert picture[round(float(y)), round(float(x))].min() > 120


def test_a_cache_keeps_what_is_known_and_how_many_came(tmp_path: Path) -> None:
    image = np.full((128, 128, 3), 7, np.uint8)
    records = [
        FramedRecord("a", "a", image, 20, 29, True, "white"),
        FramedRecord("b", "b", image + 1, female=False),
    ]
    faces = write_framed(iter(records), tmp_path / "set.npy", 5)
    assert len(faces) == len(faces.images) == 2
    assert faces.youngest_years.tolist() == [20, -1] and faces.female.tolist() == [1, 0]
    assert read_framed(tmp_path / "set.npy").images[1].max() == 8
    with pytest.raises(DataError, match="no face came"):
        write_framed(iter([]), tmp_path / "none.npy", 5)
