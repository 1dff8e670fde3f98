"""Finds faces with an anchor-free network of YuNet's output layout (Wu et al., 2023), built-in or the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from footfall.errors import ModelError
from footfall.types import Detections, FloatArray, ImageArray
from inference.manifest import resolve_model
from inference.patches import pack
from inference.session import OnnxModel

STRIDES = (8, 16, 32)
NMS_IOU = 0.3
SAME_FACE = 0.6
"""Centres of two boxes nearer than this, in sizes of the larger one, are one face."""
MAX_FACES = 400
"""The best of a picture; more are never followed."""
SMALLEST_FACE_PX = 40.0
"""Width of a face in the camera's own picture that may not be lost to shrinking."""
RELIABLE_FACE_PX = 24.0
"""Width from which the network finds faces reliably, at the size at which it sees them."""
UNSHRUNK_WIDTH_PX = 640
DETECTOR_OUTPUTS = frozenset(f"{head}_{stride}" for head in ("cls", "obj", "bbox", "kps") for stride in STRIDES)


class FaceDetector:
    """Detects faces and five landmarks in pictures of any size.

    The whole picture is fitted into `working_size` (width, height) with its proportions kept, so the work is bounded
    whatever the camera sends; without one it is looked at as `needed_scale` says.
    """

    def __init__(self, model: OnnxModel, working_size: tuple[int, int] | None, min_score: float) -> None:
        self._model = model
        self._working_size = working_size
        self._min_score = min_score

    @property
    def model_version(self) -> str:
        """Name and version of the network."""
        return self._model.version

    def detect(self, image_bgr: ImageArray) -> Detections:
        """Return the faces of `image_bgr`, uint8 (H, W, 3), best first, in its own pixels."""
        height, width = image_bgr.shape[:2]
        if self._working_size is None:
            scale = needed_scale((width, height))
        else:
            scale = min(self._working_size[0] / width, self._working_size[1] / height)
        return self.detect_in(image_bgr, np.array([[0, 0, width, height]], np.int32), scale)

    def detect_in(self, image_bgr: ImageArray, regions: npt.NDArray[np.int32], scale: float) -> Detections:
        """Return the faces in `regions` of `image_bgr`, uint8 (H, W, 3), best first, in its own pixels.

        `regions` are int32 (N, 4) xyxy px; each is resized by `scale`, all are seen in one run. They may overlap: a
        face that is in two of them is returned once.
        """
        canvas = pack(image_bgr, regions, scale)
        outputs = self._model.run(_planes(canvas.image))
        size = (canvas.image.shape[1], canvas.image.shape[0])
        boxes, scores, landmarks = decode(outputs, size, self._min_score)
        if not len(scores):
            return Detections.empty()
        found = canvas.to_picture(Detections(boxes, scores, landmarks))
        sides = np.concatenate([found.boxes[:, :2], found.boxes[:, 2:] - found.boxes[:, :2]], axis=1)
        # Without OpenCV's `top_k`, which is of candidates, several a face: in a crowd it would cut sure faces.
        kept = cv2.dnn.NMSBoxes(sides.tolist(), found.scores.tolist(), self._min_score, NMS_IOU)
        return found.select(_without_partial(found.boxes, np.asarray(kept, dtype=np.intp).reshape(-1))[:MAX_FACES])


def _planes(image_bgr: ImageArray) -> FloatArray:
    """Return float32 (1, 3, H, W), the network's input, of uint8 (H, W, 3), in half of `blobFromImage`'s time."""
    return image_bgr.transpose(2, 0, 1)[None].astype(np.float32, order="C")


def needed_scale(size: tuple[int, int], smallest_face_px: float = SMALLEST_FACE_PX) -> float:
    """Return by which factor a picture of `size`, width and height in px, is resized, at most 1.

    A face that is `smallest_face_px` wide in the picture must be seen; small pictures are not shrunk.
    """
    return min(1.0, max(RELIABLE_FACE_PX / smallest_face_px, UNSHRUNK_WIDTH_PX / size[0]))


def _without_partial(boxes: FloatArray, order: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return `order`, best first, without boxes whose centre lies within another, better face.

    A box around half a face overlaps the whole one too little for suppression by overlap; two people's faces are
    never so near, unless one hides the other.
    """
    centres = (boxes[order, :2] + boxes[order, 2:]) / 2
    sizes = np.sqrt((boxes[order, 2:] - boxes[order, :2]).clip(1e-3).prod(axis=1))
    kept: list[int] = []
    for row in range(len(order)):
        distances = np.linalg.norm(centres[kept] - centres[row], axis=1)
        if not (distances < SAME_FACE * np.maximum(sizes[kept], sizes[row])).any():
            kept.append(row)
    return order[kept]


def decode(
    outputs: dict[str, npt.NDArray[np.generic]], size: tuple[int, int], min_score: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return boxes float32 (N, 4) xyxy, scores (N,) and landmarks (N, 5, 2) above `min_score`, before suppression.

    A cell's score is the geometric mean of class and objectness; centre and landmarks are offsets from the cell's
    corner in strides, width and height are logarithms of strides (YuNet, https://doi.org/10.1007/s11633-023-1423-y).
    """
    parts: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for stride in STRIDES:
        class_score = outputs[f"cls_{stride}"].reshape(-1).astype(np.float32, copy=False)
        objectness = outputs[f"obj_{stride}"].reshape(-1).astype(np.float32, copy=False)
        product = class_score * objectness
        cells = np.flatnonzero(product >= min_score * min_score)
        if not len(cells):
            continue
        columns = size[0] // stride
        corner = np.stack((cells % columns, cells // columns), axis=1).astype(np.float32)
        box = outputs[f"bbox_{stride}"].reshape(-1, 4)[cells].astype(np.float32, copy=False)
        points = outputs[f"kps_{stride}"].reshape(-1, 5, 2)[cells].astype(np.float32, copy=False)
        centre = (corner + box[:, :2]) * stride
        half = np.exp(box[:, 2:]) * (stride / 2)
        parts.append(
            (
                np.concatenate((centre - half, centre + half), axis=1),
                np.sqrt(np.clip(product[cells], 0, 1)),
                (corner[:, None, :] + points) * stride,
            )
        )
    if not parts:
        empty = Detections.empty()
        return empty.boxes, empty.scores, empty.landmarks
    boxes, scores, landmarks = (np.concatenate(column) for column in zip(*parts, strict=True))
    return boxes, scores, landmarks


def load_detector(
    model: str | Path = "built-in",
    *,
    working_size: tuple[int, int] | Literal["auto"] = "auto",
    min_score: float = 0.2,
) -> FaceDetector:
    """Load a face detector: "built-in", the name of a model that was added, or a path to an ONNX file.

    `working_size`, width and height in px, bounds what the network sees of a picture; "auto" goes by the faces.

    Raises:
        ModelError: there is no such model, its checksum is wrong, its outputs are not YuNet's, or it takes pictures of
            one size only.
    """
    network = OnnxModel(resolve_model(model, "detector"))
    missing = DETECTOR_OUTPUTS - set(network.output_names)
    if missing:
        raise ModelError(
            f"{network.path}: not a face detector of YuNet's layout; it lacks the outputs {', '.join(sorted(missing))}"
        )
    network.require_free({2: "height", 3: "width"})
    return FaceDetector(network, None if working_size == "auto" else working_size, min_score)
