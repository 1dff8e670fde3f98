"""The detector's geometry: what a cell says becomes the right box in the camera's own pixels."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import cast

import numpy as np
import onnx
import pytest

from footfall.errors import ModelError
from inference import load_attributes, load_detector
from inference.detector import STRIDES, FaceDetector, _without_partial, decode
from inference.manifest import packaged_model
from inference.session import OnnxModel


def silent_outputs(width: int, height: int) -> dict[str, np.typing.NDArray[np.generic]]:
    outputs: dict[str, np.typing.NDArray[np.generic]] = {}
    for stride in STRIDES:
        cells = (width // stride) * (height // stride)
        for head, columns in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
            outputs[f"{head}_{stride}"] = np.zeros((1, cells, columns), np.float32)
    return outputs


@pytest.mark.parametrize("stride", STRIDES)
def test_a_cell_that_fires_gives_its_box_and_landmarks(stride: int) -> None:
    width, height = 320, 160
    outputs = silent_outputs(width, height)
    column, row = 3, 2
    cell = row * (width // stride) + column
    outputs[f"cls_{stride}"][0, cell] = 0.81
    outputs[f"obj_{stride}"][0, cell] = 1.0
    outputs[f"bbox_{stride}"][0, cell] = [0.5, 0.25, np.log(4), np.log(6)]
    outputs[f"kps_{stride}"][0, cell] = np.tile([1.0, -1.0], 5)
    boxes, scores, landmarks = decode(outputs, (width, height), 0.5)
    assert scores == pytest.approx([0.9])
    expected = [(3.5 - 2) * stride, (2.25 - 3) * stride, (3.5 + 2) * stride, (2.25 + 3) * stride]
    assert boxes[0] == pytest.approx(expected)
    assert landmarks[0] == pytest.approx(np.tile([4.0 * stride, 1.0 * stride], (5, 1)))


def test_a_silent_network_gives_empty_arrays_of_the_right_shape() -> None:
    boxes, scores, landmarks = decode(silent_outputs(320, 160), (320, 160), 0.5)
    assert (boxes.shape, scores.shape, landmarks.shape) == ((0, 4), (0,), (0, 5, 2))


def test_a_box_around_half_a_face_goes_and_two_people_side_by_side_stay() -> None:
    whole, half, neighbour = [460, 386, 504, 436], [446, 374, 477, 414], [506, 386, 550, 436]
    order = _without_partial(np.array([half, whole, neighbour], np.float32), np.array([1, 2, 0]))
    assert order.tolist() == [1, 2]


class CrowdNetwork:
    """Says that a face is in each of 200 places, as trained networks do: in several cells around its middle."""

    version = "crowd"

    def run(self, blob: np.typing.NDArray[np.float32]) -> dict[str, np.typing.NDArray[np.generic]]:
        """Fire in 4 x 4 cells of each of 20 x 10 places; later ones are less sure."""
        height, width = blob.shape[2:]
        outputs, columns = silent_outputs(width, height), width // 8
        for place in range(200):
            left, top = place % 20 * 8, place // 20 * 8
            for row, column in itertools.product(range(4), repeat=2):
                cell = (top + row) * columns + left + column
                outputs["cls_8"][0, cell] = outputs["obj_8"][0, cell] = 0.99 - 0.001 * place
                outputs["bbox_8"][0, cell] = [2 - column, 2 - row, np.log(4), np.log(4)]
        return outputs


def test_in_a_crowd_nobody_is_lost_to_the_number_of_cells_that_fire() -> None:
    detector = FaceDetector(cast(OnnxModel, CrowdNetwork()), (1280, 640), 0.2)
    found = detector.detect(np.zeros((640, 1280, 3), np.uint8))
    assert len(found) == 200 and found.scores.min() > 0.75


def fixed(path: Path, source: Path, sizes: dict[int, int]) -> Path:
    """Write `source` with `sizes` of its input's axes fixed, as exporters do when nobody tells them otherwise."""
    network = onnx.load(source)
    for axis, size in sizes.items():
        network.graph.input[0].type.tensor_type.shape.dim[axis].dim_value = size
    onnx.save(network, path)
    return path


def test_a_network_for_one_size_or_number_of_pictures_is_refused_before_a_camera_meets_it(tmp_path: Path) -> None:
    detector = fixed(tmp_path / "d.onnx", packaged_model("detector"), {2: 640, 3: 640})
    with pytest.raises(ModelError, match=r"nothing but height 640 and width 640, .*dynamic axes"):
        load_detector(detector)
    judge = fixed(tmp_path / "j.onnx", packaged_model("demographics"), {0: 1})
    with pytest.raises(ModelError, match=r"nothing but batch 1, .*dynamic axes"):
        load_attributes(judge)


@pytest.mark.parametrize("size", [(1, 1), (31, 977), (1920, 1080), (640, 352), (350, 640)])
def test_a_picture_of_any_size_is_accepted(size: tuple[int, int]) -> None:
    detections = load_detector().detect(np.full((size[1], size[0], 3), 127, np.uint8))
    assert len(detections) == 0


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.onnx: no such model file"):
        load_detector(tmp_path / "absent.onnx")


def test_a_file_that_is_no_network_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(ModelError, match="not a network") as caught:
        load_detector(path)
    assert "\n" not in str(caught.value)


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    from inference.manifest import BUILT_IN_DIRECTORY

    with pytest.raises(ModelError, match="not a face detector"):
        load_detector(BUILT_IN_DIRECTORY / "demographics.onnx")


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ModelError, match="did you mean 'built-in'"):
        load_detector("build-in")
