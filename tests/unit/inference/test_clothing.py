"""Clothes are recognised in another light, told apart where they differ, and not guessed where they cannot be seen."""

from __future__ import annotations

import numpy as np
import pytest

from footfall.types import FloatArray, ImageArray
from inference import clothing_signature

BOX = np.array([[300, 60, 340, 110]], np.float32)
RED, BLUE, GREEN, DARK, LIGHT = (40, 40, 170), (150, 80, 40), (60, 120, 60), (35, 35, 35), (170, 170, 170)
TORSO = (slice(115, 300), slice(265, 375))


def scene(coat: tuple[int, int, int], light: tuple[float, ...] = (1.0, 1.0, 1.0), seed: int = 0) -> ImageArray:
    """Return a frame with a person in `coat`: grey walls, a floor, noise, under `light` (blue, green, red)."""
    frame = np.full((480, 640, 3), 150.0)
    frame[330:] = (90, 110, 120)
    frame[:, ::40] -= 30
    frame[60:110, 300:340] = (140, 170, 220)
    frame[TORSO] = coat
    frame += np.random.default_rng(seed).normal(0, 4, frame.shape)
    return np.asarray(np.clip(frame * light, 0, 255), np.uint8)


def signature(frame: ImageArray, box: FloatArray = BOX) -> FloatArray:
    return np.asarray(clothing_signature(frame, box)[0], np.float32)


@pytest.mark.parametrize("coat", [RED, BLUE, GREEN, DARK, LIGHT])
def test_the_same_coat_in_dimmer_and_warmer_light_is_more_alike_than_any_other_coat(coat: tuple[int, int, int]) -> None:
    worn = signature(scene(coat))
    later = signature(scene(coat, light=(0.56, 0.68, 0.77), seed=1))
    others = [signature(scene(other, seed=2)) for other in (RED, BLUE, GREEN, DARK, LIGHT) if other != coat]
    assert worn @ later > max(float(worn @ other) for other in others) + 0.1


def test_similarity_is_one_with_itself_and_lies_between_nothing_and_one() -> None:
    signatures = np.stack([signature(scene(coat)) for coat in (RED, BLUE, DARK)])
    alike = signatures @ signatures.T
    np.testing.assert_allclose(np.diag(alike), 1, atol=1e-5)
    assert (alike >= 0).all() and alike[0, 1] < 0.5


def test_trousers_count_as_well_as_the_shirt() -> None:
    plain, with_blue = scene(RED), scene(RED)
    with_blue[215:300, TORSO[1]] = BLUE
    turned = scene(BLUE)
    turned[215:300, TORSO[1]] = RED
    alike = [signature(plain) @ signature(with_blue), signature(with_blue) @ signature(turned)]
    assert 0.4 < alike[0] < 0.8 and alike[1] < alike[0] - 0.2


def test_stripes_differ_from_an_even_coat_of_the_same_colours_on_average() -> None:
    even, striped = scene((100, 100, 100)), scene((100, 100, 100))
    for row in range(115, 300, 20):
        striped[row : row + 10, TORSO[1]] = (160, 160, 160)
        striped[row + 10 : row + 20, TORSO[1]] = (40, 40, 40)
    assert signature(even) @ signature(striped) < 0.8


def test_each_person_gets_a_row_in_order_and_who_stands_too_low_or_too_small_gets_nan() -> None:
    boxes = np.array([[300, 400, 340, 450], [300, 60, 340, 110], [300, 60, 301, 61]], np.float32)
    rows = clothing_signature(scene(RED), boxes)
    assert rows.dtype == np.float32
    assert np.isnan(rows[0]).all() and np.isnan(rows[2]).all()
    np.testing.assert_array_equal(rows[1], signature(scene(RED)))
    assert clothing_signature(scene(RED), np.zeros((0, 4), np.float32)).shape == (0, rows.shape[1])


def test_a_person_half_out_of_the_picture_is_still_alike() -> None:
    frame = scene(RED)
    cut = frame[:, 320:]
    moved = BOX - np.array([320, 0, 320, 0], np.float32)
    assert signature(frame) @ signature(np.asarray(cut, np.uint8), moved) > 0.8
    lower = frame[:210]
    alike = signature(frame) @ signature(np.asarray(lower, np.uint8))
    assert np.isfinite(alike) and alike > 0.6
