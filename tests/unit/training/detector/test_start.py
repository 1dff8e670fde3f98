"""A training that begins with an earlier export says at first what the export says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from footfall.errors import DataError
from tests.unit.training.detector.scenes import write_pools
from training.detector.compose import Composer
from training.detector.export import Card, export
from training.detector.network import FACE_OUTPUTS, Detector
from training.detector.train import Recipe, Run

CARD = Card("tiny", "0.1", "drawn faces", "MIT")
RECIPE = Recipe(iterations=4, batch=2, side_px=96, warmup_iterations=2)


@pytest.fixture(scope="module")
def composer(tmp_path_factory: pytest.TempPathFactory) -> Composer:
    torch.set_num_threads(1)
    return Composer.open(write_pools(tmp_path_factory.mktemp("pools")), RECIPE.side_px)


def trained() -> Detector:
    """Return a network whose norms have seen something."""
    torch.manual_seed(3)
    network = Detector()
    network.train()
    with torch.no_grad():
        network(torch.rand(4, 3, 96, 96) * 255)
        for layer in (*network.predict, *network.mark):
            assert isinstance(layer, nn.Conv2d) and layer.bias is not None
            layer.bias.normal_()
    return network.eval()


def test_a_run_starts_with_what_an_export_says(composer: Composer, tmp_path: Path) -> None:
    network = trained()
    export(network, tmp_path / "earlier.onnx", CARD)
    run = Run(RECIPE, composer)
    run.start(tmp_path / "earlier.onnx")
    image = torch.rand(2, 3, 96, 128) * 255
    for copy in (run.network.eval(), run.average.eval()):
        assert torch.allclose(copy(image), network(image), atol=1e-4)


def test_an_export_without_a_branch_for_landmarks_lends_it_the_one_for_faces(
    composer: Composer, tmp_path: Path
) -> None:
    network = trained()
    branches = [branch for branch in network.mark_head if isinstance(branch, nn.Sequential)]
    for branch, head in zip(branches, network.head, strict=True):
        branch[0].load_state_dict(head.state_dict())
    path = tmp_path / "earlier.onnx"
    export(network, path, CARD)
    join_predictions(path)
    run = Run(RECIPE, composer)
    run.start(path)
    for branch in branches:  # what the earlier layout computed: both predictions from one branch
        branch[1] = nn.Identity()
    image = torch.rand(2, 3, 96, 128) * 255
    assert torch.allclose(run.average.eval()(image), network(image), atol=1e-4)


def join_predictions(path: Path) -> None:
    """Rewrite an export as an earlier one: faces and landmarks from one convolution, no branch for landmarks."""
    model = onnx.load(path)
    values = {tensor.name: tensor for tensor in model.graph.initializer}
    by_name = {node.name.removesuffix("/Conv").rpartition("/")[2]: node for node in model.graph.node}
    for level in range(3):
        face, mark = by_name[f"predict.{level}"], by_name[f"mark.{level}"]
        for source, addition in zip(face.input[1:], mark.input[1:], strict=True):
            both = [numpy_helper.to_array(values[name]) for name in (source, addition)]
            assert len(both[0]) == FACE_OUTPUTS
            values[source].CopyFrom(numpy_helper.from_array(np.concatenate(both), source))
    for node in [node for node in model.graph.node if "mark" in node.name and node.op_type == "Conv"]:
        model.graph.node.remove(node)
    onnx.save(model, path)


def test_a_file_that_is_no_detector_is_refused(composer: Composer, tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    with pytest.raises(DataError, match=r"bad\.onnx"):
        Run(RECIPE, composer).start(tmp_path / "bad.onnx")
