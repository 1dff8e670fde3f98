"""From archives to the cache of aligned faces, once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from footfall.errors import DataError
from footfall.types import FloatArray, ImageArray
from training.data.archive import data_directory, find_archives, list_images
from training.data.faces import FaceRecord, LabelledFaces, lfw_record, utkface_record, write_faces
from training.data.lfw import read_genders, read_lfw
from training.data.utkface import read_utkface
from training.detector.decode import OnnxFaces

LEAST_SCORE = 0.1
CROP_MARGIN_PX = 60


def default_landmark_model() -> Path:
    """Return where YuNet lies beside the data sets."""
    return data_directory().parent / "models" / "yunet_n_dynamic.onnx"


def prepare(path: Path, landmark_model: Path, with_lfw: bool = True) -> LabelledFaces:
    """Write UTKFace's training part, and LFW in the same framing, to the cache at `path`.

    Raises:
        DataError: an archive is missing, or a file carries no readable label.
        ModelError: `landmark_model` cannot be loaded.
    """
    detector = OnnxFaces(landmark_model)
    utkface = find_archives("utkface-train-*.tar")
    lfw = find_archives("lfw-*.tar") if with_lfw else ()
    genders = read_genders(data_directory() / "lfw-gender.csv") if with_lfw else {}

    def crops() -> Iterator[FaceRecord]:
        for face in read_utkface(utkface):
            yield utkface_record(face, middle_face(detector, face.image, CROP_MARGIN_PX))

    def photographs() -> Iterator[FaceRecord]:
        for face in read_lfw(lfw, genders):
            landmarks = middle_face(detector, face.image)
            if landmarks is None:
                raise DataError(f"no face found in {face.name}; remove the file or name another --landmark-model")
            yield lfw_record(face, landmarks)

    return write_faces(chain(crops(), photographs()), path, len(list_images([*utkface, *lfw])))


def middle_face(detector: OnnxFaces, image: ImageArray, margin_px: int = 0) -> FloatArray | None:
    """Return the landmarks float32 (5, 2) px of the face that `image` is about, or None without a face.

    That is the sure, large one near the middle. `margin_px` of black shows the detector where a tight crop ends.
    """
    framed = np.pad(image, ((margin_px, margin_px), (margin_px, margin_px), (0, 0)))
    faces = detector.detect(framed, min_score=LEAST_SCORE)
    if not len(faces):
        return None
    middle = np.array(framed.shape[1::-1], np.float32) / 2.0
    size_px = (faces.boxes[:, 2:] - faces.boxes[:, :2]).prod(1) ** 0.5
    distance_px = np.linalg.norm((faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2.0 - middle, axis=1)
    best = int((faces.scores * size_px - distance_px).argmax())
    return np.asarray(faces.landmarks[best] - np.float32(margin_px), np.float32)
