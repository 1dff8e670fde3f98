"""How far a detector's landmarks lie from the teacher's at full size, and from key points that somebody annotated."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from training.data.archive import find_archives, read_images
from training.data.crowds import SETS, list_pictures, part_of, read_crowd
from training.data.keypoints import read_keypoints
from training.data.wild import wild_directory
from training.detector.decode import OnnxFaces
from training.detector.samples import Floats, Image, side_px
from training.detector.teacher import CERTAIN_SCORE, Finds, same_face

CROPS = 300
BORDER = 0.6  # of the crop, on every side: a face alone fills its UTKFace crop
MIN_SCORE = 0.5
KEYPOINT_PHOTOS = 500
KEYPOINT_BORDER_PX = 60


@dataclass(frozen=True, slots=True)
class Reference:
    """A framed face uint8 (H, W, 3) BGR with its box (4,) and landmarks (5, 2), float32 pixels, by the teacher."""

    image: Image
    box: Floats
    landmarks: Floats


@dataclass(frozen=True, slots=True)
class LandmarkError:
    """Share of faces found, and the mean distance of their landmarks from the reference in face sizes."""

    found: float
    distance: float


def read_references(data: Path, teacher: OnnxFaces) -> list[Reference]:
    """Return the first UTKFace validation crops in which the teacher is certain of exactly one face."""
    references = []
    for _, crop in islice(read_images(find_archives("utkface-val.tar", data)), CROPS):
        border = round(crop.shape[0] * BORDER)
        framed = cv2.copyMakeBorder(crop, border, border, border, border, cv2.BORDER_CONSTANT, value=(114, 114, 114))
        image = np.asarray(framed, np.uint8)
        faces = teacher.detect(image, min_score=CERTAIN_SCORE)
        if len(faces.scores) == 1:
            references.append(Reference(image, faces.boxes[0], faces.landmarks[0]))
    return references


def landmark_error(detector: Finds, references: list[Reference], face_px: float) -> LandmarkError:
    """Measure a detector on the references resized until their faces have sides of `face_px`."""
    distances = []
    for reference in references:
        size = float(side_px(reference.box[None])[0])
        faces = detector.detect(reference.image, face_px / size, MIN_SCORE)
        found = same_face(faces, reference.box, 0.5)
        if found is not None:
            apart = np.linalg.norm(faces.landmarks[found] - reference.landmarks, axis=1)
            distances.append(float(apart.mean()) / size)
    return LandmarkError(len(distances) / len(references), float(np.mean(distances)) if distances else float("nan"))


def read_keypoint_references(teacher: OnnxFaces, wild: Path | None = None) -> list[Reference]:
    """Return held-back photographs of All-Age-Faces with their annotated landmarks; the teacher's box gives the size.

    Photographs in which the teacher is not certain of exactly one face are left out.
    """
    wild = wild or wild_directory()
    crowd = next(one for one in SETS if one.name == "all-age-faces")
    paths = [path for path in list_pictures(crowd, wild) if part_of(f"{crowd.name}/{path.stem}") == "test"]
    references = []
    for photo in read_crowd(crowd, wild, paths[:: max(1, len(paths) // KEYPOINT_PHOTOS)]):
        landmarks = read_keypoints(photo.path)
        framed = cv2.copyMakeBorder(photo.image, *(KEYPOINT_BORDER_PX,) * 4, cv2.BORDER_REPLICATE)
        image = np.asarray(framed, np.uint8)
        faces = teacher.detect(image, 0.5, min_score=CERTAIN_SCORE)
        if len(faces.scores) == 1:
            references.append(Reference(image, faces.boxes[0], landmarks + np.float32(KEYPOINT_BORDER_PX)))
    return references


def turned(landmarks: Floats) -> float:
    """Return how far the nose lies from the middle of the eyes along their line, in eye distances: a proxy of yaw."""
    eyes = landmarks[1] - landmarks[0]
    return abs(float((landmarks[2] - landmarks[:2].mean(axis=0)) @ eyes) / float(eyes @ eyes))


def keypoint_errors(detector: Finds, references: list[Reference], face_px: float) -> Floats:
    """Return the mean distance of a detector's landmarks from the annotated ones in eye distances (N,).

    Photographs are resized until their faces have sides of `face_px`; NaN where the face was not found.
    """
    errors = np.full(len(references), np.nan, np.float32)
    for index, reference in enumerate(references):
        size = float(side_px(reference.box[None])[0])
        faces = detector.detect(reference.image, face_px / size, MIN_SCORE)
        found = same_face(faces, reference.box, 0.4)
        if found is not None:
            apart = np.linalg.norm(faces.landmarks[found] - reference.landmarks, axis=1)
            eyes = float(np.linalg.norm(reference.landmarks[0] - reference.landmarks[1]))
            errors[index] = apart.mean() / eyes
    return errors
