"""Photographs of crowds and of single people, laid out as folders: where each set lies and what it is labelled with."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from footfall.errors import DataError
from training.data.archive import IMAGE_SUFFIXES
from training.data.facemask import parse_voc
from training.data.widerface import read_widerface, widerface_part

logger = logging.getLogger(__name__)

Kind = Literal["every face", "faces", "heads", "nothing"]
Part = Literal["train", "validation", "test"]

NO_BOXES = np.zeros((0, 4), np.float32)
NEW_RUN_DIFFERENCE = 25.0  # mean grey levels between thumbnails of frames that follow each other


@dataclass(frozen=True, slots=True)
class CrowdSet:
    """One set: its folder, the glob of its pictures, what its boxes enclose, and how its label files are found."""

    name: str
    pattern: str
    kind: Kind
    labels: str = ""  # folder of the label files, relative to the picture's, empty for the picture's own
    suffix: str = ""
    label_class: str = ""  # only boxes whose class begins so
    frames: bool = False  # pictures are frames of videos


SETS = (
    CrowdSet("wider", "WIDER_*/images/*/*", "every face"),
    CrowdSet("scut-head", "JPEGImages/*", "heads", "../Annotations", ".xml"),
    CrowdSet("body-head", "images/*", "heads", "../labels", ".xml", "person_head", frames=True),
    CrowdSet("mask-ilc", "*", "faces", "", ".xml"),
    CrowdSet("mask-praveen", "maskDetectorJPEGImages/*", "faces", "../maskDetectorXMLfiles", ".xml"),
    CrowdSet("mask-macwin", "images/*", "faces", "../labels", ".txt"),
    CrowdSet("mask-adityap", "images/*/*", "faces", "", ".txt"),
    CrowdSet("celeba", "*", "nothing"),
    CrowdSet("fairface", "train/*", "nothing"),
    CrowdSet("all-age-faces", "original images/*", "nothing"),
)


@dataclass(frozen=True, slots=True)
class CrowdPhoto:
    """A picture uint8 (H, W, 3) BGR and its annotated boxes float32 (N, 4) xyxy in pixels, empty where nobody said.

    `ignored`, float32 (K, 4), are places of which the annotators could not tell.
    """

    name: str
    part: Part
    path: Path
    image: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    ignored: NDArray[np.float32] = field(default_factory=lambda: NO_BOXES)


def part_of(group: str) -> Part:
    """Say which part pictures of `group` belong to, by SHA-1: four of 24 test, one validation."""
    bucket = int(hashlib.sha1(group.encode()).hexdigest(), 16) % 24
    if bucket < 4:
        return "test"
    return "validation" if bucket == 4 else "train"


def part_of_run(share_before: float) -> Part:
    """Say which part a run of frames belongs to, by the share of all frames that come before it.

    Runs are too few and too unlike in length for a hash to hold back a sixth of the frames.
    """
    if share_before < 4 / 24:
        return "test"
    return "validation" if share_before < 5 / 24 else "train"


def list_pictures(crowd: CrowdSet, directory: Path) -> list[Path]:
    """Return the pictures of a set in the order of their names.

    Raises:
        DataError: there is none; the message says where they belong.
    """
    folder = directory / crowd.name
    found = sorted(path for path in folder.glob(crowd.pattern) if path.suffix.lower() in IMAGE_SUFFIXES)
    if not found:
        raise DataError(f"no pictures in {folder}; lay the set out there or set FOOTFALL_WILD")
    return found


def read_crowd(crowd: CrowdSet, directory: Path, paths: list[Path] | None = None) -> Iterator[CrowdPhoto]:
    """Yield the photographs of a set, or those of `paths`; frames of one run of a video stay in one part.

    Public copies have pictures that are cut short and boxes without extent: those photographs are left out.
    """
    chosen = paths if paths is not None else list_pictures(crowd, directory)
    part: Part = "train"
    before: NDArray[np.float32] | None = None
    for index, path in enumerate(chosen):
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None:
            logger.warning("%s is no readable picture", path)
            continue
        picture = np.asarray(image, np.uint8)
        name = f"{crowd.name}/{path.stem}"
        if crowd.frames:
            thumbnail = cv2.resize(picture, (32, 18), interpolation=cv2.INTER_AREA).astype(np.float32)
            if before is None or float(np.abs(thumbnail - before).mean()) > NEW_RUN_DIFFERENCE:
                part = part_of_run(index / len(chosen))
            before = thumbnail
        else:
            part = part_of(name)
        try:
            if crowd.kind == "every face":
                yield _read_widerface(name, path, picture)
            else:
                yield CrowdPhoto(name, part, path, picture, read_boxes(crowd, path, picture))
        except DataError as error:
            logger.warning("%s", error)


def _read_widerface(name: str, path: Path, image: NDArray[np.uint8]) -> CrowdPhoto:
    """Return a photograph of WIDER FACE; the validation ones are held back, as everybody does."""
    held_back = widerface_part(path) == "val"
    part: Part = "test" if held_back else ("validation" if part_of(name) == "validation" else "train")
    faces = read_widerface(path)
    return CrowdPhoto(name, part, path, image, faces.boxes[~faces.invalid], faces.boxes[faces.invalid])


def read_boxes(crowd: CrowdSet, path: Path, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the annotated boxes of one picture, float32 (N, 4) xyxy in pixels.

    Raises:
        DataError: the label file is missing or damaged.
    """
    if crowd.kind == "nothing":
        return NO_BOXES
    label = path.parent / crowd.labels / f"{path.stem}{crowd.suffix}"
    if not label.is_file():
        raise DataError(f"{path}: no label file {label.name}")
    if crowd.suffix == ".xml":
        boxes, classes = parse_voc(label.read_bytes(), str(label))
        chosen = [index for index, name in enumerate(classes) if name.startswith(crowd.label_class)]
        return boxes[chosen].reshape(-1, 4)
    return parse_yolo(label.read_text(encoding="utf-8"), str(label), image.shape[1], image.shape[0])


def parse_yolo(text: str, name: str, width: int, height: int) -> NDArray[np.float32]:
    """Read boxes float32 (N, 4) xyxy of a YOLO file: class, middle x, y, width, height as shares of the picture.

    Raises:
        DataError: a line holds anything else.
    """
    boxes = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        try:
            x, y, wide, high = (float(word) for word in words[1:])
        except ValueError:
            raise DataError(f"{name}:{number}: expected a class and four numbers, not {line!r}") from None
        boxes.append((x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))
    size = np.array([width, height, width, height], np.float32)
    return np.array(boxes, np.float32).reshape(-1, 4) * size
