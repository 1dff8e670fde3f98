"""Who is compared: exported networks as the program runs them, and face-api.js' AgeGenderNet."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from footfall.types import Attributes, Detections, FloatArray, ImageArray
from inference.alignment import align_face
from inference.attributes import AttributeModel
from inference.session import OnnxModel, Tensor
from training.data.faces import UTKFACE_LANDMARKS, batches
from training.demographics.metrics import Judgements

PEER_SIZE_PX = 112
SPEED_BATCH, SPEED_RUNS = 8, 60


class Judge(Protocol):
    """Judges faces where a detector found them, or ready crops framed as UTKFace's."""

    name: str
    model: OnnxModel

    def found(self, images: Sequence[ImageArray], landmarks: Sequence[FloatArray]) -> Judgements:
        """Judge the face at `landmarks` (5, 2) px in each image."""

    def crops(self, crops: ImageArray) -> Judgements:
        """Judge `crops`, uint8 (N, H, W, 3) BGR."""

    def noise(self, count: int) -> Tensor:
        """Return an input of `count` faces to time the network with."""


class Timed(Protocol):
    """What can be timed: a network and an input of its own kind."""

    name: str
    model: OnnxModel

    def noise(self, count: int) -> Tensor:
        """Return an input of `count` faces to time the network with."""


class ProgramJudge:
    """An exported network, run by the program's own code."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.model = OnnxModel(path)
        self._attributes = AttributeModel(self.model)
        self.name = name or self.model.version

    def found(self, images: Sequence[ImageArray], landmarks: Sequence[FloatArray]) -> Judgements:
        """Judge the face at `landmarks` (5, 2) px in each image."""
        said = []
        for image, points in zip(images, landmarks, strict=True):
            box = np.concatenate([points.min(0), points.max(0)]).astype(np.float32)
            said += self._attributes.predict(image, Detections(box[None], np.ones(1, np.float32), points[None]))
        return _together(said)

    def crops(self, crops: ImageArray) -> Judgements:
        """Judge `crops`, uint8 (N, H, W, 3) BGR."""
        parts = batches(len(crops), 64)
        return _together([one for part in parts for one in self._attributes.predict_aligned(crops[part])])

    def noise(self, count: int) -> Tensor:
        """Return an input of `count` faces to time the network with."""
        side = self._attributes.input_size
        return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


class PeerJudge:
    """AgeGenderNet: float32 NCHW RGB 0-255, 112x112; out `age` and `gender` (P(male), P(female))."""

    def __init__(self, path: Path) -> None:
        self.model = OnnxModel(path)
        self.name = f"peer {path.stem}"

    def found(self, images: Sequence[ImageArray], landmarks: Sequence[FloatArray]) -> Judgements:
        """Judge the face at `landmarks` (5, 2) px in each image."""
        faces = [
            align_face(image, points, UTKFACE_LANDMARKS, PEER_SIZE_PX)
            for image, points in zip(images, landmarks, strict=True)
        ]
        return self.crops(np.stack(faces))

    def crops(self, crops: ImageArray) -> Judgements:
        """Judge `crops`, uint8 (N, H, W, 3) BGR."""
        said = [self.model.run(_peer_input(crops[part])) for part in batches(len(crops), 64)]
        female = np.concatenate([np.asarray(one["gender"], np.float32)[:, 1] for one in said])
        return Judgements(female, np.concatenate([np.asarray(one["age"], np.float32)[:, 0] for one in said]))

    def noise(self, count: int) -> Tensor:
        """Return an input of `count` faces to time the network with."""
        size = (count, 3, PEER_SIZE_PX, PEER_SIZE_PX)
        return np.random.default_rng(0).integers(0, 256, size).astype(np.float32)


def milliseconds_a_face(judges: Sequence[Timed], count: int) -> dict[str, float]:
    """Return the processor time a face at batch `count` on one thread, the median of 60 runs after warming up.

    The networks take turns, so that other work on the machine hits all alike.
    """
    inputs = [(judge.name, judge.model, judge.noise(count)) for judge in judges]
    times_s: dict[str, list[float]] = {name: [] for name, _, _ in inputs}
    for _ in range(SPEED_RUNS):
        for name, model, faces in inputs:
            began = time.process_time()
            model.run(faces)
            times_s[name].append(time.process_time() - began)
    return {name: 1e3 * float(np.median(taken[SPEED_RUNS // 6 :])) / count for name, taken in times_s.items()}


def _together(said: Sequence[Attributes]) -> Judgements:
    return Judgements(
        np.array([one.p_female for one in said], np.float32),
        np.array([one.age_years for one in said], np.float32),
        np.stack([one.age_probabilities for one in said]),
    )


def _peer_input(crops: ImageArray) -> FloatArray:
    side = (PEER_SIZE_PX, PEER_SIZE_PX)
    resized = [cv2.resize(crop, side, interpolation=cv2.INTER_AREA) for crop in crops]
    return np.ascontiguousarray(np.stack(resized)[..., ::-1].transpose(0, 3, 1, 2), np.float32)
