"""Faces become vectors of unit length, one a detection in their order, wherever and however turned a face is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from footfall.errors import ModelError
from footfall.types import Detections, FloatArray, ImageArray
from inference import load_embedding
from inference.manifest import BUILT_IN_DIRECTORY
from tests.unit.inference.small_networks import write_small_embedding, write_small_network

LANDMARKS = np.array([[80, 90], [120, 90], [100, 115], [85, 135], [115, 135]], np.float32)


def photograph(seed: int = 0) -> ImageArray:
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 12, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (240, 240), interpolation=cv2.INTER_CUBIC), np.uint8)


def faces_at(*landmarks: FloatArray) -> Detections:
    points = np.stack(landmarks).astype(np.float32)
    boxes = np.concatenate([points.min(1) - 20, points.max(1) + 20], axis=1).astype(np.float32)
    return Detections(boxes, np.ones(len(points), np.float32), points)


def test_vectors_have_unit_length_and_the_order_of_the_detections() -> None:
    model, image = load_embedding(), photograph()
    places = [LANDMARKS + np.float32(shift) for shift in range(-20, 25, 4)]  # more than one batch
    vectors = model.embed(image, faces_at(*places))
    assert vectors.dtype == np.float32 and vectors.shape == (len(places), model.width)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for row, place in enumerate(places):
        np.testing.assert_allclose(vectors[row], model.embed(image, faces_at(place))[0], atol=1e-4)


def test_no_detection_gives_no_vector_of_the_right_width() -> None:
    model = load_embedding()
    assert model.embed(photograph(), Detections.empty()).shape == (0, model.width)


def test_a_turned_and_moved_picture_gives_the_same_vector_through_its_landmarks(tmp_path: Path) -> None:
    model = load_embedding(write_small_embedding(tmp_path / "small.onnx"))
    image = photograph()
    turn = cv2.getRotationMatrix2D((100, 100), 25, 1.0)
    turn[:, 2] += (15, -8)
    turned = np.asarray(cv2.warpAffine(image, turn, (240, 240), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    moved = (LANDMARKS @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    upright, followed, ignored = (
        model.embed(*pair)[0]
        for pair in ((image, faces_at(LANDMARKS)), (turned, faces_at(moved)), (turned, faces_at(LANDMARKS)))
    )
    assert upright @ followed > 0.98 > upright @ ignored


def test_a_small_picture_of_the_same_face_is_more_alike_than_another_face() -> None:
    model = load_embedding()
    image, other = photograph(), photograph(1)
    small = np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    large, halved = (
        model.embed(image, faces_at(LANDMARKS))[0],
        model.embed(small, faces_at(LANDMARKS * np.float32(0.5)))[0],
    )
    assert large @ halved > large @ model.embed(other, faces_at(LANDMARKS))[0]


def test_another_kind_of_network_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not an embedding network; it lacks the output embedding"):
        load_embedding(write_small_network(tmp_path / "gender.onnx"))
    with pytest.raises(ModelError, match=r"no embedding model 'nobody'.*there are: built-in"):
        load_embedding("nobody")


def test_an_embedding_that_does_not_say_how_to_frame_faces_is_refused(tmp_path: Path) -> None:
    path = write_small_embedding(tmp_path / "small.onnx")
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, path)
    with pytest.raises(ModelError, match="metadata of an embedding model is missing"):
        load_embedding(path)


def test_the_card_lies_beside_the_built_in_network() -> None:
    card = (BUILT_IN_DIRECTORY / "embedding.md").read_text(encoding="utf-8")
    assert load_embedding().model_version.removeprefix("built-in-") in card
