"""The motion gate rests when nothing happens and never overlooks a face; cuts are told from movement and lamps."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from footfall.types import ImageArray
from ingest.motion import CutDetector, MotionGate, MotionOptions, View, polygon_mask, small_grey
from tests.unit.ingest.footage import START, wall, with_faces

HALL = (640, 360)
RIGHT_HALF = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))


def noisy(image: ImageArray, seed: int, sigma: float = 5.0) -> ImageArray:
    """Return `image` with sensor noise."""
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def asked_s(gate: MotionGate, images: list[ImageArray], view: View, step_s: float = 0.1) -> list[float]:
    """Feed `images` and return the seconds at which the gate asked for a detection, each of which showed `view`."""
    asked = []
    for index, image in enumerate(images):
        grey, at = small_grey(image), START + timedelta(seconds=index * step_s)
        if gate.wants(grey, at):
            asked.append(round(index * step_s, 3))
            gate.detected(grey, at, view)
    return asked


def test_an_empty_noisy_hall_is_looked_at_once_a_second() -> None:
    images = [noisy(wall(HALL), seed) for seed in range(40)]
    asked = asked_s(MotionGate(MotionOptions(hold_s=0.0)), images, View.EMPTY)
    assert asked == [0.0, 1.0, 2.0, 3.0]


def test_a_small_face_that_moves_is_always_detected() -> None:
    side_px = 16
    images = [noisy(with_faces(wall(HALL), [(100 + 4 * i, 150)], side_px), i) for i in range(30)]
    asked = asked_s(MotionGate(MotionOptions(hold_s=0.0)), images, View.EMPTY)
    assert len(asked) == 30


def test_slow_movement_adds_up_until_it_is_seen() -> None:
    images = [with_faces(wall(HALL), [(100 + i // 4, 150)], 16) for i in range(60)]  # 2.5 px a second
    options = MotionOptions(hold_s=0.0, empty_interval_s=100.0)
    assert len(asked_s(MotionGate(options), images, View.EMPTY)) >= 3


@pytest.mark.parametrize(("view", "longest_s"), [(View.NEW, 0.1), (View.FOLLOWED, 0.2), (View.EMPTY, 1.0)])
def test_a_still_picture_is_looked_at_the_more_often_the_more_it_matters(view: View, longest_s: float) -> None:
    images = [with_faces(wall(HALL), [(300, 150)])] * 60
    asked = asked_s(MotionGate(MotionOptions()), images, view)
    assert max(np.diff(asked)) == pytest.approx(longest_s)


def test_movement_inside_an_ignored_polygon_does_not_count() -> None:
    images = [with_faces(wall(HALL), [(450 + 5 * i, 150)], 30) for i in range(21)]
    options = MotionOptions(hold_s=0.0)
    assert len(asked_s(MotionGate(options, (RIGHT_HALF,)), images, View.EMPTY)) == 3
    assert len(asked_s(MotionGate(options), images, View.EMPTY)) == 21


def test_a_polygon_mask_covers_its_part_of_the_picture() -> None:
    mask = polygon_mask((RIGHT_HALF,), (160, 90))
    assert mask[:, :79].min() == 255
    assert mask[:, 81:].max() == 0


def cuts(images: list[ImageArray]) -> list[int]:
    """Return the positions at which a cut was found."""
    detector = CutDetector(MotionOptions())
    return [index for index, image in enumerate(images) if detector.is_cut(small_grey(image))]


def bright_hall() -> ImageArray:
    """Return a scene that has nothing in common with `wall(HALL, 0)`."""
    return np.clip(wall(HALL, seed=9).astype(np.int16) * 2 - 40, 0, 255).astype(np.uint8)


def test_a_cut_to_another_scene_is_found() -> None:
    assert cuts([wall(HALL)] * 3 + [bright_hall()] * 3 + [wall(HALL)] * 2) == [3, 6]


def test_a_cut_through_black_is_found_once_the_new_scene_is_there() -> None:
    black = np.zeros((360, 640, 3), np.uint8)
    assert cuts([wall(HALL), black, black, bright_hall(), bright_hall()]) == [3]
    assert cuts([wall(HALL), black, wall(HALL)]) == []


def test_a_lamp_is_no_cut() -> None:
    lit = np.clip(wall(HALL).astype(np.float32) * 1.5 + 20, 0, 255).astype(np.uint8)
    assert cuts([wall(HALL), lit, wall(HALL)]) == []


def test_a_large_person_who_walks_by_is_no_cut() -> None:
    images = [with_faces(wall(HALL), [(50 + 100 * i, 180)], 250) for i in range(6)]
    assert cuts(images) == []
