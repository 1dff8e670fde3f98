"""From data sets to caches of aligned faces, one each, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from footfall.errors import ConfigError
from footfall.types import Detections, FloatArray, ImageArray
from training.data.archive import data_directory, find_archives, list_images
from training.data.faces import UTKFACE_LANDMARKS
from training.data.framed import FramedFaces, FramedRecord, cached_crop, write_framed
from training.data.labelled import LabelledImage
from training.data.lfw import read_genders, read_lfw
from training.data.utkface import UtkFace, read_utkface
from training.data.wild import read_all_age_faces, read_fairface, read_web_gender, wild_directory
from training.detector.decode import OnnxFaces

LEAST_SCORE = 0.1
CROP_MARGIN_PX = 60
DataSet = tuple[Iterator[FramedRecord], int]


def default_landmark_model() -> Path:
    """Return where YuNet lies beside the data sets."""
    return data_directory().parent / "models" / "yunet_n_dynamic.onnx"


def prepare(name: str, path: Path, landmark_model: Path) -> FramedFaces:
    """Write the data set `name` (one of SETS) to the cache at `path`; photographs without a found face are left out.

    Raises:
        ConfigError: there is no such data set.
        DataError: its files are missing, or one carries no readable label.
        ModelError: `landmark_model` cannot be loaded.
    """
    if name not in SETS:
        raise ConfigError(f"no data set {name!r}; there are {', '.join(SETS)}")
    records, most = SETS[name](OnnxFaces(landmark_model))
    return write_framed(records, path, most)


def _fairface(detector: OnnxFaces) -> DataSet:
    return _photographs(read_fairface(wild_directory() / "fairface"), detector, CROP_MARGIN_PX)


def _all_age_faces(detector: OnnxFaces) -> DataSet:
    return _photographs(read_all_age_faces(wild_directory() / "all-age-faces"), detector, 0)


def _web_gender(detector: OnnxFaces) -> DataSet:
    return _photographs(read_web_gender(wild_directory() / "web-gender"), detector, CROP_MARGIN_PX)


def _photographs(pictures: list[LabelledImage], detector: OnnxFaces, margin_px: int) -> DataSet:
    def records() -> Iterator[FramedRecord]:
        for picture in pictures:
            image = picture.read()
            landmarks = middle_face(detector, image, margin_px)
            if landmarks is not None:
                crop = cached_crop(image, landmarks)
                ages = picture.youngest_years, picture.oldest_years
                yield FramedRecord(picture.path.name, picture.group, crop, *ages, picture.female, picture.origin)

    return records(), len(pictures)


def _utkface(detector: OnnxFaces) -> DataSet:
    archives = find_archives("utkface-train-*.tar")
    return (utkface_record(face) for face in read_utkface(archives)), len(list_images(archives))


def utkface_record(face: UtkFace) -> FramedRecord:
    """Return `face` as its crop frames it; one minute of the crawl is one group, its faces are often one person's."""
    label = face.label
    crop = cached_crop(face.image, UTKFACE_LANDMARKS * np.float32(face.image.shape[0]))
    age_years, origin = label.age_years, label.race.name.lower()
    return FramedRecord(face.name, label.taken[:12], crop, age_years, age_years, label.female, origin)


def _lfw(detector: OnnxFaces) -> DataSet:
    archives = find_archives("lfw-*.tar")
    genders = read_genders(data_directory() / "lfw-gender.csv")

    def records() -> Iterator[FramedRecord]:
        for face in read_lfw(archives, genders):
            landmarks = middle_face(detector, face.image)
            if landmarks is not None and face.female is not None:
                yield FramedRecord(face.name, face.person, cached_crop(face.image, landmarks), female=face.female)

    return records(), len(list_images(archives))


SETS: dict[str, Callable[[OnnxFaces], DataSet]] = {
    "fairface": _fairface,
    "utkface": _utkface,
    "all-age-faces": _all_age_faces,
    "lfw": _lfw,
    "web-gender": _web_gender,
}


def middle_face(detector: OnnxFaces, image: ImageArray, margin_px: int = 0) -> FloatArray | None:
    """Return the landmarks float32 (5, 2) px of the face that `image` is about, or None without a face.

    That is the sure, large one near the middle. `margin_px` repeats the border of a tight crop, so that the detector
    sees a face with something around it.
    """
    sides = (margin_px,) * 4
    framed = np.asarray(cv2.copyMakeBorder(image, *sides, cv2.BORDER_REPLICATE), np.uint8)
    faces = detector.detect(framed, min_score=LEAST_SCORE)
    if not len(faces):
        return None
    return np.asarray(faces.landmarks[nearest_the_middle(faces, framed)] - np.float32(margin_px), np.float32)


def nearest_the_middle(faces: Detections, image: ImageArray) -> int:
    """Return the row of the sure, large face near the middle of `image`."""
    middle = np.array(image.shape[1::-1], np.float32) / 2.0
    size_px = (faces.boxes[:, 2:] - faces.boxes[:, :2]).prod(1) ** 0.5
    distance_px = np.linalg.norm((faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2.0 - middle, axis=1)
    return int((faces.scores * size_px - distance_px).argmax())
