"""Turns faces into vectors that are alike for one person and unlike for two; the network says how to feed it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from footfall.errors import ModelError
from footfall.types import Detections, FloatArray, ImageArray
from inference.alignment import align_face
from inference.manifest import resolve_model
from inference.session import OnnxModel

EMBEDDING_OUTPUT = "embedding"
BATCH = 8


class EmbeddingModel:
    """Gives each face a vector of unit length; the dot product of two says how alike they are, at most 1.

    Input size, landmark template and width come from the model's metadata.

    Raises:
        ModelError: the metadata is missing or malformed.
    """

    def __init__(self, model: OnnxModel) -> None:
        self._model = model
        try:
            self.input_size = int(model.metadata["footfall.input_size"])
            self.width = int(model.metadata["footfall.embedding_width"])
            self._template = np.asarray(json.loads(model.metadata["footfall.landmarks"]), np.float32)
        except (KeyError, ValueError) as error:
            raise ModelError(f"{model.path}: metadata of an embedding model is missing or malformed: {error}") from None
        if self._template.shape != (5, 2):
            raise ModelError(f"{model.path}: footfall.landmarks must be 5 points")

    @property
    def model_version(self) -> str:
        """Name and version of the network; vectors of two versions must not be compared."""
        return self._model.version

    def embed(self, image_bgr: ImageArray, detections: Detections) -> FloatArray:
        """Return float32 (N, D), unit length, for the faces of `detections` in `image_bgr`, uint8 (H, W, 3)."""
        if not len(detections):
            return np.zeros((0, self.width), np.float32)
        return self.embed_aligned(np.stack([self.align(image_bgr, points) for points in detections.landmarks]))

    def align(self, image_bgr: ImageArray, landmarks: FloatArray) -> ImageArray:
        """Return the face at `landmarks` (5, 2) px in the framing of the network, uint8 (S, S, 3) BGR."""
        return align_face(image_bgr, landmarks, self._template, self.input_size)

    def embed_aligned(self, faces: ImageArray) -> FloatArray:
        """Return float32 (N, D), unit length, of `faces` as `align` returns them, uint8 (N, S, S, 3) BGR."""
        said = np.zeros((len(faces), self.width), np.float32)
        for start in range(0, len(faces), BATCH):
            outputs = self._model.run(np.ascontiguousarray(faces[start : start + BATCH]))
            said[start : start + BATCH] = outputs[EMBEDDING_OUTPUT]
            outputs[EMBEDDING_OUTPUT].fill(0)  # the only copy is the caller's, who overwrites it
        return said


def load_embedding(model: str | Path = "built-in") -> EmbeddingModel:
    """Load an embedding network: "built-in", the name of a model that was added, or a path to an ONNX file.

    Raises:
        ModelError: there is no such model, its checksum is wrong, it does not embed faces, or it takes one number of
            faces only.
    """
    network = OnnxModel(resolve_model(model, "embedding"))
    if EMBEDDING_OUTPUT not in network.output_names:
        raise ModelError(f"{network.path}: not an embedding network; it lacks the output {EMBEDDING_OUTPUT}")
    network.require_free({0: "batch"})
    return EmbeddingModel(network)
