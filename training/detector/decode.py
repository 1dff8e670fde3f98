"""Run a detector file, YuNet's or ours, over pictures at their own size or resized."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from footfall.errors import ModelError
from footfall.types import Detections
from inference.detector import DETECTOR_OUTPUTS, NMS_IOU, decode
from inference.session import OnnxModel
from training.detector.samples import Dense, Floats, Image

EVERY_FACE_SCORE = 0.02


class OnnxFaces:
    """A detector file of YuNet's contract: input float32 NCHW BGR 0-255, sides divisible by 32.

    Unlike the program's own detector it works at any scale, so that precision can be measured and labels be made at
    the size that suits them.

    Raises:
        ModelError: the file is missing or has other outputs.
    """

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path)
        missing = DETECTOR_OUTPUTS - set(self._model.output_names)
        if missing:
            raise ModelError(f"{path}: not a detector of YuNet's layout; it lacks {', '.join(sorted(missing))}")

    @property
    def version(self) -> str:
        """Name and version of the network."""
        return self._model.version

    def run(self, blob: Floats) -> None:
        """Run the network alone on float32 (1, 3, H, W), to time it."""
        self._model.run(blob)

    def detect(self, image: Image, scale: float = 1.0, min_score: float = EVERY_FACE_SCORE) -> Detections:
        """Find faces in uint8 (H, W, 3) BGR after resizing it by `scale`; coordinates are those of `image`."""
        if scale != 1.0:
            interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=interpolation), np.uint8)
        height, width = (-(-side // 32) * 32 for side in image.shape[:2])
        padded = np.zeros((height, width, 3), np.uint8)
        padded[: image.shape[0], : image.shape[1]] = image
        outputs = self._model.run(cv2.dnn.blobFromImage(padded))
        boxes, scores, landmarks = decode(outputs, (width, height), min_score)
        return suppress(Detections(boxes / np.float32(scale), scores, landmarks / np.float32(scale)))

    def teach(self, image: Image, min_score: float) -> tuple[Detections, Dense]:
        """Return the faces in uint8 (H, W, 3) BGR with sides divisible by 32, and what each cell says."""
        outputs = self._model.run(cv2.dnn.blobFromImage(image))
        boxes, scores, landmarks = decode(outputs, (image.shape[1], image.shape[0]), 0.0)
        return suppress(Detections(boxes, scores, landmarks).select(scores >= min_score)), Dense(scores, boxes)


def suppress(faces: Detections) -> Detections:
    """Keep the best of faces that overlap more than the program lets them, best first."""
    if len(faces.scores) == 0:
        return faces
    rectangles = faces.boxes.copy()
    rectangles[:, 2:] -= rectangles[:, :2]
    kept = np.asarray(cv2.dnn.NMSBoxes(rectangles.tolist(), faces.scores.tolist(), 0.0, NMS_IOU), np.intp).reshape(-1)
    return Detections(faces.boxes[kept], faces.scores[kept], faces.landmarks[kept])
