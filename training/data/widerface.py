"""WIDER FACE (Yang et al., CVPR 2016): photographs of events whose every face is annotated, laid out as unpacked."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from footfall.errors import DataError

TABLES = "wider_face_split"
GENDERS = "demographics_val.csv"


@dataclass(frozen=True, slots=True)
class Annotated:
    """The annotated faces of one photograph in the order of the tables, which number them.

    `boxes` float32 (N, 4) xyxy in pixels; `invalid` bool (N,) is true where the annotators could not tell a face.
    """

    boxes: NDArray[np.float32]
    invalid: NDArray[np.bool_]


def widerface_part(photo: Path) -> str:
    """Say which part of the set a photograph `WIDER_<part>/images/<event>/<name>.jpg` belongs to: train or val."""
    return photo.parents[2].name.removeprefix("WIDER_")


def read_widerface(photo: Path) -> Annotated:
    """Return what the tables in `wider_face_split`, beside `WIDER_train` and `WIDER_val`, say of a photograph.

    Raises:
        DataError: the table is missing or damaged, or does not know the photograph.
    """
    path = photo.parents[3] / TABLES / f"wider_face_{widerface_part(photo)}.mat"
    faces = _read_table(path).get(photo.stem)
    if faces is None:
        raise DataError(f"{path} does not know {photo.name}; take photographs and tables from one release")
    return faces


def read_genders(folder: Path) -> dict[Path, dict[int, bool]]:
    """Return who looks female in the validation photographs in `folder`: of each, the numbers of its faces.

    Gender is as annotators perceived it (Yang et al., "Enhancing Fairness in Face Detection in Computer Vision Systems
    by Demographic Bias Mitigation", AIES 2022: widerface-demographics); whom they were not sure of is left out, as are
    photographs that are not there.

    Raises:
        DataError: the table is missing or a row is malformed; the message names file and line.
    """
    table = folder / GENDERS
    found: dict[Path, dict[int, bool]] = {}
    try:
        with table.open(encoding="utf-8", newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream), start=2):
                gender, face = row.get("perceived_gender"), row.get("face") or ""
                if gender not in ("Female", "Male", "Not Sure") or not face.isdigit():
                    raise DataError(f"{table}:{number}: expected Female, Male or Not Sure and the number of a face")
                photo = folder / "WIDER_val" / (row.get("file") or "")
                if gender != "Not Sure" and photo.is_file():
                    found.setdefault(photo, {})[int(face)] = gender == "Female"
    except OSError as error:
        raise DataError(f"{table}: cannot be read: {error.strerror}") from None
    return found


@cache
def _read_table(path: Path) -> dict[str, Annotated]:
    try:
        table = loadmat(path)
        columns = (table[name][:, 0] for name in ("file_list", "face_bbx_list", "invalid_label_list"))
        return {
            str(name[0][0]): _faces(boxes[0], invalid[0])
            for names, all_boxes, all_invalid in zip(*columns, strict=True)
            for name, boxes, invalid in zip(names, all_boxes, all_invalid, strict=True)
        }
    except (OSError, ValueError, KeyError, IndexError, TypeError, NotImplementedError) as error:
        raise DataError(
            f"{path}: not readable as a table of WIDER FACE ({error}); unpack wider_face_split.zip"
        ) from None


def _faces(boxes: NDArray[np.float64], invalid: NDArray[np.uint8]) -> Annotated:
    """Take corner and extent as corners; a box without extent is no face that anybody saw."""
    corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:4]], axis=1).astype(np.float32)
    return Annotated(corners, (invalid[:, 0] > 0) | (boxes[:, 2:4] <= 0).any(axis=1))
