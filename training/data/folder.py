"""Any labelled folder: one sub-folder a class, or UTKFace names."""

from __future__ import annotations

import re
from pathlib import Path

from footfall.errors import DataError
from training.data.archive import IMAGE_SUFFIXES
from training.data.labelled import LabelledImage, require_folder
from training.data.utkface import bad_names, parse_name

GENDERS = {
    "female": True,
    "woman": True,
    "women": True,
    "f": True,
    "male": False,
    "man": False,
    "men": False,
    "m": False,
}
_AGE = re.compile(r"(\d{1,3})(?:-(\d{1,3})|\+)?")


def read_folder(folder: Path) -> list[LabelledImage]:
    """Return the pictures of `folder`, labelled by the names of its sub-folders or, without any, by UTKFace names.

    A sub-folder is a gender (female, male, ...), an age ("25"), an age range ("25-34", "65+"), or both joined by an
    underscore ("female_25-34").

    Raises:
        DataError: the folder is empty, or a name says nothing; the message names it.
    """
    require_folder(folder, "one sub-folder a class, or pictures with UTKFace names")
    classes = sorted(path for path in folder.iterdir() if path.is_dir())
    faces = [face for path in classes for face in _read_class(path)] if classes else _read_utkface_names(folder)
    if not faces:
        raise DataError(f"{folder}: holds no picture ({', '.join(IMAGE_SUFFIXES)})")
    return faces


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)


def _read_class(folder: Path) -> list[LabelledImage]:
    female: bool | None = None
    youngest: int | None = None
    oldest: int | None = None
    for part in folder.name.lower().split("_"):
        if part in GENDERS:
            female = GENDERS[part]
        elif match := _AGE.fullmatch(part):
            youngest = int(match[1])
            oldest = int(match[2]) if match[2] else (100 if part.endswith("+") else youngest)
        else:
            raise DataError(
                f"{folder}: {part!r} is no gender, age or age range; expected like female, 25-34, female_25-34"
            )
    return [LabelledImage(path, path.stem, youngest, oldest, female) for path in _pictures(folder)]


def _read_utkface_names(folder: Path) -> list[LabelledImage]:
    pictures = _pictures(folder)
    bad = bad_names([path.name for path in pictures])
    if bad:
        raise DataError(
            f"{folder}: {len(bad)} names carry no UTKFace label, {bad[0]} among them; rename or remove them"
        )
    labels = [(path, parse_name(path.name)) for path in pictures]
    return [
        LabelledImage(path, label.taken[:12], label.age_years, label.age_years, label.female) for path, label in labels
    ]
