"""Judges gender and age of faces with a network that says in its own metadata how it wants to be fed."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from footfall.errors import ModelError
from footfall.types import Attributes, Detections, FloatArray, ImageArray
from inference.alignment import align_face
from inference.manifest import resolve_model
from inference.quality import face_quality
from inference.session import OnnxModel

ATTRIBUTE_OUTPUTS = frozenset(("p_female", "age_probabilities"))
BATCH = 8


class AttributeModel:
    """Gives each face a probability of being female and a distribution over ages.

    Input size, landmark template, the framing of ready crops and age bins come from the model's metadata. Whether a
    face is judged together with its mirror image is the model's own affair: an earlier network does so in its graph.

    Raises:
        ModelError: the metadata is missing or malformed.
    """

    def __init__(self, model: OnnxModel) -> None:
        self._model = model
        try:
            self.input_size = int(model.metadata["footfall.input_size"])
            self._age_bins = np.asarray(json.loads(model.metadata["footfall.age_years"]), np.float32)
            self._template = np.asarray(json.loads(model.metadata["footfall.landmarks"]), np.float32)
            crop = model.metadata.get("footfall.crop_landmarks", model.metadata["footfall.landmarks"])
            self._crop_landmarks = np.asarray(json.loads(crop), np.float32)
        except (KeyError, ValueError) as error:
            raise ModelError(
                f"{model.path}: metadata of a demographics model is missing or malformed: {error}"
            ) from None
        if not self._template.shape == self._crop_landmarks.shape == (5, 2) or self._age_bins.ndim != 1:
            raise ModelError(
                f"{model.path}: footfall.landmarks and footfall.crop_landmarks must be 5 points each and "
                "footfall.age_years a flat list"
            )

    @property
    def model_version(self) -> str:
        """Name and version of the network."""
        return self._model.version

    @property
    def confusion(self) -> str | None:
        """The table of what the network takes for what, if it carries one (`analytics.confusion.read_confusion`)."""
        return self._model.metadata.get("footfall.confusion")

    def predict(
        self, image_bgr: ImageArray, detections: Detections, qualities: FloatArray | None = None
    ) -> list[Attributes]:
        """Judge each face of `detections` in `image_bgr`, uint8 (H, W, 3); aligns the faces itself.

        `qualities`, float32 (N,), are what `face_quality` says of them, where that is known already.
        """
        if not len(detections):
            return []
        faces = [self.align(image_bgr, points) for points in detections.landmarks]
        return self._judge(np.stack(faces), face_quality(image_bgr, detections) if qualities is None else qualities)

    def predict_aligned(self, faces: ImageArray) -> list[Attributes]:
        """Judge ready crops, uint8 (N, H, W, 3) BGR framed as those of UTKFace; their quality is 1.

        A network that looks at more than such a crop shows gets its border repeated.
        """
        if faces.ndim != 4 or faces.shape[3] != 3 or faces.dtype != np.uint8:
            raise ValueError(f"faces must be uint8 (N, H, W, 3), not {faces.dtype} {faces.shape}")
        if not np.array_equal(self._crop_landmarks, self._template):
            sides = np.array(faces.shape[2:0:-1], np.float32)
            reframed = [self.align(face, self._crop_landmarks * sides) for face in faces]
            faces = np.asarray(reframed, np.uint8).reshape(-1, self.input_size, self.input_size, 3)
        elif faces.shape[1:3] != (self.input_size, self.input_size):
            side = (self.input_size, self.input_size)
            area = cv2.INTER_AREA if faces.shape[1] > self.input_size else cv2.INTER_LINEAR
            resized = [cv2.resize(face, side, interpolation=area) for face in faces]
            faces = np.asarray(resized, np.uint8).reshape(-1, *side, 3)
        return self._judge(faces, np.ones(len(faces), np.float32))

    def align(self, image_bgr: ImageArray, landmarks: FloatArray) -> ImageArray:
        """Return the face at `landmarks` (5, 2) px in the framing of the network, uint8 (S, S, 3) BGR."""
        return align_face(image_bgr, landmarks, self._template, self.input_size)

    def _judge(self, faces: ImageArray, qualities: FloatArray) -> list[Attributes]:
        judged: list[Attributes] = []
        for start in range(0, len(faces), BATCH):
            outputs = self._model.run(np.ascontiguousarray(faces[start : start + BATCH]))
            p_female = outputs["p_female"].reshape(-1).astype(np.float32, copy=False)
            ages = outputs["age_probabilities"].reshape(len(p_female), -1).astype(np.float32, copy=False)
            judged.extend(
                Attributes(float(p), float(age @ self._age_bins), age, float(quality), self._age_bins)
                for p, age, quality in zip(p_female, ages, qualities[start : start + BATCH], strict=True)
            )
        return judged


def load_attributes(model: str | Path = "built-in") -> AttributeModel:
    """Load a demographics network: "built-in", the name of a model that was added, or a path to an ONNX file.

    Raises:
        ModelError: there is no such model, its checksum is wrong, it does not give gender and age, or it takes one
            number of faces only.
    """
    network = OnnxModel(resolve_model(model, "demographics"))
    missing = ATTRIBUTE_OUTPUTS - set(network.output_names)
    if missing:
        raise ModelError(f"{network.path}: not a demographics network; it lacks {', '.join(sorted(missing))}")
    network.require_free({0: "batch"})
    return AttributeModel(network)
