"""A training can begin with the weights of an earlier export, whole or without some of its blocks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from footfall.errors import ConfigError, DataError
from tests.unit.training.demographics.faces import synthetic_faces, tiny_config
from training.demographics.calibration import Calibration
from training.demographics.config import RunConfig
from training.demographics.export import ExportedNetwork, ModelDescription, export
from training.demographics.network import DemographicsNetwork, NetworkOptions, WeighedPlaces, to_input
from training.demographics.start import start_from
from training.demographics.train import train

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
PLAIN = NetworkOptions(stem=8, widths=(8, 16), depths=(1, 3))
WEIGHED = NetworkOptions(stem=8, widths=(8, 12, 16), depths=(1, 1, 1), weighed=True)


def shown(count: int = 64, size_px: int = 32) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (count, size_px, size_px, 3), dtype=np.uint8)


def exported(path: Path, options: NetworkOptions = PLAIN, size_px: int = 32) -> DemographicsNetwork:
    torch.manual_seed(2)
    network = DemographicsNetwork(options)
    if isinstance(network.pool, WeighedPlaces):
        torch.nn.init.uniform_(network.pool.weight)
    torch.nn.init.normal_(network.age.weight)
    torch.nn.init.normal_(network.age.bias)
    for _ in range(3):
        network(to_input(torch.from_numpy(shown(size_px=size_px))))
    description = ModelDescription("tiny", "1", size_px, 1.2, "noise", "none")
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
def test_the_start_weighs_places_as_the_export_does(tmp_path: Path) -> None:
    earlier = exported(tmp_path / "earlier.onnx", WEIGHED, 40)
    network = DemographicsNetwork(WEIGHED)
    start_from(tmp_path / "earlier.onnx", network, shown(size_px=40))
    faces = to_input(torch.from_numpy(shown(8, 40)))
    for said, wanted in zip(network.eval()(faces), earlier(faces), strict=True):
        assert torch.allclose(said, wanted, atol=2e-2)


@torch.no_grad()
def test_places_are_averaged_until_they_are_weighed(tmp_path: Path) -> None:
    earlier = exported(tmp_path / "earlier.onnx", replace(WEIGHED, weighed=False), 40)
    network = DemographicsNetwork(WEIGHED)
    start_from(tmp_path / "earlier.onnx", network, shown(size_px=40))
    features = torch.rand(4, 16, 3, 3)
    assert torch.allclose(network.pool(features).flatten(1), earlier.pool(features).flatten(1), atol=1e-5)


def test_weighed_places_need_pictures_of_their_size() -> None:
    with pytest.raises(ConfigError, match="from 33 to 40"):
        RunConfig(sets=("fairface",), sizes_px=(32,), epochs=(1,), network=WEIGHED)


def test_the_stage_of_weighed_places_has_one_block() -> None:
    with pytest.raises(ConfigError, match="end depths with 1"):
        RunConfig(sets=("fairface",), sizes_px=(40,), epochs=(1,), network=replace(WEIGHED, depths=(1, 1, 2)))


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
    exported(tmp_path / "weighed.onnx", WEIGHED, 40)
    with pytest.raises(DataError, match="weighed = true"):
        start_from(tmp_path / "weighed.onnx", DemographicsNetwork(replace(WEIGHED, weighed=False)), shown(size_px=40))
    with pytest.raises(DataError, match="not an ONNX file"):
        start_from(tmp_path / "nothing.onnx", DemographicsNetwork(PLAIN), shown())
