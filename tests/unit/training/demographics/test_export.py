"""The exported file says the same as the network, in fp32 to 1e-4, and describes itself to the program."""

from pathlib import Path

import numpy as np
import pytest
import torch

from inference import load_attributes
from inference.session import OnnxModel
from tests.unit.training.demographics.faces import synthetic_faces, tiny_config
from training.demographics.calibration import Calibration, calibration_error, fit_calibration
from training.demographics.export import ExportedNetwork, ModelDescription, export
from training.demographics.finish import FinishOptions, finish
from training.demographics.network import DemographicsNetwork, to_input
from training.demographics.train import train

# torch warns that its own old exporter is old; the new one needs a further package and writes the same graph
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


def some_faces(count: int, size_px: int = 48) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (count, size_px, size_px, 3), dtype=np.uint8)


def used_network() -> DemographicsNetwork:
    """A network whose norms have seen pictures, so that fusing them is put to the test."""
    torch.manual_seed(2)
    network = DemographicsNetwork(tiny_config().network)
    for _ in range(3):
        network(to_input(torch.from_numpy(some_faces(8))))
    return network.eval()


@torch.no_grad()
@pytest.mark.parametrize("mirror", [False, True])
def test_export_says_what_the_network_says(tmp_path: Path, mirror: bool) -> None:
    network, calibration = used_network(), Calibration(1.3, 0.8, 0.1, (0.5, *[0.0] * 7))
    bias = torch.where(torch.arange(101) < 13, 0.5, 0.0)
    exported = ExportedNetwork(network, calibration, mirror)
    export(exported, ModelDescription("tiny", "1", 48), tmp_path / "tiny.onnx")
    model = OnnxModel(tmp_path / "tiny.onnx")
    for count in (1, 5):
        faces = some_faces(count)
        views = [faces, faces[:, :, ::-1].copy()] if mirror else [faces]
        raw = [network(to_input(torch.from_numpy(view))) for view in views]
        gender, age = torch.stack([one.gender for one in raw]).mean(0), torch.stack([one.age for one in raw]).mean(0)
        said = model.run(faces)
        np.testing.assert_allclose(np.float32(said["p_female"]), torch.sigmoid(gender * 0.8 + 0.1), atol=1e-4)
        np.testing.assert_allclose(np.float32(said["age_probabilities"]), torch.softmax(age / 1.3 + bias, 1), atol=1e-4)


def test_program_loads_a_finished_run(tmp_path: Path) -> None:
    faces, config = synthetic_faces(), tiny_config(2)
    train(config, faces, None, tmp_path / "run")
    for int8 in (False, True):
        target = tmp_path / f"int8-{int8}.onnx"
        finish(config, faces, tmp_path / "run", target, FinishOptions("tiny", "1", 32, int8=int8))
        attributes = load_attributes(target).predict_aligned(faces.images[:3])
        assert len(attributes) == 3
        assert all(0 <= one.p_female <= 1 and 0 <= one.age_years <= 100 for one in attributes)


def rarer(years: torch.Tensor) -> torch.Tensor:
    """What a network takes off the logits of ages it saw rarely."""
    return torch.where(torch.arange(101) >= 65, 1.0, 0.0).expand(len(years), 101)


def test_calibration_finds_the_temperature_and_lowers_the_error() -> None:
    torch.manual_seed(0)
    true_logits = torch.randn(4000)
    female = (torch.rand(4000) < torch.sigmoid(true_logits)).float()
    years = torch.randint(5, 80, (4000,)).float()
    shown = (years + 6 * torch.randn(4000)).clamp(0, 100)  # what a face shows is not what it was labelled with
    logits = -0.5 * ((torch.arange(101) - shown[:, None]) / 6).square()
    fitted = fit_calibration(logits * 3.0, true_logits * 4.0 + 1.0, years, female)
    assert fitted.gender_scale == pytest.approx(0.25, abs=0.05)
    assert fitted.age_temperature == pytest.approx(3.0, abs=0.5)
    leaning = fit_calibration(logits - rarer(years), true_logits, years, female)
    assert leaning.age_bias[7] - leaning.age_bias[3] > fitted.age_bias[7] - fitted.age_bias[3] + 0.3
    before, after = torch.sigmoid(true_logits * 4 + 1), torch.sigmoid((true_logits * 4 + 1) * 0.25 - 0.25)

    def error(p: torch.Tensor) -> float:
        return calibration_error(torch.maximum(p, 1 - p).numpy(), ((p > 0.5) == (female == 1)).numpy())

    assert error(after) < error(before) / 2
