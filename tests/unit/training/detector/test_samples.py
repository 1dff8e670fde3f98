"""Labels follow their pixels through every change that training makes to a picture."""

from __future__ import annotations

import numpy as np
import pytest

from training.detector.clutter import draw_clutter, scatter_lights, shuffle_pieces
from training.detector.compose import HARSH, MILD, Composer, split_canvas
from training.detector.crops import defocus, look_beside
from training.detector.samples import Labels, Sample, transform_boxes, warp

from .scenes import marked_face, write_pools


def test_a_mirrored_face_keeps_its_marks_under_its_landmarks() -> None:
    sample = marked_face(side=200, centre=(80.0, 90.0), face=60.0)
    mirror = np.array([[-1, 0, 199], [0, 1, 0]], np.float32)
    mirrored = warp(sample, mirror, 200, 200)
    right_eye, left_eye = mirrored.labels.landmarks[0, :2]
    assert right_eye[0] < left_eye[0]
    for point in mirrored.labels.landmarks[0]:
        assert mirrored.image[round(point[1]), round(point[0])].max() > 200


@pytest.mark.parametrize("scale", [0.2, 0.45, 1.0, 2.5])
def test_landmarks_stay_on_their_marks_at_every_scale(scale: float) -> None:
    sample = marked_face(side=240, centre=(120.0, 110.0), face=100.0)
    side = int(240 * scale)
    scaled = warp(sample, np.array([[scale, 0, 0], [0, scale, 0]], np.float32), side, side)
    for point in scaled.labels.landmarks[0]:
        assert scaled.image[round(point[1] - 0.25), round(point[0] - 0.25)].max() > 60
    assert scaled.labels.boxes[0] == pytest.approx(sample.labels.boxes[0] * scale, abs=0.1)


def test_turning_a_round_face_does_not_inflate_its_box() -> None:
    angle = np.deg2rad(45)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0]], np.float32)
    turned = transform_boxes(np.array([[-10, -10, 10, 10]], np.float32), turn)
    assert turned[0] == pytest.approx([-10, -10, 10, 10], abs=1e-4)


def test_a_face_cut_by_the_border_is_ignored_and_one_outside_is_gone() -> None:
    sample = marked_face(side=200, centre=(100.0, 100.0), face=60.0)
    half = warp(sample, np.array([[1, 0, -100], [0, 1, 0]], np.float32), 200, 200)
    assert len(half.labels.boxes) == 0 and len(half.labels.ignored) == 1
    gone = warp(sample, np.array([[1, 0, -190], [0, 1, 0]], np.float32), 200, 200)
    assert len(gone.labels.boxes) == 0 and len(gone.labels.ignored) == 0


def test_cells_cover_the_canvas_once() -> None:
    for seed in range(20):
        covered = np.zeros((320, 320), np.int32)
        for left, top, width, height in split_canvas(np.random.default_rng(seed), 320, 320, HARSH.cuts):
            covered[top : top + height, left : left + width] += 1
        assert (covered == 1).all()


def test_crowds_repeat_from_the_same_seed_and_keep_faces_inside(tmp_path: object) -> None:
    composer = Composer.open(write_pools(tmp_path), 160)
    for seed in range(12):
        first, again = (composer.draw(np.random.default_rng(seed)) for _ in range(2))
        assert np.array_equal(first.image, again.image)
        assert np.array_equal(first.labels.boxes, again.labels.boxes)
        assert first.image.shape == (160, 160, 3)
        assert (first.labels.boxes >= 0).all() and (first.labels.boxes <= 160).all()
        assert len(first.labels.boxes) == len(first.labels.landmarks)


def test_mild_pictures_are_cut_less_and_often_left_as_they_are(tmp_path: object) -> None:
    cells = [
        np.mean([len(split_canvas(np.random.default_rng(seed), 320, 320, how.cuts)) for seed in range(100)])
        for how in (HARSH, MILD)
    ]
    assert cells[1] < 0.7 * cells[0]
    composer = Composer.open(write_pools(tmp_path), 160)
    noise = [
        np.mean(
            [
                np.abs(np.diff(composer.draw(np.random.default_rng(seed), mild).image.astype(int), axis=0)).mean()
                for seed in range(30)
            ]
        )
        for mild in (False, True)
    ]
    assert noise[1] < noise[0]


def test_face_free_pictures_have_the_size_asked_for() -> None:
    rng = np.random.default_rng(0)
    assert draw_clutter(rng, 96, 64).shape == (64, 96, 3)
    pieces = shuffle_pieces(rng, Sample(np.full((250, 250, 3), 7, np.uint8), Labels.empty()))
    assert min(pieces.shape[:2]) > 200


def test_a_part_of_a_photograph_beside_its_face_shows_none_of_it() -> None:
    sample = marked_face(side=200, centre=(60.0, 60.0), face=60.0)
    found = [look_beside(np.random.default_rng(seed), sample, 64, 64) for seed in range(20)]
    shown = [part for part in found if part is not None]
    assert shown
    assert all(part.image.max() == 0 and len(part.labels.boxes) == 0 for part in shown)


def test_a_face_blurred_beyond_recognition_is_ignored() -> None:
    sample = marked_face(side=100, centre=(50.0, 50.0), face=9.0)
    for seed in range(10):
        labels = defocus(np.random.default_rng(seed), sample).labels
        assert len(labels.boxes) + len(labels.ignored) == 1
    large = marked_face(side=200, centre=(100.0, 100.0), face=80.0)
    assert all(len(defocus(np.random.default_rng(seed), large).labels.boxes) == 1 for seed in range(10))


def test_lamps_do_not_cover_faces() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    for seed in range(20):
        scatter_lights(np.random.default_rng(seed), image, np.array([[30, 30, 60, 60]], np.float32))
    assert image[40:50, 40:50].max() == 0 and image.max() > 150
