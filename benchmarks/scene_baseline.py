"""What a user would write by hand: YuNet through OpenCV on every frame, plain SORT, every face judged every time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from benchmarks.baseline_sort import SortTracker
from benchmarks.scene_score import CountedVisit
from footfall.errors import DataError
from footfall.types import Gender, ImageArray

MIN_SCORE = 0.6
MIN_SIDE_PX = 4

NoteBoxes = Callable[[int, list[tuple[int, npt.NDArray[np.floating]]]], None]


class HandWrittenCounter:
    """Counts the ids that SORT hands out; gender is the majority of all frames, age their mean."""

    def __init__(self, shared: Path) -> None:
        detector, judge = shared / "models" / "yunet_n_dynamic.onnx", shared / "peers" / "faceapi_age_gender.onnx"
        for path in (detector, judge):
            if not path.is_file():
                raise DataError(f"{path}: not there; the baseline needs YuNet and AgeGenderNet (--shared FOLDER)")
        self._detector = cv2.FaceDetectorYN.create(str(detector), "", (320, 320), MIN_SCORE)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._judge = onnxruntime.InferenceSession(judge, options)

    def count(self, video: Path, note: NoteBoxes) -> tuple[list[CountedVisit], int]:
        """Return the visits of `video` and how many frames it had; `note` gets the tracks of each frame."""
        capture = cv2.VideoCapture(str(video))
        tracker = SortTracker()
        women: dict[int, list[bool]] = defaultdict(list)
        ages: dict[int, list[float]] = defaultdict(list)
        frames = 0
        while (read := capture.read())[0]:
            image = np.asarray(read[1], np.uint8)
            tracks = tracker.update(self._detect(image))
            for track in tracks:
                p_female, age_years = self._judge_face(image, track.box)
                women[track.id].append(p_female > 0.5)
                ages[track.id].append(age_years)
            note(frames, [(track.id, track.box) for track in tracks])
            frames += 1
        capture.release()
        visits = [
            CountedVisit(
                track,
                Gender.FEMALE if float(np.mean(women[track])) > 0.5 else Gender.MALE,
                float(np.mean(ages[track])),
                None,
            )
            for track in sorted(women)
        ]
        return visits, frames

    def _detect(self, image: ImageArray) -> npt.NDArray[np.float64]:
        self._detector.setInputSize((image.shape[1], image.shape[0]))
        found = self._detector.detect(image)[1]
        if found is None:
            return np.zeros((0, 4))
        return np.asarray(np.hstack([found[:, :2], found[:, :2] + found[:, 2:4]]), np.float64)

    def _judge_face(self, image: ImageArray, box: npt.NDArray[np.float64]) -> tuple[float, float]:
        height, width = image.shape[:2]
        x1, y1 = (
            int(np.clip(value, 0, limit - MIN_SIDE_PX)) for value, limit in zip(box[:2], (width, height), strict=True)
        )
        x2, y2 = (int(np.clip(value, 0, limit)) for value, limit in zip(box[2:], (width, height), strict=True))
        crop = image[y1 : max(y2, y1 + MIN_SIDE_PX), x1 : max(x2, x1 + MIN_SIDE_PX)]
        rgb = cv2.resize(crop, (112, 112))[:, :, ::-1]
        planes = np.ascontiguousarray(rgb.transpose(2, 0, 1)[None], np.float32)
        age, gender = self._judge.run(["age", "gender"], {"input": planes})
        return float(gender[0, 1]), float(age[0, 0])
