"""Who is compared: exported embeddings as the program runs them, the MobileFace recogniser, and dlib's network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from footfall.types import FloatArray, ImageArray
from inference.alignment import align_face
from inference.embedding import EmbeddingModel
from inference.session import OnnxModel, Tensor
from training.data.faces import batches
from training.dlib_network import CHIP_PX, describe, load_dlib
from training.embedding.prepare import TEACHER_LANDMARKS
from training.embedding.targets import unit

ARCFACE_PX = 112
_ARCFACE_PLACES_PX = [
    [38.2946, 51.6963],
    [73.5318, 51.5014],
    [56.0252, 71.7366],
    [41.5493, 92.3655],
    [70.7299, 92.2041],
]
ARCFACE_LANDMARKS: FloatArray = np.asarray(np.array(_ARCFACE_PLACES_PX) / ARCFACE_PX, np.float32)
"""Where ArcFace (Deng et al., CVPR 2019) and what follows it put the landmarks, in units of the crop."""
AT_ONCE = 64


class Judge(Protocol):
    """Embeds faces where a detector found them."""

    name: str

    def found(self, images: Sequence[ImageArray], landmarks: Sequence[FloatArray]) -> FloatArray:
        """Return unit vectors float32 (N, D) of the face at `landmarks` (5, 2) px in each image."""


class ProgramJudge:
    """An exported network, run by the program's own code."""

    def __init__(self, path: Path) -> None:
        self.model = OnnxModel(path)
        self._embedding = EmbeddingModel(self.model)
        self.name = self.model.version

    def found(self, images: Sequence[ImageArray], landmarks: Sequence[FloatArray]) -> FloatArray:
        """Return unit vectors float32 (N, D) of the face at `landmarks` (5, 2) px in each image."""
        faces = [self._embedding.align(*one) for one in zip(images, landmarks, strict=True)]
        return self._embedding.embed_aligned(np.stack(faces))

    def noise(self, count: int) -> Tensor:
        """Return an input of `count` faces to time the network with."""
        side = self._embedding.input_size
        return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


class MobileFaceJudge:
    """MobileFace: float32 NHWC RGB 0-255, 112x112, framed as ArcFace's."""

    def __init__(self, path: Path) -> None:
        self.model = OnnxModel(path)
        self.name = "MobileFace"

    def found(self, images: Sequence[ImageArray], landmarks: Sequence[FloatArray]) -> FloatArray:
        """Return unit vectors float32 (N, D) of the face at `landmarks` (5, 2) px in each image."""
        faces = _aligned(images, landmarks, ARCFACE_LANDMARKS, ARCFACE_PX)[..., ::-1].astype(np.float32)
        said = []
        for part in batches(len(faces), AT_ONCE):
            outputs = self.model.run(np.ascontiguousarray(faces[part]))
            said.append(np.asarray(outputs[self.model.output_names[0]], np.float32))
        return unit(np.concatenate(said))

    def noise(self, count: int) -> Tensor:
        """Return an input of `count` faces to time the network with."""
        size = (count, ARCFACE_PX, ARCFACE_PX, 3)
        return np.random.default_rng(0).integers(0, 256, size).astype(np.float32)


class TeacherJudge:
    """dlib's network, one look a face, compared by the angle, which serves it better than its own distance."""

    name = "dlib"

    def __init__(self) -> None:
        self._teacher = load_dlib()

    def found(self, images: Sequence[ImageArray], landmarks: Sequence[FloatArray]) -> FloatArray:
        """Return unit vectors float32 (N, 128) of the face at `landmarks` (5, 2) px in each image."""
        chips = _aligned(images, landmarks, TEACHER_LANDMARKS, CHIP_PX)
        parts = [describe(self._teacher, chips[part]) for part in batches(len(chips), AT_ONCE)]
        return unit(np.concatenate(parts))


def _aligned(
    images: Sequence[ImageArray], landmarks: Sequence[FloatArray], template: FloatArray, size_px: int
) -> ImageArray:
    return np.stack([align_face(*one, template, size_px) for one in zip(images, landmarks, strict=True)])
