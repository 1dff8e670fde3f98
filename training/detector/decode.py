"""Run a detector that keeps YuNet's output contract, and turn its maps into faces (Wu et al., YuNet, 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from footfall.errors import ModelError
from training.detector.samples import Floats, Image

STRIDES = (8, 16, 32)
OUTPUT_NAMES = tuple(f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES)
NMS_IOU = 0.45


@dataclass(frozen=True, slots=True)
class Faces:
    """Faces of one picture: boxes (N, 4) xyxy, scores (N,), landmarks (N, 5, 2), float32 pixels, best first."""

    boxes: Floats
    scores: Floats
    landmarks: Floats


def decode_maps(maps: dict[str, Floats], height: int, width: int, threshold: float) -> Faces:
    """Decode the twelve output maps of one picture of height x width pixels into faces after suppression."""
    boxes, scores, landmarks = [], [], []
    for stride in STRIDES:
        rows, columns = height // stride, width // stride
        score = np.sqrt(np.clip(maps[f"cls_{stride}"], 0, 1) * np.clip(maps[f"obj_{stride}"], 0, 1)).ravel()
        chosen = np.flatnonzero(score >= threshold)
        grid = np.stack([chosen % columns, chosen // columns], axis=1).astype(np.float32)
        assert score.size == rows * columns
        box = maps[f"bbox_{stride}"].reshape(-1, 4)[chosen]
        centre = (grid + box[:, :2]) * stride
        half = np.exp(box[:, 2:]) * stride / 2
        boxes.append(np.concatenate([centre - half, centre + half], axis=1))
        points = maps[f"kps_{stride}"].reshape(-1, 5, 2)[chosen]
        landmarks.append((points + grid[:, None]) * stride)
        scores.append(score[chosen])
    return suppress(
        Faces(
            np.concatenate(boxes).astype(np.float32),
            np.concatenate(scores).astype(np.float32),
            np.concatenate(landmarks).astype(np.float32),
        )
    )


def suppress(faces: Faces, iou: float = NMS_IOU) -> Faces:
    """Keep the best of faces that overlap by more than `iou` (greedy suppression), best first."""
    if len(faces.scores) == 0:
        return faces
    extent = faces.boxes[:, 2:] - faces.boxes[:, :2]
    rectangles = np.concatenate([faces.boxes[:, :2], extent], axis=1)
    kept = np.asarray(cv2.dnn.NMSBoxes(rectangles.tolist(), faces.scores.tolist(), 0.0, iou), np.int64).ravel()
    return Faces(faces.boxes[kept], faces.scores[kept], faces.landmarks[kept])


class OnnxFaces:
    """A detector file with YuNet's contract: input float32 NCHW BGR 0-255, sides divisible by 32.

    Raises ModelError when the file is missing or has other outputs.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        if not path.is_file():
            raise ModelError(f"No detector at {path}: train one with `python -m training detector train`.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        missing = set(OUTPUT_NAMES) - {output.name for output in self.session.get_outputs()}
        if missing:
            raise ModelError(f"{path} is not a detector of YuNet's contract: it lacks {sorted(missing)}.")
        self.input_name = self.session.get_inputs()[0].name

    def maps(self, tensor: Floats) -> dict[str, Floats]:
        """Run float32 (1, 3, H, W) BGR 0-255 and return the output maps by name."""
        return dict(zip(OUTPUT_NAMES, self.session.run(list(OUTPUT_NAMES), {self.input_name: tensor}), strict=True))

    def detect(self, image: Image, scale: float = 1.0, threshold: float = 0.02) -> Faces:
        """Find faces in uint8 (H, W, 3) BGR after resizing it by `scale`; coordinates are those of `image`."""
        if scale != 1.0:
            interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            image = np.asarray(
                cv2.resize(image, None, fx=scale, fy=scale, interpolation=interpolation), np.uint8
            )
        height, width = (-(-side // 32) * 32 for side in image.shape[:2])
        padded = np.zeros((height, width, 3), np.float32)
        padded[: image.shape[0], : image.shape[1]] = image
        faces = decode_maps(self.maps(padded.transpose(2, 0, 1)[None]), height, width, threshold)
        return Faces(faces.boxes / scale, faces.scores, faces.landmarks / scale)
