"""Photographs by person: CelebA's identities, folders named after a person, and the people of Adience's users."""

from __future__ import annotations

import csv
from pathlib import Path

from footfall.errors import DataError
from training.data.archive import IMAGE_SUFFIXES
from training.data.labelled import LabelledImage, require_folder

IDENTITIES = "identity_CelebA.txt"


def read_celeba_people(folder: Path) -> list[LabelledImage]:
    """Return the photographs of `folder` that `identity_CelebA.txt` names; the group is `celeba-` and the identity.

    Raises:
        DataError: the file is missing or a line is malformed; the message names file and line.
    """
    table = require_folder(folder, f"CelebA: photographs and {IDENTITIES}") / IDENTITIES
    try:
        lines = table.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{table}: cannot be read: {error.strerror}") from None
    faces = []
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if len(words) != 2 or not words[1].isdigit():
            raise DataError(f"{table}:{number}: expected a file name and an identity, not {line!r}")
        if (folder / words[0]).is_file():  # public copies hold a part of the pictures that the list names
            faces.append(LabelledImage(folder / words[0], f"celeba-{words[1]}"))
    return faces


def read_people_folders(folder: Path) -> list[LabelledImage]:
    """Return the pictures of `folder`, one sub-folder a person; the group is its name, spaces as underscores.

    That is how LFW writes names, so that a person whom two sets know is one group.

    Raises:
        DataError: there is no picture in any sub-folder.
    """
    require_folder(folder, "one sub-folder a person")
    faces = [
        LabelledImage(path, person.name.replace(" ", "_"))
        for person in sorted(path for path in folder.iterdir() if path.is_dir())
        for path in sorted(person.iterdir())
        if path.suffix.lower() in IMAGE_SUFFIXES
    ]
    if not faces:
        raise DataError(f"{folder}: no pictures in its sub-folders; expected one sub-folder a person")
    return faces


def read_adience_people(folder: Path) -> list[LabelledImage]:
    """Return the tilt-aligned faces of each `data/fold_*_data.txt` in `folder`; the group is user and person.

    Raises:
        DataError: there is no fold, or one lacks a column.
    """
    data = require_folder(folder / "data", "Adience: data/fold_0_data.txt and a folder for each user")
    folds = sorted(data.glob("fold_*_data.txt"))
    if not folds:
        raise DataError(f"{data}: no fold_*_data.txt; put the fold files of Adience there")
    faces = []
    for fold in folds:
        with fold.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                try:
                    user, person = row["user_id"], row["face_id"]
                    name = f"coarse_tilt_aligned_face.{person}.{row['original_image']}"
                    female = {"f": True, "m": False}.get(row["gender"])
                except KeyError as error:
                    raise DataError(f"{fold}: lacks the column {error}; fetch the file again") from None
                if (data / user / name).is_file():
                    faces.append(LabelledImage(data / user / name, f"adience-{user}-{person}", female=female))
    return faces
