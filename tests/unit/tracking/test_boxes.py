"""Properties of the geometry of boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.boxes import Array, centre_distance, coverage, generalised_iou, iou, to_centres, to_corners

coordinate = st.floats(-500, 2000, allow_nan=False)
side = st.floats(0.5, 600, allow_nan=False)
box = st.tuples(coordinate, coordinate, side, side).map(lambda v: (v[0], v[1], v[0] + v[2], v[1] + v[3]))
boxes = st.lists(box, min_size=1, max_size=6).map(lambda rows: np.array(rows, np.float64))


@given(boxes, boxes)
def test_overlap_is_symmetric_and_a_share(left: Array, right: Array) -> None:
    overlap = iou(left, right)
    assert np.allclose(overlap, iou(right, left).T)
    assert overlap.min() >= 0
    assert overlap.max() <= 1 + 1e-9


@given(boxes)
def test_a_box_is_one_with_itself(some: Array) -> None:
    assert np.allclose(np.diag(iou(some, some)), 1)
    assert np.allclose(np.diag(generalised_iou(some, some)), 1, atol=1e-6)


@given(boxes, boxes)
def test_generalised_overlap_never_exceeds_overlap_nor_falls_below_minus_one(left: Array, right: Array) -> None:
    general = generalised_iou(left, right)
    assert (general <= iou(left, right) + 1e-9).all()
    assert general.min() >= -1 - 1e-9


@given(boxes, boxes, st.floats(0.1, 10), coordinate, coordinate)
def test_resolution_and_place_change_no_measure(left: Array, right: Array, scale: float, x: float, y: float) -> None:
    shift = np.array([x, y, x, y])
    moved, other = left * scale + shift, right * scale + shift
    assert np.allclose(iou(moved, other), iou(left, right), atol=1e-6)
    before = centre_distance(to_centres(left), to_centres(right))
    assert np.allclose(centre_distance(to_centres(moved), to_centres(other)), before, rtol=1e-6, atol=1e-6)


@given(boxes)
def test_centres_and_corners_say_the_same(some: Array) -> None:
    assert np.allclose(to_corners(to_centres(some)), some)


def test_distance_counts_in_box_sizes() -> None:
    two_widths_right = centre_distance(np.array([[0.0, 0.0, 40.0, 20.0]]), np.array([[80.0, 0.0, 40.0, 20.0]]))
    one_height_down = centre_distance(np.array([[0.0, 0.0, 40.0, 20.0]]), np.array([[0.0, 20.0, 40.0, 20.0]]))
    assert two_widths_right[0, 0] == pytest.approx(2.0)
    assert one_height_down[0, 0] == pytest.approx(1.0)


def test_coverage_is_a_share_of_the_first_box() -> None:
    small, large = np.array([[10.0, 10.0, 20.0, 20.0]]), np.array([[0.0, 0.0, 100.0, 15.0]])
    assert coverage(small, large)[0, 0] == pytest.approx(0.5)
    assert coverage(large, small)[0, 0] == pytest.approx(50 / 1500)


def test_boxes_without_area_overlap_nothing() -> None:
    empty, inside_out = np.array([[5.0, 5.0, 5.0, 5.0]]), np.array([[9.0, 9.0, 3.0, 3.0]])
    assert iou(empty, empty)[0, 0] == 0
    assert iou(inside_out, np.array([[0.0, 0.0, 10.0, 10.0]]))[0, 0] == 0


def test_no_boxes_give_no_pairs() -> None:
    none = np.zeros((0, 4))
    assert iou(none, np.ones((3, 4))).shape == (0, 3)
    assert to_centres(none).shape == (0, 4)
