"""Photographs of faces "in the wild", laid out in one folder a data set: FairFace, All-Age-Faces, and web crops."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

from footfall.errors import DataError
from training.data.labelled import LabelledImage, require_folder

FEMALE_UP_TO_ID = 7380
OLDEST_YEARS = 100
_ALL_AGE_NAME = re.compile(r"(\d{5})A(\d{2,3})")


def wild_directory() -> Path:
    """Return where the photographs lie: `FOOTFALL_WILD`, or `.cache/wild` in the project."""
    named = os.environ.get("FOOTFALL_WILD")
    return Path(named) if named else Path(__file__).resolve().parents[2] / ".cache" / "wild"


def read_fairface(folder: Path) -> list[LabelledImage]:
    """Return every face of `fairface_label_train.csv` in `folder`: age group, gender and origin (FairFace, WACV 2021).

    Raises:
        DataError: the table is missing or a row is malformed; the message names file and line.
    """
    require_folder(folder, "FairFace: fairface_label_train.csv and train/")
    table = folder / "fairface_label_train.csv"
    faces = []
    try:
        with table.open(encoding="utf-8", newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream), start=2):
                faces.append(_fairface_row(folder, row, f"{table}:{number}"))
    except OSError as error:
        raise DataError(f"{table}: cannot be read: {error.strerror}") from None
    return faces


def _fairface_row(folder: Path, row: dict[str, str], where: str) -> LabelledImage:
    youngest, dash, oldest = row.get("age", "").partition("-")
    if not dash or not youngest.isdigit() or not oldest.isdigit() or row.get("gender") not in ("Female", "Male"):
        raise DataError(f"{where}: expected an age group like 20-29 and Female or Male")
    return LabelledImage(
        folder / row["file"],
        row["file"],
        int(youngest),
        min(int(oldest), OLDEST_YEARS),
        row["gender"] == "Female",
        row["race"].lower(),
    )


def read_all_age_faces(folder: Path) -> list[LabelledImage]:
    """Return every photograph of All-Age-Faces with the age and gender that its name says (Cheng et al., 2019).

    Raises:
        DataError: the folder is missing, or a name does not follow the pattern.
    """
    pictures = require_folder(folder / "original images", "All-Age-Faces: the folder 'original images'")
    faces = []
    for path in sorted(pictures.glob("*.jpg")):
        match = _ALL_AGE_NAME.fullmatch(path.stem)
        if match is None:
            raise DataError(f"{path}: expected a name like 00123A45.jpg; rename or remove the file")
        age_years, female = int(match[2]), int(match[1]) <= FEMALE_UP_TO_ID
        faces.append(LabelledImage(path, match[1], age_years, age_years, female))
    return faces


def read_web_gender(folder: Path) -> list[LabelledImage]:
    """Return the web crops in the folders `man` and `woman`, whose age nobody said.

    Raises:
        DataError: a folder is missing.
    """
    faces = []
    for name in ("man", "woman"):
        pictures = require_folder(folder / name, f"web crops: {folder.name}/man and {folder.name}/woman")
        files = sorted(path for path in pictures.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
        faces += [LabelledImage(path, f"{name}/{path.name}", female=name == "woman") for path in files]
    return faces
