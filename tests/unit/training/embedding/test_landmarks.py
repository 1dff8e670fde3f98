"""People are told apart by what a detector's landmarks frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from footfall.types import Detections, FloatArray, ImageArray
from training.embedding.landmarks import landmark_table
from training.embedding.photographs import Faces

SIDE, FACE = 240, 80
POINTS = np.array([[-15, -10], [15, -10], [0, 5], [-12, 20], [12, 20]], np.float32)


class Finds:
    """Finds the face in the middle with landmarks `off` pixels of the picture away, in pictures above a width."""

    def __init__(self, version: str, off: float, smallest_px: int = 0) -> None:
        self.version, self._off, self._smallest_px = version, off, smallest_px
        self._random = np.random.default_rng(0)

    def detect(self, image: ImageArray, scale: float = 1.0, min_score: float = 0.3) -> Detections:
        """Return the face, or none in a picture that is too small."""
        width = image.shape[1]
        if width < self._smallest_px:
            return Detections.empty()
        middle, half = width / 2, width * FACE / SIDE / 2
        box = np.array([[middle - half, middle - half, middle + half, middle + half]], np.float32)
        away = self._random.normal(0, self._off, 2) * width / SIDE
        return Detections(box, np.ones(1, np.float32), (middle + POINTS * width / SIDE + away)[None].astype(np.float32))


def seen_colour(images: Sequence[ImageArray], landmarks: Sequence[FloatArray]) -> FloatArray:
    """Tell people apart by the colour at the nose, as a unit vector."""
    said = []
    for image, points in zip(images, landmarks, strict=True):
        x, y = np.clip(points[2].astype(int), 0, image.shape[1] - 1)
        said.append(image[y, x].astype(np.float32) - 127.5)
    vectors = np.stack(said)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def photographs() -> Faces:
    """Return six people on grey, four photographs each: their colour is a disc in the middle of the picture."""
    random = np.random.default_rng(1)
    colours = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255))
    images, groups = [], []
    rows, columns = np.mgrid[:SIDE, :SIDE]
    for person, colour in enumerate(colours):
        for _ in range(4):
            image = random.integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
            image[(rows - SIDE / 2) ** 2 + (columns - SIDE / 2) ** 2 < 20**2] = colour
            images.append(image)
            groups.append(f"person {person}")
    count = len(images)
    nothing = [np.zeros((5, 2), np.float32)] * count
    box = [(SIDE - FACE) / 2, (SIDE - FACE) / 2, (SIDE + FACE) / 2, (SIDE + FACE) / 2]
    boxes = np.tile(np.array(box, np.float32), (count, 1))
    return Faces(images, nothing, boxes, np.array(groups), np.zeros(count, np.int16), np.full(count, ""))


def test_landmarks_that_are_off_cost_pairs_and_only_what_all_found_is_compared() -> None:
    exact, astray = Finds("exact", 0.0), Finds("astray", 30.0, smallest_px=150)
    lines = [line.split(" | ") for line in landmark_table(photographs(), [exact, astray], seen_colour).splitlines()[2:]]
    table = {(line[0].removeprefix("| "), line[1]): line[2:] for line in lines}
    assert table["as it is", "exact"][:2] == ["24", "100.0"]
    assert table["as it is", "astray"][0] == "24" and float(table["as it is", "astray"][1]) < 90
    assert table["64 px", "exact"][0] == "24"
    assert table["32 px", "–"][0] == "0"  # 96 px wide: one of them finds nobody
