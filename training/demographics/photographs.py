"""Faces to evaluate on that no training has seen: photographs with the landmarks that a detector finds, and crops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from footfall.types import FloatArray, ImageArray
from training.data.archive import data_directory, find_archives
from training.data.faces import UNKNOWN, held_out
from training.data.labelled import LabelledImage
from training.data.lfw import read_genders, read_lfw
from training.data.utkface import read_utkface
from training.data.widerface import read_genders as read_widerface_genders
from training.data.widerface import read_widerface
from training.data.wild import read_all_age_faces, read_fairface, read_web_gender, wild_directory
from training.demographics.metrics import Truth
from training.demographics.prepare import CROP_MARGIN_PX, middle_face
from training.detector.decode import OnnxFaces
from training.detector.samples import side_px
from training.detector.teacher import same_face

SMALLEST_STREET_PX = 24.0
SAME_FACE_IOU = 0.4

READERS: dict[str, tuple[Callable[[Path], list[LabelledImage]], int]] = {
    "fairface": (read_fairface, CROP_MARGIN_PX),
    "all-age-faces": (read_all_age_faces, 0),
    "web-gender": (read_web_gender, CROP_MARGIN_PX),
}


@dataclass(frozen=True, slots=True)
class Photographs:
    """Pictures uint8 (H, W, 3) BGR, the landmarks float32 (5, 2) px of their faces, what is true of them, and how many
    more there were in which no face was found."""

    images: list[ImageArray]
    landmarks: list[FloatArray]
    truth: Truth
    missed: int


@dataclass(frozen=True, slots=True)
class _Example:
    image: ImageArray
    margin_px: int
    youngest_years: int | None = None
    oldest_years: int | None = None
    female: bool | None = None
    origin: str = ""


def held_out_photographs(name: str, detector: OnnxFaces, share: float) -> Photographs:
    """Return the photographs of a data set, "lfw" or one of READERS, that a training which holds `share` out spares.

    Raises:
        DataError: the data set is missing or cannot be read.
    """
    return _find(_lfw(share) if name == "lfw" else _folder(name, share), detector)


def street_photographs(detector: OnnxFaces) -> Photographs:
    """Return the faces of 24 px and more in WIDER FACE's validation photographs whose gender annotators perceived.

    Raises:
        DataError: the data set is missing or cannot be read.
    """
    examples: list[_Example] = []
    landmarks: list[FloatArray] = []
    missed = 0
    for path, genders in read_widerface_genders(wild_directory() / "wider").items():
        image = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR), np.uint8)
        boxes = read_widerface(path).boxes
        found = detector.detect(image)
        for face in (face for face in genders if side_px(boxes[face : face + 1])[0] >= SMALLEST_STREET_PX):
            row = same_face(found, boxes[face], SAME_FACE_IOU)
            if row is None:
                missed += 1
                continue
            examples.append(_Example(image, 0, female=genders[face]))
            landmarks.append(found.landmarks[row])
    return _photographs(examples, landmarks, missed)


def find_in_crops(crops: ImageArray, truth: Truth, detector: OnnxFaces) -> Photographs:
    """Return UTKFace's `crops`, uint8 (N, S, S, 3), with the landmarks that `detector` finds where they end."""
    landmarks = [middle_face(detector, crop, CROP_MARGIN_PX) for crop in crops]
    rows = np.array([row for row, points in enumerate(landmarks) if points is not None], np.intp)
    kept = [points for points in landmarks if points is not None]
    part = Truth(truth.youngest_years[rows], truth.oldest_years[rows], truth.female[rows], truth.origins[rows])
    return Photographs(list(crops[rows]), kept, part, len(crops) - len(rows))


def read_crops(archives: tuple[Path, ...]) -> tuple[ImageArray, Truth]:
    """Return every UTKFace crop in `archives`, uint8 (N, 200, 200, 3) BGR, with its labels."""
    faces = list(read_utkface(archives))
    ages = np.array([face.label.age_years for face in faces], np.int16)
    female = np.array([face.label.female for face in faces], np.int16)
    origins = np.array([face.label.race.name.lower() for face in faces])
    return np.stack([face.image for face in faces]), Truth(ages, ages, female, origins)


def as_distant(faces: ImageArray, size_px: int) -> ImageArray:
    """Return `faces` as a camera sees them at `size_px`, enlarged again to their old size."""
    side, small = faces.shape[1:3], (size_px, size_px)
    distant = [
        cv2.resize(cv2.resize(face, small, interpolation=cv2.INTER_AREA), side, interpolation=cv2.INTER_LINEAR)
        for face in faces
    ]
    return np.asarray(distant, np.uint8)


def _folder(name: str, share: float) -> Iterator[_Example]:
    read, margin_px = READERS[name]
    pictures = read(wild_directory() / name)
    aside = held_out(np.array([picture.group for picture in pictures]), share)
    for row in np.flatnonzero(aside):
        one = pictures[row]
        yield _Example(one.read(), margin_px, one.youngest_years, one.oldest_years, one.female, one.origin)


def _lfw(share: float) -> Iterator[_Example]:
    genders = read_genders(data_directory() / "lfw-gender.csv")
    for face in read_lfw(find_archives("lfw-*.tar"), genders):
        if face.female is not None and held_out(np.array([face.person]), share)[0]:
            yield _Example(face.image, 0, female=face.female)


def _find(examples: Iterator[_Example], detector: OnnxFaces) -> Photographs:
    found: list[_Example] = []
    landmarks: list[FloatArray] = []
    missed = 0
    for example in examples:
        points = middle_face(detector, example.image, example.margin_px)
        if points is None:
            missed += 1
            continue
        found.append(example)
        landmarks.append(points)
    return _photographs(found, landmarks, missed)


def _photographs(found: list[_Example], landmarks: list[FloatArray], missed: int) -> Photographs:
    def labels(values: list[int | bool | None]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        return np.array([UNKNOWN if value is None else int(value) for value in values], np.int16)

    truth = Truth(
        labels([one.youngest_years for one in found]),
        labels([one.oldest_years for one in found]),
        labels([one.female for one in found]),
        np.array([one.origin for one in found]),
    )
    return Photographs([one.image for one in found], landmarks, truth, missed)
