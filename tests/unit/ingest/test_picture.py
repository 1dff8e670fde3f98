"""A camera that cannot see is noticed, one that sees people walking by is not accused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from footfall.types import ImageArray, PictureState
from ingest.picture import PictureMonitor

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def entrance(seed: int) -> ImageArray:
    """Return a still entrance hall, uint8 (360, 640, 3) BGR: floor, doors, signs, and a little texture."""
    generator = np.random.default_rng(seed)
    image = np.full((360, 640, 3), 110, np.uint8)
    for _ in range(25):
        x, y = int(generator.integers(0, 600)), int(generator.integers(0, 320))
        w, h = int(generator.integers(20, 140)), int(generator.integers(20, 120))
        colour = tuple(int(value) for value in generator.integers(30, 230, 3))
        cv2.rectangle(image, (x, y), (x + w, y + h), colour, -1)
    return np.asarray(np.clip(image + generator.normal(0, 4, image.shape), 0, 255), np.uint8)


HALL = entrance(1)
OTHER_HALL = entrance(2)
BLURRED = np.asarray(cv2.GaussianBlur(HALL, (0, 0), 9), np.uint8)
TAPE = np.asarray(np.random.default_rng(3).normal(90, 2, HALL.shape), np.uint8)
Change = Callable[[ImageArray, int], ImageArray]


STREET = np.asarray(cv2.resize(entrance(5), (960, 540)), np.uint8)


def crowd(left: int = 120, top: int = 60, of: ImageArray = STREET, seed: int = 7) -> Change:
    """Return what a camera sees that looks at a part of a street, with forty people in it who cover most of it."""
    random = np.random.default_rng(seed)
    starts, speeds = random.uniform(0, 1100, 40), random.choice((-1.0, 1.0), 40) * random.uniform(20, 45, 40)
    feet, shades = np.sort(random.uniform(210, 540, 40)), random.integers(0, 256, (40, 2, 3))

    def see(_: ImageArray, number: int) -> ImageArray:
        street = of.copy()
        for start, speed, foot, (coat, hair) in zip(starts, speeds, feet, shades.tolist(), strict=True):
            x, height = int((start + speed * number / 2) % 1100) - 70, int(foot * 0.6)
            cv2.rectangle(street, (x - height // 6, int(foot) - height), (x + height // 6, int(foot)), coat, -1)
            cv2.circle(street, (x, int(foot) - height), height // 8, hair, -1)
        return street[top : top + 360, left : left + 640]

    return see


def watch(monitor: PictureMonitor, seconds: float, change: Change, begin_s: float = 0.0) -> list[PictureState]:
    """Show `monitor` the hall at 2 fps for `seconds`, changed by `change(image, frame number)`."""
    states = []
    for number in range(int(seconds * 2)):
        states.append(monitor.update(change(HALL.copy(), number), START + timedelta(seconds=begin_s + number / 2)))
    return states


def unchanged(image: ImageArray, _: int) -> ImageArray:
    return image


def person_walks_by(image: ImageArray, number: int) -> ImageArray:
    cv2.ellipse(image, ((number * 30) % 700 - 30, 200), (40, 150), 0, 0, 360, (60, 80, 120), -1)
    return image


def lights_out(image: ImageArray, _: int) -> ImageArray:
    return np.asarray(image * 0.05, np.uint8)


def dimmed(image: ImageArray, _: int) -> ImageArray:
    return np.asarray(image * 0.5, np.uint8)


def taped_over(image: ImageArray, number: int) -> ImageArray:
    return np.roll(TAPE, number, axis=1)


def out_of_focus(image: ImageArray, _: int) -> ImageArray:
    return BLURRED


def turned_away(image: ImageArray, _: int) -> ImageArray:
    return OTHER_HALL


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lights_out, PictureState.DARK),
        (taped_over, PictureState.COVERED),
        (out_of_focus, PictureState.BLURRED),
    ],
)
def test_a_camera_that_cannot_see_is_noticed_and_its_recovery_too(change: Change, expected: PictureState) -> None:
    monitor = PictureMonitor()
    assert set(watch(monitor, 20, unchanged)) == {PictureState.OK}
    assert watch(monitor, 30, change, begin_s=20)[-1] is expected
    assert watch(monitor, 30, unchanged, begin_s=50)[-1] is PictureState.OK


VIEWS: dict[str, Change] = {
    "a tenth aside": crowd(left=120 + 64),
    "a third aside": crowd(left=120 + 200),
    "a tenth down": crowd(top=60 + 36),
    "another view": crowd(of=np.asarray(cv2.resize(entrance(6), (960, 540)), np.uint8), seed=11),
}


@pytest.mark.parametrize("seed", [7, 8])
def test_a_crowd_before_a_fixed_camera_is_no_alarm(seed: int) -> None:
    assert set(watch(PictureMonitor(), 150, crowd(seed=seed))) == {PictureState.OK}


def test_a_crowd_that_comes_and_goes_is_no_alarm() -> None:
    monitor = PictureMonitor()
    empty = STREET[60:420, 120:760]
    watch(monitor, 60, lambda image, number: empty)
    assert set(watch(monitor, 120, crowd(), begin_s=60)) == {PictureState.OK}
    assert set(watch(monitor, 60, lambda image, number: empty, begin_s=180)) == {PictureState.OK}


@pytest.mark.parametrize("name", VIEWS)
def test_a_turned_camera_is_noticed_within_two_minutes_and_its_return_too(name: str) -> None:
    monitor = PictureMonitor()
    watch(monitor, 60, crowd())
    assert watch(monitor, 120, VIEWS[name], begin_s=60)[-1] is PictureState.MOVED
    assert watch(monitor, 120, crowd(), begin_s=180)[-1] is PictureState.OK


def test_a_camera_turned_while_it_was_dark_is_noticed() -> None:
    monitor = PictureMonitor()
    watch(monitor, 60, unchanged)
    assert watch(monitor, 60, lights_out, begin_s=60)[-1] is PictureState.DARK
    assert watch(monitor, 90, turned_away, begin_s=120)[-1] is PictureState.MOVED


@pytest.mark.parametrize("change", [person_walks_by, dimmed])
def test_people_and_dimmed_light_are_no_alarm(change: Change) -> None:
    monitor = PictureMonitor()
    watch(monitor, 10, unchanged)
    assert set(watch(monitor, 60, change, begin_s=10)) == {PictureState.OK}


def test_a_hand_before_the_lens_for_two_seconds_is_no_alarm() -> None:
    monitor = PictureMonitor()
    watch(monitor, 10, unchanged)
    states = watch(monitor, 2, taped_over, begin_s=10) + watch(monitor, 5, unchanged, begin_s=12)
    assert set(states) == {PictureState.OK}


@pytest.mark.parametrize(("change", "expected"), [(lights_out, PictureState.DARK), (taped_over, PictureState.COVERED)])
def test_a_camera_that_never_saw_anything_is_noticed_from_the_start(change: Change, expected: PictureState) -> None:
    assert watch(PictureMonitor(), 5, change)[-1] is expected


def test_a_logo_or_snow_before_the_first_picture_does_not_call_the_camera_blurred() -> None:
    snow = np.random.default_rng(9).integers(0, 256, HALL.shape, dtype=np.uint8)
    for first in (snow, np.asarray(np.where(np.indices(HALL.shape)[1] // 4 % 2, 255, 0), np.uint8)):
        states = watch(PictureMonitor(), 120.0, lambda hall, number, first=first: first if number < 3 else hall)  # type: ignore[misc]
        assert set(states) == {PictureState.OK}
