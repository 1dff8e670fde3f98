"""What the settings say of a camera, drawn onto its picture."""

from __future__ import annotations

import numpy as np
import pytest

from footfall.config_sections import CameraConfig
from footfall.types import ImageArray
from ingest.setup_drawing import IGNORED_BGR, LINE_BGR, draw_setup, inside_arrow
from tracking import CountingLine

LINES = [((0.0, 0.6), (1.0, 0.6)), ((1.0, 0.6), (0.0, 0.6)), ((0.5, 0.0), (0.5, 1.0)), ((0.2, 0.9), (0.7, 0.1))]


def like(picture: ImageArray, colour: tuple[int, int, int]) -> ImageArray:
    return np.asarray(np.abs(picture.astype(np.int16) - colour).max(axis=2) < 30, np.uint8)


@pytest.mark.parametrize("line", LINES)
def test_the_arrow_points_to_where_people_are_in(line: tuple[tuple[float, float], tuple[float, float]]) -> None:
    start, end = ((x * 640, y * 360) for x, y in line)
    tail, tip = inside_arrow(start, end, 40.0)
    counting = CountingLine(start, end)
    assert counting.signed_distance(tail) == pytest.approx(0.0, abs=1e-6)
    assert counting.signed_distance(tip) == pytest.approx(40.0)


def test_line_arrow_and_areas_are_drawn_and_nothing_without_them() -> None:
    empty = np.full((360, 640, 3), 120, np.uint8)
    picture = empty.copy()
    draw_setup(picture, CameraConfig(source="0"))
    assert (picture == empty).all()
    area = ((0.8, 0.1), (0.95, 0.1), (0.95, 0.4), (0.8, 0.4))
    draw_setup(picture, CameraConfig(source="0", line=((0.0, 0.6), (1.0, 0.6)), ignore=(area,)))
    line = like(picture, LINE_BGR)
    assert line[214:219].any(axis=0).mean() > 0.95, "the line reaches from side to side"
    assert line[225:255, 310:330].any() and not line[170:205, 310:330].any(), "the arrow points down"
    assert like(picture, IGNORED_BGR)[36:144, 512:608].any()
    assert (picture[60:120, 540:580] != empty[60:120, 540:580]).any(), "the area is veiled"
