"""A training can begin with the weights of an earlier export, whole or without some of its blocks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from footfall.errors import DataError
from tests.unit.training.demographics.faces import synthetic_faces, tiny_config
from training.demographics.calibration import Calibration
from training.demographics.export import ExportedNetwork, ModelDescription, export
from training.demographics.network import DemographicsNetwork, NetworkOptions, to_input
from training.demographics.start import start_from
from training.demographics.train import train

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
PLAIN = NetworkOptions(stem=8, widths=(8, 16), depths=(1, 3))


def shown(count: int = 64) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def exported(path: Path) -> DemographicsNetwork:
    torch.manual_seed(2)
    network = DemographicsNetwork(PLAIN)
    torch.nn.init.normal_(network.age.weight)
    torch.nn.init.normal_(network.age.bias)
    for _ in range(3):
        network(to_input(torch.from_numpy(shown())))
    description = ModelDescription("tiny", "1", 32, 1.2, "noise", "none")
    export(ExportedNetwork(network, Calibration()), description, path)
    return network.eval()


@torch.no_grad()
def test_the_start_says_what_the_export_says(tmp_path: Path) -> None:
    earlier = exported(tmp_path / "earlier.onnx")
    network = DemographicsNetwork(PLAIN)
    start_from(tmp_path / "earlier.onnx", network, shown())
    faces = to_input(torch.from_numpy(shown(8)))
    for said, wanted in zip(network.eval()(faces), earlier(faces), strict=True):
        assert torch.allclose(said, wanted, atol=2e-2)


@torch.no_grad()
def test_a_block_with_a_shortcut_can_be_left_out(tmp_path: Path) -> None:
    earlier = exported(tmp_path / "earlier.onnx")
    shorter = DemographicsNetwork(replace(PLAIN, depths=(1, 2)))
    start_from(tmp_path / "earlier.onnx", shorter, shown(), (0, 1, 2, 4))
    faces = to_input(torch.from_numpy(shown(8)))
    del earlier.trunk[3]
    assert torch.allclose(shorter.eval()(faces).age, earlier(faces).age, atol=2e-2)


def test_training_starts_from_an_export(tmp_path: Path) -> None:
    earlier = exported(tmp_path / "earlier.onnx")
    config = replace(tiny_config(1), network=PLAIN, learning_rate=0.0)
    state = train(config, [synthetic_faces()], tmp_path / "run", start=tmp_path / "earlier.onnx")
    assert torch.allclose(state.average.age.weight, earlier.age.weight, atol=1e-2)


def test_an_export_of_another_shape_is_refused(tmp_path: Path) -> None:
    exported(tmp_path / "earlier.onnx")
    with pytest.raises(DataError, match="same"):
        start_from(tmp_path / "earlier.onnx", DemographicsNetwork(replace(PLAIN, widths=(8, 24))), shown())
    with pytest.raises(DataError, match="not an ONNX file"):
        start_from(tmp_path / "nothing.onnx", DemographicsNetwork(PLAIN), shown())
