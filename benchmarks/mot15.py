"""Reads the MOT15 sequences: given detections, truth, frame rate."""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.track_scores import LabelledBoxes
from footfall.errors import DataError
from footfall.types import Detections
from tracking.boxes import Array

SEQUENCES = ("TUD-Campus", "TUD-Stadtmitte", "KITTI-17", "ETH-Sunnyday", "ETH-Bahnhof", "ADL-Rundle-6")
_FRAME, _ID, _LEFT, _SCORE = 0, 1, 2, 6


@dataclass(frozen=True, slots=True)
class Sequence:
    """One sequence; `detections` and `truth` have an entry a frame."""

    name: str
    fps: float
    detections: list[Detections]
    truth: list[LabelledBoxes]


def data_directory() -> Path:
    """Return the folder of the shared data: FOOTFALL_DATA, else ../shared/data beside the project."""
    named = os.environ.get("FOOTFALL_DATA")
    return Path(named) if named else Path(__file__).parents[2] / "shared" / "data"


def read_sequence(name: str) -> Sequence:
    """Read the sequence `name`.

    Raises:
        DataError: it is not there.
    """
    folder = data_directory() / "mot15" / name
    if not (folder / "det.txt").exists():
        raise DataError(f"{folder}: no det.txt; set FOOTFALL_DATA to the folder that holds mot15/")
    info = configparser.ConfigParser()
    info.read(folder / "seqinfo.ini")
    frames = int(info["Sequence"]["seqLength"])
    found = np.loadtxt(folder / "det.txt", delimiter=",", ndmin=2)
    truth = np.loadtxt(folder / "gt.txt", delimiter=",", ndmin=2)
    truth = truth[truth[:, _SCORE] > 0]
    return Sequence(
        name=name,
        fps=float(info["Sequence"]["frameRate"]),
        detections=[_detections(found[found[:, _FRAME] == frame]) for frame in range(1, frames + 1)],
        truth=[_labelled(truth[truth[:, _FRAME] == frame]) for frame in range(1, frames + 1)],
    )


def _detections(rows: Array) -> Detections:
    boxes = _corners(rows).astype(np.float32)
    return Detections(boxes, rows[:, _SCORE].astype(np.float32), np.zeros((len(rows), 5, 2), np.float32))


def _labelled(rows: Array) -> LabelledBoxes:
    return LabelledBoxes([int(identity) for identity in rows[:, _ID]], _corners(rows))


def _corners(rows: Array) -> Array:
    upper = rows[:, _LEFT : _LEFT + 2]
    corners: Array = np.concatenate([upper, upper + rows[:, _LEFT + 2 : _LEFT + 4]], axis=1)
    return corners
