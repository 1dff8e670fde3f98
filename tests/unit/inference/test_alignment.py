"""A face turned, scaled and shifted comes out upright in the frame that the network expects."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.alignment import align_face, similarity_transform

TEMPLATE = np.array([[0.3, 0.3], [0.7, 0.3], [0.5, 0.5], [0.35, 0.7], [0.65, 0.7]], np.float32)


@given(
    angle=st.floats(-3.1, 3.1),
    scale=st.floats(0.1, 20),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_the_transform_undoes_any_similarity(angle: float, scale: float, shift: tuple[float, float]) -> None:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    moved = (TEMPLATE @ turn.T + np.array(shift)).astype(np.float32)
    found = similarity_transform(moved, TEMPLATE)
    back = moved @ found[:, :2].T + found[:, 2]
    assert np.abs(back - TEMPLATE).max() < 2e-3 * max(1, 500 / scale / 100)


def test_landmarks_in_one_point_do_not_divide_by_zero() -> None:
    found = similarity_transform(np.full((5, 2), 7, np.float32), TEMPLATE)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("face_px", [20, 100, 600])
def test_eyes_end_up_where_the_template_wants_them(face_px: int) -> None:
    image = np.zeros((1200, 1200, 3), np.uint8)
    landmarks = (TEMPLATE * face_px + 300).astype(np.float32)
    for number, point in enumerate(landmarks[:2]):
        cv2.circle(
            image, tuple(int(v) for v in point.round()), max(1, face_px // 20), (255, 0, 0)[:: -1 if number else 1], -1
        )
    aligned = align_face(image, landmarks, TEMPLATE, 96)
    assert aligned.shape == (96, 96, 3)
    for number, channel in ((0, 0), (1, 2)):
        row, column = np.unravel_index(aligned[:, :, channel].argmax(), (96, 96))
        assert abs(column - TEMPLATE[number, 0] * 96) < 7
        assert abs(row - TEMPLATE[number, 1] * 96) < 7
