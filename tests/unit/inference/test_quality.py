"""A face worth judging is large, sharp and frontal; the number orders faces as a person would."""

from __future__ import annotations

import cv2
import numpy as np

from footfall.types import Detections, ImageArray
from inference.quality import face_quality, frontality
from tracking import JudgementOptions

FRONTAL = np.array([[[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]]], np.float32)


def one_face(size_px: float = 100.0, score: float = 0.95) -> Detections:
    box = np.array([[20, 20, 20 + size_px, 20 + size_px]], np.float32)
    return Detections(box, np.array([score], np.float32), (FRONTAL * size_px / 100 + 20).astype(np.float32))


def noisy_picture() -> ImageArray:
    return np.random.default_rng(1).integers(0, 256, (200, 200, 3)).astype(np.uint8)


def test_no_face_gives_no_quality() -> None:
    assert face_quality(noisy_picture(), Detections.empty()).shape == (0,)


def test_a_blurred_face_is_worth_less_than_a_sharp_one() -> None:
    sharp = noisy_picture()
    blurred = cv2.GaussianBlur(sharp, (0, 0), 6).astype(np.uint8)
    assert face_quality(blurred, one_face())[0] < 0.6 * face_quality(sharp, one_face())[0]


def test_a_large_face_out_of_focus_is_not_worth_judging() -> None:
    face = one_face()
    sharp = np.full((200, 200, 3), 60, np.uint8)
    cv2.ellipse(sharp, (70, 80), (42, 55), 0, 0, 360, (150, 170, 200), -1)
    for x, y in face.landmarks[0].astype(int).tolist():
        cv2.ellipse(sharp, (x, y), (8, 4), 0, 0, 360, (40, 50, 70), -1)
    out_of_focus = cv2.GaussianBlur(sharp, (0, 0), 9).astype(np.uint8)
    floor = JudgementOptions().min_quality
    assert face_quality(sharp, face)[0] > 2 * floor
    assert face_quality(out_of_focus, face)[0] < floor


def test_darkness_alone_does_not_look_like_blur() -> None:
    bright = noisy_picture()
    dark = (bright * 0.5).astype(np.uint8)
    assert face_quality(dark, one_face())[0] > 0.8 * face_quality(bright, one_face())[0]


def test_a_small_face_is_worth_less() -> None:
    assert face_quality(noisy_picture(), one_face(20))[0] < face_quality(noisy_picture(), one_face(100))[0]


def test_a_flat_patch_is_worth_nothing() -> None:
    assert face_quality(np.full((200, 200, 3), 90, np.uint8), one_face())[0] == 0


def test_a_box_outside_the_picture_is_worth_nothing() -> None:
    outside = Detections(np.array([[-90, -90, -50, -50]], np.float32), np.ones(1, np.float32), FRONTAL - 190)
    assert face_quality(noisy_picture(), outside)[0] == 0


def test_turning_the_head_lowers_frontality_step_by_step() -> None:
    turned = [FRONTAL.copy() for _ in range(4)]
    for step, landmarks in enumerate(turned):
        landmarks[0, 2, 0] += 6 * step
    values = [float(frontality(landmarks)[0]) for landmarks in turned]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.9
    assert values[-1] < 0.5


def test_a_face_that_can_be_worth_enough_is_worth_the_same_and_another_nothing() -> None:
    picture, face = noisy_picture(), one_face()
    worth = face_quality(picture, face)[0]
    assert worth > 0
    assert face_quality(picture, face, [float(worth)])[0] == worth
    assert face_quality(picture, one_face(20), [1.0])[0] == 0
