"""From data sets to caches of aligned faces and of what the teacher says of each, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from footfall.errors import ConfigError, DataError
from footfall.types import FloatArray, ImageArray
from inference.alignment import align_face
from training.data.archive import data_directory, find_archives, list_images
from training.data.framed import FramedFaces, FramedRecord, cached_crop, read_framed, write_framed
from training.data.labelled import LabelledImage
from training.data.lfw import read_genders, read_lfw
from training.data.people import read_adience_people, read_celeba_people, read_people_folders
from training.data.utkface import read_utkface
from training.data.wild import read_all_age_faces, read_fairface, read_web_gender, wild_directory
from training.demographics.prepare import CROP_MARGIN_PX, middle_face
from training.detector.decode import OnnxFaces
from training.dlib_network import CHIP_PX, DlibNetwork, describe

# Where dlib's own alignment (get_face_chip, padding 0.25) puts YuNet's landmarks, in units of the chip: the median of
# 200 faces of LFW.
TEACHER_LANDMARKS = np.array(
    [[0.3126, 0.3014], [0.6622, 0.2960], [0.5003, 0.5026], [0.3433, 0.6708], [0.6422, 0.6655]], np.float32
)
DETECTED_UP_TO_PX = 640
TEACHER_BATCH = 64


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture uint8 (H, W, 3) BGR, its name, the group that must stay together, and what is known of the face."""

    name: str
    group: str
    image: ImageArray
    female: bool | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class TaughtFaces:
    """Cached faces and the teacher's descriptors, float32 (N, 2, 128), of each and of its mirror image."""

    faces: FramedFaces
    descriptors: FloatArray


def prepare(name: str, cache: Path, detector: OnnxFaces, teacher: DlibNetwork) -> TaughtFaces:
    """Write the set `name` (one of SETS) into the folder `cache`; photographs without a found face are left out.

    Raises:
        ConfigError: there is no such data set.
        DataError: its files are missing, or one carries no readable label.
    """
    if name not in SETS:
        raise ConfigError(f"no data set {name!r}; there are {', '.join(SETS)}")
    count, photographs, margin_px = SETS[name]()
    looks = _Looks(teacher)
    write_framed(_records(photographs, margin_px, detector, looks), cache / f"{name}.npy", count)
    np.save(cache / f"{name}.teacher.npy", looks.descriptors())
    return read_taught(name, cache)


def read_taught(name: str, cache: Path) -> TaughtFaces:
    """Return the set `name` as `prepare` wrote it into the folder `cache`.

    Raises:
        DataError: it is not there, or its two files do not belong together.
    """
    faces = read_framed(cache / f"{name}.npy")
    path = cache / f"{name}.teacher.npy"
    if not path.exists():
        raise DataError(f"no {path}; run `python -m training embedding prepare {name}`")
    descriptors = np.load(path)
    if len(descriptors) != len(faces):
        raise DataError(f"{path} is of another cache; run `python -m training embedding prepare {name}`")
    return TaughtFaces(faces, descriptors)


class _Looks:
    """Collects chips and asks the teacher about them and their mirror images, a batch at a time."""

    def __init__(self, teacher: DlibNetwork) -> None:
        self._teacher = teacher
        self._waiting: list[ImageArray] = []
        self._done: list[FloatArray] = []

    def add(self, chip: ImageArray) -> None:
        self._waiting.append(chip)
        if len(self._waiting) == TEACHER_BATCH:
            self._ask()

    def descriptors(self) -> FloatArray:
        if self._waiting:
            self._ask()
        return np.concatenate(self._done)

    def _ask(self) -> None:
        chips = np.stack(self._waiting)
        mirrored = np.ascontiguousarray(chips[:, :, ::-1])
        self._done.append(np.stack([describe(self._teacher, chips), describe(self._teacher, mirrored)], axis=1))
        self._waiting.clear()


def _records(
    photographs: Iterator[Photograph], margin_px: int, detector: OnnxFaces, looks: _Looks
) -> Iterator[FramedRecord]:
    for photograph in photographs:
        image = photograph.image
        factor = DETECTED_UP_TO_PX / max(image.shape)
        if factor < 1.0:
            image = np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
        landmarks = middle_face(detector, image, margin_px)
        if landmarks is not None:
            looks.add(align_face(image, landmarks, TEACHER_LANDMARKS, CHIP_PX))
            crop = cached_crop(image, landmarks)
            known = {"female": photograph.female, "origin": photograph.origin}
            yield FramedRecord(photograph.name, photograph.group, crop, **known)  # type: ignore[arg-type]


DataSet = tuple[int, Iterator[Photograph], int]


def _folder(name: str, read: Callable[[Path], list[LabelledImage]], margin_px: int) -> DataSet:
    pictures = read(wild_directory() / name)
    photographs = (Photograph(one.path.name, one.group, one.read(), one.female, one.origin) for one in pictures)
    return len(pictures), photographs, margin_px


def _utkface() -> DataSet:
    archives = find_archives("utkface-train-*.tar")
    photographs = (
        Photograph(face.name, face.label.taken[:12], face.image, face.label.female, face.label.race.name.lower())
        for face in read_utkface(archives)
    )
    return len(list_images(archives)), photographs, CROP_MARGIN_PX


def _lfw() -> DataSet:
    archives = find_archives("lfw-*.tar")
    genders = read_genders(data_directory() / "lfw-gender.csv")
    photographs = (Photograph(face.name, face.person, face.image, face.female) for face in read_lfw(archives, genders))
    return len(list_images(archives)), photographs, 0


SETS: dict[str, Callable[[], DataSet]] = {
    "lfw": _lfw,
    "celeba": partial(_folder, "celeba", read_celeba_people, 0),
    "fairface": partial(_folder, "fairface", read_fairface, CROP_MARGIN_PX),
    "utkface": _utkface,
    "all-age-faces": partial(_folder, "all-age-faces", read_all_age_faces, 0),
    "glint-24": partial(_folder, "glint-24", read_people_folders, CROP_MARGIN_PX),
    "bollywood-100": partial(_folder, "bollywood-100", read_people_folders, CROP_MARGIN_PX),
    "web-gender": partial(_folder, "web-gender", read_web_gender, CROP_MARGIN_PX),
    "adience-3": partial(_folder, "adience-3", read_adience_people, 0),
}
