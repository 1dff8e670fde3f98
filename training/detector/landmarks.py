"""How far a detector's landmarks at small sizes lie from the teacher's at full size."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from footfall.types import Detections
from training.data.archive import find_archives, read_images
from training.detector.decode import OnnxFaces
from training.detector.samples import Floats, Image, side_px
from training.detector.teacher import CERTAIN_SCORE, overlap

CROPS = 300
BORDER = 0.6  # of the crop, on every side: a face alone fills its UTKFace crop
MIN_SCORE = 0.5


class Finds(Protocol):
    """Whatever finds faces in a picture after resizing it."""

    def detect(self, image: Image, scale: float, min_score: float) -> Detections:
        """Return the faces in the picture's own pixels."""
        ...


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
        iou = overlap(reference.box[None], faces.boxes)[0]
        if len(iou) and iou.max() >= 0.5:
            apart = np.linalg.norm(faces.landmarks[int(iou.argmax())] - reference.landmarks, axis=1)
            distances.append(float(apart.mean()) / size)
    return LandmarkError(len(distances) / len(references), float(np.mean(distances)) if distances else float("nan"))
