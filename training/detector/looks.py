"""What the teachers see in the photographs of crowds, kept beside the pixels: asked once, judged as often as needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from footfall.errors import DataError
from footfall.types import Detections
from training.arrays import write_arrays
from training.data.crowds import NO_BOXES, CrowdPhoto, CrowdSet, list_pictures, read_crowd
from training.data.keypoints import read_keypoints
from training.detector.samples import Floats, Image
from training.detector.teacher import Finds, look, look_twice

LOOK_SCORE = 0.15
WIDEST_PX = {"every face": 1024, "heads": 832, "faces": 640, "nothing": 448}
MOST_PICTURES = {
    "scut-head": 1800,
    "body-head": 458,
    "mask-ilc": 300,
    "celeba": 600,
    "fairface": 1200,
    "all-age-faces": 1600,
}
SCALES = (2.0, 1.0)
PORTRAIT_SCALES = (0.65, 0.4)  # faces of 70 to 120 px, where the first teacher's landmarks are best
KEYPOINT_SHARE = 0.5  # of annotated key points beside the teacher's landmarks: their errors have nothing in common
ANNOTATED = "all-age-faces"
PORTRAITS = ("fairface", "all-age-faces")  # one face a picture, cut close: a border lets detectors find it
BORDER_PX = 40
ONE_TEACHER = ("scut-head", "wider")  # every head, every face is annotated: a second witness that costs nothing


@dataclass(frozen=True, slots=True)
class Look:
    """One photograph with its annotated boxes (N, 4) and the faces of both teachers, in its pixels.

    `ignored` (K, 4) are places of which its annotators could not tell.
    """

    name: str
    part: str
    image: Image
    annotated: Floats
    first: Detections
    second: Detections
    ignored: Floats = field(default_factory=lambda: NO_BOXES)


def add_keypoints(faces: Detections, points: Floats) -> Detections:
    """Average the annotated landmarks (5, 2) with those of the face that they lie in."""
    middle = points.mean(axis=0)
    inside = (faces.boxes[:, :2] < middle).all(axis=1) & (faces.boxes[:, 2:] > middle).all(axis=1)
    landmarks = faces.landmarks.copy()
    landmarks[inside] += KEYPOINT_SHARE * (points - landmarks[inside])
    return Detections(faces.boxes, faces.scores, landmarks)


def look_at(photo: CrowdPhoto, crowd: CrowdSet, first: Finds, second: Finds | None) -> Look:
    """Shrink a photograph to the size at which it is kept, and ask the teachers.

    Of portraits, and without a second teacher, the first one's word is taken for both; where heads are annotated,
    they can stand for the second.
    """
    factor = min(1.0, WIDEST_PX[crowd.kind] / max(photo.image.shape[:2]))
    image = photo.image
    if factor < 1:
        image = np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
    annotated, ignored = photo.boxes * np.float32(factor), photo.ignored * np.float32(factor)
    if crowd.name in PORTRAITS:
        image = np.asarray(cv2.copyMakeBorder(image, *(BORDER_PX,) * 4, cv2.BORDER_REPLICATE), np.uint8)
        seen = look_twice(first, image, PORTRAIT_SCALES, LOOK_SCORE)
        if crowd.name == ANNOTATED:
            seen = add_keypoints(seen, read_keypoints(photo.path) * np.float32(factor) + np.float32(BORDER_PX))
        return Look(photo.name, photo.part, image, annotated, seen, seen)
    seen = look(first, image, SCALES, LOOK_SCORE)
    if crowd.name in ONE_TEACHER:
        other = Detections(*(part[:0] for part in (seen.boxes, seen.scores, seen.landmarks)))
    else:
        other = seen if second is None else second.detect(image, min_score=LOOK_SCORE)
    return Look(photo.name, photo.part, image, annotated, seen, other, ignored)


def store_looks(
    crowd: CrowdSet, wild: Path, folder: Path, first: Finds, second: Finds | None, most: int | None = None
) -> int:
    """Look at a set, or evenly at `most` of its pictures (MOST_PICTURES), and write all; return how many.

    Pixels go to `SET.pixels` one photograph after the other, everything else to `SET.npz`, which is written last.
    """
    paths = list_pictures(crowd, wild)
    most = most or MOST_PICTURES.get(crowd.name, len(paths))
    if len(paths) > most:
        paths = [paths[index] for index in np.linspace(0, len(paths) - 1, most).astype(int)]
    folder.mkdir(parents=True, exist_ok=True)
    seen: list[Look] = []
    shapes: list[tuple[int, int]] = []
    with (folder / f"{crowd.name}.pixels").open("wb") as pixels:
        for photo in read_crowd(crowd, wild, paths):
            one = look_at(photo, crowd, first, second)
            pixels.write(one.image.tobytes())
            shapes.append((one.image.shape[0], one.image.shape[1]))
            seen.append(replace(one, image=one.image[:0]))
    columns: dict[str, list[Floats]] = {
        "annotated": [one.annotated for one in seen],
        "ignored": [one.ignored for one in seen],
        "first_boxes": [one.first.boxes for one in seen],
        "first_scores": [one.first.scores for one in seen],
        "first_landmarks": [one.first.landmarks for one in seen],
        "second_boxes": [one.second.boxes for one in seen],
        "second_scores": [one.second.scores for one in seen],
        "second_landmarks": [one.second.landmarks for one in seen],
    }
    table: dict[str, NDArray[Any]] = {
        "names": np.array([one.name for one in seen]),
        "parts": np.array([one.part for one in seen]),
        "shapes": np.array(shapes, np.int64),
    }
    for name, rows in columns.items():
        table[f"{name}_counts"] = np.array([len(row) for row in rows], np.int64)
        table[name] = np.concatenate(rows)
    write_arrays(folder / f"{crowd.name}.npz", table)
    return len(seen)


def load_looks(name: str, folder: Path) -> Iterator[Look]:
    """Yield what `store_looks` wrote of a set; pixels are views into a file, do not write into them.

    Raises:
        DataError: the set was not prepared.
    """
    table = folder / f"{name}.npz"
    if not table.is_file():
        raise DataError(f"no prepared photographs in {table}; run `python -m training detector prepare`")
    with np.load(table) as stored:
        columns = {
            key.removesuffix("_counts"): np.split(stored[key.removesuffix("_counts")], np.cumsum(stored[key])[:-1])
            for key in stored.files
            if key.endswith("_counts")
        }
        names, parts, shapes = stored["names"], stored["parts"], stored["shapes"]
    pixels = np.memmap(folder / f"{name}.pixels", np.uint8, mode="r")
    start = 0
    for index, (height, width) in enumerate(shapes.tolist()):
        end = start + height * width * 3
        row = {key: values[index] for key, values in columns.items()}
        first = Detections(row["first_boxes"], row["first_scores"], row["first_landmarks"])
        second = Detections(row["second_boxes"], row["second_scores"], row["second_landmarks"])
        image = pixels[start:end].reshape(height, width, 3)
        yield Look(str(names[index]), str(parts[index]), image, row["annotated"], first, second, row["ignored"])
        start = end
