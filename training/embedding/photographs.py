"""Photographs of people whom no training saw, as a camera sees them: found once, then shrunk to a face's size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from footfall.types import FloatArray, ImageArray
from training.demographics.prepare import LEAST_SCORE, nearest_the_middle
from training.detector.decode import OnnxFaces
from training.detector.samples import side_px
from training.embedding.judges import Judge
from training.embedding.people import held_back
from training.embedding.prepare import DETECTED_UP_TO_PX, SETS, Photograph

JPEG_QUALITY = 75


@dataclass(frozen=True, slots=True)
class Faces:
    """Pictures uint8 (H, W, 3) BGR, landmarks float32 (5, 2) px and box xyxy in px of the face in each; the
    person (or the picture) as `groups`, gender 1, 0 or -1 as `female`, and the data set's own word as `origins`."""

    images: list[ImageArray]
    landmarks: list[FloatArray]
    boxes: FloatArray
    groups: npt.NDArray[np.str_]
    female: npt.NDArray[np.int16]
    origins: npt.NDArray[np.str_]

    @property
    def sides_px(self) -> npt.NDArray[np.float32]:
        """The side of a square as large as each face's box, float32 (N,), in pixels."""
        return side_px(self.boxes)

    def __len__(self) -> int:
        return len(self.images)


def held_back_faces(name: str, detector: OnnxFaces, most: int) -> Faces:
    """Return up to `most` faces of the set `name` that the training does not see; without a found face, left out."""
    _, photographs, margin_px = SETS[name]()
    found: list[tuple[Photograph, ImageArray, FloatArray, FloatArray]] = []
    for photograph in photographs:
        if len(found) == most:
            break
        if held_back(name, np.array([photograph.group]))[0]:
            face = _largest_in_the_middle(detector, photograph.image, margin_px)
            if face is not None:
                found.append((photograph, *face))
    return Faces(
        [one[1] for one in found],
        [one[2] for one in found],
        np.array([one[3] for one in found], np.float32).reshape(-1, 4),
        np.array([one[0].group for one in found]),
        np.array([-1 if one[0].female is None else int(one[0].female) for one in found], np.int16),
        np.array([one[0].origin for one in found]),
    )


def _largest_in_the_middle(
    detector: OnnxFaces, image: ImageArray, margin_px: int
) -> tuple[ImageArray, FloatArray, FloatArray] | None:
    """Return the picture with its margin, landmarks (5, 2) px and box (4,) of the face that it is about."""
    factor = min(1.0, DETECTED_UP_TO_PX / max(image.shape))
    if factor < 1.0:
        image = np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
    sides = (margin_px,) * 4
    framed = np.asarray(cv2.copyMakeBorder(image, *sides, cv2.BORDER_REPLICATE), np.uint8)
    faces = detector.detect(framed, min_score=LEAST_SCORE)
    if not len(faces):
        return None
    best = nearest_the_middle(faces, framed)
    return framed, faces.landmarks[best], faces.boxes[best]


def seen_at(
    faces: Faces, sizes_px: npt.NDArray[np.float32], compress: bool = False
) -> tuple[list[ImageArray], list[FloatArray]]:
    """Return the pictures and landmarks as if the side of each face's box were `sizes_px` (N,), never enlarged.

    The landmarks are those of the large picture: what is measured is the embedding, not the detector. `compress`
    stores each small picture as a JPEG, as cameras do.
    """
    images: list[ImageArray] = []
    landmarks: list[FloatArray] = []
    every = zip(faces.images, faces.landmarks, faces.sides_px.tolist(), sizes_px.tolist(), strict=True)
    for image, points, side, size_px in every:
        factor = min(1.0, size_px / side)
        small = image
        if factor < 1.0:
            small = np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
        if compress:
            _, content = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            small = np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
        scale = np.array(small.shape[1::-1], np.float32) / np.array(image.shape[1::-1], np.float32)
        images.append(small)
        landmarks.append(np.asarray((points + 0.5) * scale - 0.5, np.float32))
    return images, landmarks


def embed_seen(judge: Judge, faces: Faces, sizes_px: npt.NDArray[np.float32], compress: bool = False) -> FloatArray:
    """Return what `judge` says of `faces` seen at `sizes_px`, float32 (N, D)."""
    return judge.found(*seen_at(faces, sizes_px, compress))
