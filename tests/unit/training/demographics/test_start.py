"""A second training begins where an export of the first ended."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from footfall.errors import DataError
from inference.session import OnnxModel
from tests.unit.training.demographics.faces import synthetic_faces, tiny_config
from training.demographics.calibration import Calibration
from training.demographics.export import ExportedNetwork
from training.demographics.finish import FinishOptions, finish
from training.demographics.network import DemographicsNetwork, NetworkOptions
from training.demographics.start import start_from
from training.demographics.train import judge, train

# torch warns that its own old exporter is old; the new one needs a further package and writes the same graph
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


@pytest.fixture(scope="module", params=[False, True], ids=["fp32", "int8"])
def first(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run, config = tmp_path_factory.mktemp("first"), tiny_config(12)
    train(config, synthetic_faces(), None, run)
    finish(config, synthetic_faces(), run, run / "first.onnx", FinishOptions("first", "1", 32, int8=request.param))
    return run / "first.onnx"


@torch.no_grad()
def test_network_says_what_the_export_says(first: Path) -> None:
    network, faces = DemographicsNetwork(tiny_config().network), synthetic_faces().images[:, ::4, ::4]
    start_from(first, network, faces)
    model = OnnxModel(first)
    stored = json.loads(model.metadata["footfall.calibration"])
    calibration = Calibration(**stored | {"age_bias": tuple(stored["age_bias"])})
    p_female, age = ExportedNetwork(network, calibration)(torch.from_numpy(np.ascontiguousarray(faces)))
    said = model.run(np.ascontiguousarray(faces))
    np.testing.assert_allclose(p_female, np.float32(said["p_female"]), atol=0.02)
    np.testing.assert_allclose(age, np.float32(said["age_probabilities"]), atol=0.02)


def test_second_training_begins_with_what_the_first_knew(first: Path, tmp_path: Path) -> None:
    faces, config = synthetic_faces(), replace(tiny_config(1), seed=7, learning_rate=1e-5)
    strange = train(config, faces, None, tmp_path / "strange")
    told = train(config, faces, None, tmp_path / "told", start=first)
    assert judge(told.average, faces, 32)["gender"] > 0.9 > judge(strange.average, faces, 32)["gender"]


def test_second_training_goes_on_from_its_own_checkpoint(first: Path, tmp_path: Path) -> None:
    faces, config = synthetic_faces(), tiny_config(3)
    whole = train(config, faces, None, tmp_path / "whole", start=first)
    train(config, faces, None, tmp_path / "parts", start=first, until=1)
    resumed = train(config, faces, None, tmp_path / "parts", start=first)
    assert torch.equal(whole.average.age.weight, resumed.average.age.weight)


def test_export_of_another_shape_is_refused(first: Path) -> None:
    wider = DemographicsNetwork(NetworkOptions(stem=16, widths=(8, 16), depths=(1, 2)))
    with pytest.raises(DataError, match=r"first\.onnx has no trunk\.0\.0\.weight of shape \(16, 3, 3, 3\)"):
        start_from(first, wider, synthetic_faces().images)


def test_file_that_is_no_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.onnx").write_text("not a network", encoding="utf-8")
    with pytest.raises(DataError, match="not an ONNX file"):
        start_from(tmp_path / "notes.onnx", DemographicsNetwork(tiny_config().network), synthetic_faces().images)
