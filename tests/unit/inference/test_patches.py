"""Regions on one canvas: every region is there whole, and what is found lies where it was in the picture."""

from __future__ import annotations

import numpy as np
import pytest

from footfall.types import Detections, FloatArray, ImageArray
from inference.patches import Canvas, pack

PICTURE = (1920, 1080)


def noise(size: tuple[int, int], seed: int = 0) -> ImageArray:
    return np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)


def found(*boxes: tuple[float, float, float, float]) -> Detections:
    corners = np.array(boxes, np.float32)
    middles = (corners[:, :2] + corners[:, 2:]) / 2
    return Detections(corners, np.full(len(boxes), 0.9, np.float32), np.repeat(middles[:, None], 5, axis=1))


def on_canvas(canvas: Canvas, region: int, box: FloatArray) -> tuple[float, float, float, float]:
    """Return where `box` of the picture, inside a region, lies on the canvas."""
    origin, place = canvas.regions[region], canvas.places[region]
    scale = (place[2:] - place[:2]) / (origin[2:] - origin[:2])
    left, top = (box[:2] - origin[:2]) * scale + place[:2]
    right, bottom = (box[2:] - origin[:2]) * scale + place[:2]
    return float(left), float(top), float(right), float(bottom)


def test_every_region_is_on_the_canvas_once_and_none_covers_another() -> None:
    random = np.random.default_rng(5)
    corners = random.integers(0, 900, (12, 2))
    regions = np.concatenate([corners, corners + random.integers(5, 150, (12, 2))], axis=1).astype(np.int32)
    image = noise(PICTURE)
    canvas = pack(image, regions, 1.0)
    covered = np.zeros(canvas.image.shape[:2], np.int32)
    for (left, top, right, bottom), (x1, y1, x2, y2) in zip(regions, canvas.places, strict=True):
        np.testing.assert_array_equal(canvas.image[y1:y2, x1:x2], image[top:bottom, left:right])
        covered[y1:y2, x1:x2] += 1
    assert covered.max() == 1
    assert canvas.image.shape[0] % 32 == canvas.image.shape[1] % 32 == 0


@pytest.mark.parametrize("scale", [0.3, 0.6, 1.0])
def test_what_is_found_lies_where_it_was_in_the_picture(scale: float) -> None:
    regions = np.array([[100, 50, 400, 700], [1500, 600, 1920, 1080], [900, 0, 960, 70]], np.int32)
    canvas = pack(noise(PICTURE), regions, scale)
    boxes = np.array([[200, 100, 240, 150], [1700, 900, 1800, 1010], [905, 10, 945, 55]], np.float32)
    seen = found(*[on_canvas(canvas, row, box) for row, box in enumerate(boxes)])
    placed = canvas.to_picture(seen)
    np.testing.assert_allclose(placed.boxes, boxes, atol=0.01)
    np.testing.assert_allclose(placed.landmarks[:, 0], (boxes[:, :2] + boxes[:, 2:]) / 2, atol=0.01)


def test_a_face_that_the_border_of_a_region_cuts_is_not_believed_and_one_at_the_edge_of_the_picture_is() -> None:
    canvas = pack(noise(PICTURE), np.array([[0, 100, 300, 500]], np.int32), 1.0)
    cut, at_the_edge = (270, 200, 330, 260), (-20, 300, 40, 360)
    assert canvas.to_picture(found(cut)).boxes.tolist() == []
    assert len(canvas.to_picture(found(at_the_edge))) == 1


def test_a_find_between_two_regions_belongs_to_nobody() -> None:
    canvas = pack(noise(PICTURE), np.array([[0, 0, 100, 100], [500, 0, 600, 100]], np.int32), 1.0)
    gap_x = int(canvas.places[:, 2].min()) + 4
    assert len(canvas.to_picture(found((gap_x - 2, 10, gap_x + 2, 20)))) == 0
