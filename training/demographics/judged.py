"""What exported networks say of faces that no training saw, at each size in which a camera shows them; judged once.

Of the faces that a training holds out, those whose group's hash lies in [0.05, 0.1), and half of UTKFace's part kept
back, are for benchmarks; the rest, with the fiftieth that the outputs were calibrated on, is for tables of confusions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnx

from footfall.types import Detections, FloatArray, ImageArray
from inference.attributes import AttributeModel, load_attributes
from inference.manifest import resolve_model
from training.arrays import kept, select_rows
from training.data.archive import data_directory, find_archives
from training.data.faces import UNKNOWN, fraction_of
from training.data.lfw import read_genders, read_lfw
from training.data.utkface import read_utkface
from training.data.wild import wild_directory
from training.demographics.metrics import Mask
from training.demographics.photographs import READERS
from training.demographics.prepare import CROP_MARGIN_PX, middle_face
from training.detector.decode import OnnxFaces

CACHE = Path(".cache/judged")
SETS = ("fairface", "all-age-faces", "utkface", "utkface-val", "lfw", "web-gender")
SIZES_PX = (28, 40, 80)
"""Size in pixels that faces are shrunk to, judged by the distance of the eyes."""
EYES_PER_FACE = 0.42
"""Distance of the eyes as a part of the face's size. The built-in detector's boxes give 0.38 to 0.41, half of them less
than 0.395: by them, the faces are 6 % larger than SIZES_PX says."""
HELD_OUT, WITH_CALIBRATION, BENCHMARK_FROM = 0.1, 0.12, 0.05


@dataclass(frozen=True, slots=True)
class JudgedFaces:
    """Labels and judgements of N faces at S sizes (SIZES_PX).

    `youngest_years`, `oldest_years` and `female` int16 (N,), UNKNOWN (-1) where nobody said; `for_benchmark` bool (N,);
    `p_female` float32 (N, S); `age_probabilities` float32 (N, S, 101).
    """

    youngest_years: npt.NDArray[np.int16]
    oldest_years: npt.NDArray[np.int16]
    female: npt.NDArray[np.int16]
    for_benchmark: Mask
    p_female: FloatArray
    age_probabilities: FloatArray

    def __len__(self) -> int:
        return len(self.female)

    def select(self, rows: Mask | npt.NDArray[np.intp]) -> JudgedFaces:
        """Return the faces at `rows`."""
        return select_rows(self, rows)


@dataclass(frozen=True, slots=True)
class _Face:
    image: ImageArray
    margin_px: int
    for_benchmark: bool
    youngest_years: int | None = None
    oldest_years: int | None = None
    female: bool | None = None


def judged_faces(model: Path, sets: Sequence[str], cache: Path = CACHE) -> JudgedFaces:
    """Return the held-back faces of `sets` as the network at `model` judges them, from `cache` once they were judged.

    Raises:
        DataError: a data set is missing or cannot be read.
        ModelError: `model` or the built-in detector cannot be loaded.
    """
    parts = [_judged(model, name, cache) for name in sets]
    return JudgedFaces(*(np.concatenate([getattr(one, f.name) for one in parts]) for f in fields(JudgedFaces)))


def _judged(model: Path, name: str, cache: Path) -> JudgedFaces:
    path = cache / f"{_weights_of(model)}-{name}.npz"
    return kept(path, JudgedFaces, lambda: _judge(load_attributes(model), _faces(name)))


def _judge(network: AttributeModel, faces: Iterator[_Face]) -> JudgedFaces:
    detector = OnnxFaces(resolve_model("built-in", "detector"))
    found: list[_Face] = []
    p_female, ages = [], []
    for face in faces:
        landmarks = middle_face(detector, face.image, face.margin_px)
        if landmarks is None:
            continue
        said = [network.predict(*_at_size(face.image, landmarks, size_px))[0] for size_px in SIZES_PX]
        found.append(face)
        p_female.append([one.p_female for one in said])
        ages.append([one.age_probabilities for one in said])
    return JudgedFaces(
        _labels([face.youngest_years for face in found]),
        _labels([face.oldest_years for face in found]),
        _labels([face.female for face in found]),
        np.array([face.for_benchmark for face in found], np.bool_),
        np.array(p_female, np.float32),
        np.array(ages, np.float32),
    )


def _at_size(image: ImageArray, landmarks: FloatArray, size_px: int) -> tuple[ImageArray, Detections]:
    """Return the picture shrunk until its face is `size_px` large, never enlarged, and the face in it."""
    face_px = float(np.linalg.norm(landmarks[1] - landmarks[0])) / EYES_PER_FACE
    scale = min(1.0, size_px / max(face_px, 1.0))
    small = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    points = (landmarks * scale).astype(np.float32)
    box = np.concatenate([points.min(0), points.max(0)]).astype(np.float32)
    return small, Detections(box[None], np.ones(1, np.float32), points[None])


def _faces(name: str) -> Iterator[_Face]:
    if name == "lfw":
        genders = read_genders(data_directory() / "lfw-gender.csv")
        for photograph in read_lfw(find_archives("lfw-*.tar"), genders):
            place = fraction_of(photograph.person)
            if photograph.female is not None and place < WITH_CALIBRATION:
                yield _Face(photograph.image, 0, _for_benchmark(place), female=photograph.female)
    elif name.startswith("utkface"):
        whole = name == "utkface-val"
        for crop in read_utkface(find_archives("utkface-val.tar" if whole else "utkface-train-*.tar")):
            age, place = crop.label.age_years, fraction_of(crop.label.taken[:12])
            aside = place >= 0.5 if whole else _for_benchmark(place)
            if whole or place < WITH_CALIBRATION:
                yield _Face(crop.image, CROP_MARGIN_PX, aside, age, age, crop.label.female)
    else:
        read, margin_px = READERS[name]
        for picture in read(wild_directory() / name):
            place = fraction_of(picture.group)
            if place < WITH_CALIBRATION:
                known = picture.youngest_years, picture.oldest_years, picture.female
                yield _Face(picture.read(), margin_px, _for_benchmark(place), *known)


def _for_benchmark(place: float) -> bool:
    return BENCHMARK_FROM <= place < HELD_OUT


def _labels(values: list[int | bool | None]) -> npt.NDArray[np.int16]:
    return np.array([UNKNOWN if value is None else int(value) for value in values], np.int16)


def _weights_of(model: Path) -> str:
    """Return a name for what the network computes, the same before and after its metadata change."""
    graph = onnx.load(model).graph.SerializeToString(deterministic=True)
    return f"{model.stem}-{hashlib.sha256(graph).hexdigest()[:12]}"
