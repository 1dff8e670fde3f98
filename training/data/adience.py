"""Adience: photographs in five folds of people, eight age groups and gender (Eidinger, Enbar and Hassner, 2014)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from footfall.errors import DataError
from training.data.labelled import LabelledImage, require_folder

ADIENCE_GROUPS = ((0, 2), (4, 6), (8, 13), (15, 20), (25, 32), (38, 43), (48, 53), (60, 100))
COLUMNS = ("user_id", "original_image", "face_id", "age", "gender")
_RANGE = re.compile(r"\((\d+), ?(\d+)\)")


def read_adience(folder: Path) -> list[LabelledImage]:
    """Return the faces of every `fold_*_data.txt` in `folder`; the group of a face is its fold.

    Faces without an age keep their gender, and the other way round. Ages that are single numbers stay exact; the few
    ranges that differ from the eight groups (like "(38, 48)") stay as they are, for `nearest_group` to place.

    Raises:
        DataError: there is no fold, or a line is malformed; the message names file and line.
    """
    require_folder(folder, "Adience: fold_0_data.txt to fold_4_data.txt and the folder aligned/ or faces/")
    folds = sorted(folder.glob("fold_*_data.txt"))
    if not folds:
        raise DataError(f"{folder}: no fold_*_data.txt; put the fold files of Adience there")
    pictures = folder / "aligned" if (folder / "aligned").is_dir() else folder / "faces"
    return [face for fold in folds for face in _read_fold(fold, pictures)]


def nearest_group(face: LabelledImage) -> int | None:
    """Return which of the eight groups holds the middle of the face's age, or lies nearest; None without an age."""
    if face.age_years is None:
        return None
    middle = face.age_years
    distances = [max(low - middle, middle - high, 0.0) for low, high in ADIENCE_GROUPS]
    return distances.index(min(distances))


def _read_fold(fold: Path, pictures: Path) -> Iterator[LabelledImage]:
    with fold.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        if not set(COLUMNS) <= set(rows.fieldnames or ()):
            raise DataError(f"{fold}: the first line must name the columns {', '.join(COLUMNS)}")
        for number, row in enumerate(rows, start=2):
            youngest, oldest = _parse_age(row["age"], f"{fold}:{number}")
            prefix = "landmark_aligned_face" if pictures.name == "aligned" else "coarse_tilt_aligned_face"
            name = f"{prefix}.{row['face_id']}.{row['original_image']}"
            female = _parse_gender(row["gender"], f"{fold}:{number}")
            yield LabelledImage(pictures / row["user_id"] / name, fold.stem, youngest, oldest, female)


def _parse_age(text: str, where: str) -> tuple[int | None, int | None]:
    if text in ("", "None"):
        return None, None
    if match := _RANGE.fullmatch(text):
        return int(match[1]), int(match[2])
    if text.isdigit():
        return int(text), int(text)
    raise DataError(f"{where}: {text!r} is no age; expected a number, a range like '(25, 32)' or None")


def _parse_gender(text: str, where: str) -> bool | None:
    if text in ("", "u"):
        return None
    if text not in ("f", "m"):
        raise DataError(f"{where}: {text!r} is no gender; expected f, m or u")
    return text == "f"
