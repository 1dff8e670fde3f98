"""Recall and false alarms on video frames whose faces somebody counted by eye."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from footfall.errors import DataError
from footfall.types import Detections
from training.detector.samples import Floats, Image, side_px

COUNTS = Path(__file__).with_name("footage.csv")
CENTRE_TOLERANCE = 0.5  # of the face's size
SIZE_TOLERANCE = 2.0


@dataclass(slots=True)
class Truth:
    """Boxes xyxy in pixels of one frame: faces that must be found, and regions where nobody can say."""

    faces: list[tuple[float, ...]] = field(default_factory=list)
    unclear: list[tuple[float, ...]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Score:
    """What a detector found in one clip: of `faces` so many `found`, and so many `false` alarms in `frames`."""

    faces: int
    found: int
    false: int
    frames: int


def read_counts(path: Path = COUNTS) -> dict[str, dict[int, Truth]]:
    """Read clip, frame, left, top, right, bottom, kind (face, unclear or none) of every row.

    A frame without faces has one row of kind `none`. Raises DataError naming file and line of a row that is wrong.
    """
    counts: dict[str, dict[int, Truth]] = defaultdict(lambda: defaultdict(Truth))
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        for row in reader:
            truth = counts[row["clip"]][int(row["frame"])]
            if row["kind"] == "none":
                continue
            if row["kind"] not in ("face", "unclear"):
                raise DataError(f"{path}, line {reader.line_num}: kind is face, unclear or none, not {row['kind']!r}")
            box = tuple(float(row[side]) for side in ("left", "top", "right", "bottom"))
            (truth.faces if row["kind"] == "face" else truth.unclear).append(box)
    return counts


def read_frames(clip: Path, wanted: set[int]) -> Iterator[tuple[int, Image]]:
    """Yield index and picture uint8 (H, W, 3) BGR of wanted frames. Raises DataError when the video is missing."""
    if not clip.is_file():
        raise DataError(f"no clip {clip}; put it there or set FOOTFALL_DATA")
    with av.open(str(clip)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index in wanted:
                yield index, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def score_frame(faces: Detections, truth: Truth, min_score: float) -> Score:
    """Match detections to faces counted by eye, best first, by centre and size; count what is left over."""
    chosen = faces.boxes[faces.scores >= min_score]
    wanted = np.array(truth.faces, np.float32).reshape(-1, 4)
    unclear = np.array(truth.unclear, np.float32).reshape(-1, 4)
    free = np.ones(len(wanted), bool)
    false = 0
    for box in chosen:
        close = np.flatnonzero(free & _same(box, wanted))
        if len(close):
            free[close[0]] = False
        elif not _same(box, wanted).any() and not _inside((box[:2] + box[2:]) / 2, unclear).any():
            false += 1
    return Score(len(wanted), int((~free).sum()), false, 1)


def _same(box: Floats, faces: Floats) -> np.typing.NDArray[np.bool_]:
    sides = np.maximum(side_px(faces), 1.0)
    apart = np.linalg.norm((faces[:, :2] + faces[:, 2:] - box[:2] - box[2:]) / 2, axis=1)
    ratio = float(side_px(box[None])[0]) / sides
    return np.asarray((apart <= CENTRE_TOLERANCE * sides) & (np.abs(np.log(ratio + 1e-6)) <= np.log(SIZE_TOLERANCE)))


def _inside(point: Floats, regions: Floats) -> np.typing.NDArray[np.bool_]:
    return np.asarray((point >= regions[:, :2]).all(axis=1) & (point <= regions[:, 2:]).all(axis=1))
