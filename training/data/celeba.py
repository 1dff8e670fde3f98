"""CelebA: faces of celebrities with forty attributes, gender among them (Liu et al., 2015)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from footfall.errors import DataError
from training.data.labelled import LabelledImage, require_folder

PARTITIONS = ("train", "valid", "test")


def read_celeba(folder: Path) -> list[LabelledImage]:
    """Return every face of `folder` with its gender; the group is the official part: train, valid or test.

    Expects `list_attr_celeba.txt`, `list_eval_partition.txt` and the folder `img_align_celeba`.

    Raises:
        DataError: a file is missing, a line is malformed or a picture has no part; the message names file and line.
    """
    require_folder(folder, "CelebA: list_attr_celeba.txt, list_eval_partition.txt and img_align_celeba/")
    parts = _read_partition(folder / "list_eval_partition.txt")
    faces = []
    for name, female in _read_male_attribute(folder / "list_attr_celeba.txt"):
        if name not in parts:
            raise DataError(f"{folder / 'list_eval_partition.txt'}: {name} has no part; fetch the file again")
        faces.append(LabelledImage(folder / "img_align_celeba" / name, parts[name], female=female))
    return faces


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise DataError(f"{path}: cannot be read; CelebA comes with this file") from None


def _read_partition(path: Path) -> dict[str, str]:
    parts = {}
    for number, line in enumerate(_lines(path), start=1):
        words = line.split()
        if len(words) != 2 or words[1] not in ("0", "1", "2"):
            raise DataError(f"{path}:{number}: expected a name and 0, 1 or 2, not {line!r}")
        parts[words[0]] = PARTITIONS[int(words[1])]
    return parts


def _read_male_attribute(path: Path) -> Iterator[tuple[str, bool]]:
    lines = _lines(path)
    if len(lines) < 2 or "Male" not in lines[1].split():
        raise DataError(f"{path}: the second line must name the attributes, Male among them")
    column = lines[1].split().index("Male") + 1
    for number, line in enumerate(lines[2:], start=3):
        words = line.split()
        if len(words) <= column or words[column] not in ("-1", "1"):
            raise DataError(f"{path}:{number}: expected a name and attributes of -1 or 1")
        yield words[0], words[column] == "-1"
