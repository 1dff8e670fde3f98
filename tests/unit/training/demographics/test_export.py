"""The exported file says the same as the network, in fp32 to 1e-4, and describes itself to the program."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import torch

from footfall.errors import ConfigError
from footfall.types import Detections
from inference import load_attributes
from inference.manifest import packaged_model
from inference.session import OnnxModel
from tests.unit.training.demographics.faces import synthetic_faces, tiny_config
from training.data.faces import UTKFACE_LANDMARKS
from training.data.framed import frame_landmarks
from training.demographics.calibration import Calibration, calibration_error, fit_calibration
from training.demographics.cli import packaged_target
from training.demographics.config import BUILT_IN, FREE, read_config
from training.demographics.export import ExportedNetwork, ModelDescription, export
from training.demographics.finish import finish
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
    torch.nn.init.normal_(network.age.weight)
    torch.nn.init.normal_(network.age.bias)
    for _ in range(3):
        network(to_input(torch.from_numpy(some_faces(8))))
    return network.eval()


def write(path: Path, calibration: Calibration = Calibration()) -> DemographicsNetwork:  # noqa: B008
    network = used_network()
    export(ExportedNetwork(network, calibration), ModelDescription("tiny", "1", 48, 1.2, "noise", "none"), path)
    return network


@torch.no_grad()
def test_export_says_what_the_network_says(tmp_path: Path) -> None:
    network = write(tmp_path / "tiny.onnx", Calibration(1.3, 0.8, 0.1, (0.5, *[0.0] * 7)))
    bias = torch.where(torch.arange(101) < 13, 0.5, 0.0)
    model = OnnxModel(tmp_path / "tiny.onnx")
    for count in (1, 5):
        faces = some_faces(count)
        raw = network(to_input(torch.from_numpy(faces)))
        said = model.run(faces)
        np.testing.assert_allclose(np.float32(said["p_female"]), torch.sigmoid(raw.gender * 0.8 + 0.1), atol=1e-4)
        np.testing.assert_allclose(
            np.float32(said["age_probabilities"]), torch.softmax(raw.age / 1.3 + bias, 1), atol=1e-4
        )


def test_large_weights_are_stored_in_half_the_bytes_and_run_in_full(tmp_path: Path) -> None:
    write(tmp_path / "tiny.onnx")
    stored = onnx.load(tmp_path / "tiny.onnx").graph.initializer
    large = [weight for weight in stored if np.prod(weight.dims) >= 1000]
    assert large and all(weight.data_type == onnx.TensorProto.FLOAT16 for weight in large)
    said = OnnxModel(tmp_path / "tiny.onnx").run(some_faces(2))
    assert {value.dtype for value in said.values()} == {np.dtype(np.float32)}


def test_a_ready_crop_is_framed_like_the_face_in_its_photograph(tmp_path: Path) -> None:
    write(tmp_path / "tiny.onnx")
    model = load_attributes(tmp_path / "tiny.onnx")
    smooth = cv2.GaussianBlur(some_faces(1, 200)[0], (0, 0), 6)
    crop = np.ascontiguousarray(cv2.normalize(smooth, np.empty_like(smooth), 0, 255, cv2.NORM_MINMAX))
    landmarks = UTKFACE_LANDMARKS * np.float32(200)
    box = np.array([[60, 60, 140, 140]], np.float32)
    (found,) = model.predict(crop, Detections(box, np.ones(1, np.float32), landmarks[None]))
    (ready,) = model.predict_aligned(crop[None])
    assert ready.p_female == pytest.approx(found.p_female, abs=1e-5)
    assert ready.age_years == pytest.approx(found.age_years, abs=1e-3)
    assert np.abs(frame_landmarks(1.2) - UTKFACE_LANDMARKS).max() > 0.02  # or this would prove nothing


def test_program_loads_a_finished_run(tmp_path: Path) -> None:
    faces, config = synthetic_faces(), tiny_config(2)
    train(config, [faces], tmp_path / "run")
    target = tmp_path / "tiny.onnx"
    finish(replace(config, name="tiny"), [faces], tmp_path / "run", target, "1")
    attributes = load_attributes(target).predict_aligned(faces.images[:3])
    assert len(attributes) == 3
    assert all(0 <= one.p_female <= 1 and 0 <= one.age_years <= 100 for one in attributes)
    assert load_attributes(target).model_version == "tiny-1"


def rarer(years: torch.Tensor) -> torch.Tensor:
    """What a network takes off the logits of ages it saw rarely."""
    return torch.where(torch.arange(101) >= 65, 1.0, 0.0).expand(len(years), 101)


def test_calibrated_gender_is_right_as_often_for_women_as_for_men_where_most_faces_are_men() -> None:
    generator = torch.Generator().manual_seed(2)
    female = (torch.rand(6000, generator=generator) < 0.2).float()
    logits = 2.0 * (2 * female - 1) + 2.0 * torch.randn(6000, generator=generator) - 1.4  # leans to the frequent gender
    children = torch.arange(6000) < 1500
    logits = torch.where(children, -6.0, logits)  # all taken for boys; nobody's gender is reported there
    ages = torch.where(children, 5.0, 40.0)
    said = fit_calibration(torch.zeros(6000, 101), logits, (ages, ages), female)
    woman = logits * said.gender_scale + said.gender_bias > 0
    women, men = (woman[~children & (female == sex)].float().mean() for sex in (1, 0))
    assert float(women) == pytest.approx(1 - float(men), abs=0.02)


def test_calibration_finds_the_temperature_and_lowers_the_error() -> None:
    torch.manual_seed(0)
    true_logits = torch.randn(2000)
    female = (torch.rand(2000) < torch.sigmoid(true_logits)).float()
    years = torch.randint(5, 80, (2000,)).float()
    shown = (years + 6 * torch.randn(2000)).clamp(0, 100)  # what a face shows is not what it was labelled with
    logits = -0.5 * ((torch.arange(101) - shown[:, None]) / 6).square()
    fitted = fit_calibration(logits * 3.0, true_logits * 4.0 + 1.0, (years, years), female)
    assert fitted.gender_scale == pytest.approx(0.25, abs=0.05)
    assert fitted.age_temperature == pytest.approx(3.0, abs=0.5)
    decades = 10 * (years // 10)
    from_groups = fit_calibration(logits * 3.0, true_logits, (decades, decades + 9), female)
    assert from_groups.age_temperature == pytest.approx(3.0, abs=0.5)
    unknown = torch.full_like(years, -1)
    some = torch.arange(2000) < 1000
    nothing_known = fit_calibration(
        logits * 3.0, true_logits, (torch.where(some, years, unknown), torch.where(some, years, unknown)), female
    )
    assert nothing_known.age_temperature == pytest.approx(fitted.age_temperature, abs=0.3)
    leaning = fit_calibration(logits - rarer(years), true_logits, (years, years), female)
    assert leaning.age_bias[7] - leaning.age_bias[3] > fitted.age_bias[7] - fitted.age_bias[3] + 0.3
    before, after = torch.sigmoid(true_logits * 4 + 1), torch.sigmoid((true_logits * 4 + 1) * 0.25 - 0.25)

    def error(p: torch.Tensor) -> float:
        return calibration_error(torch.maximum(p, 1 - p).numpy(), ((p > 0.5) == (female == 1)).numpy())

    assert error(after) < error(before) / 2


def test_a_network_of_its_own_name_is_written_over_and_no_other() -> None:
    assert packaged_target(read_config(FREE).name) == packaged_model("demographics", "free")
    assert packaged_target(read_config(BUILT_IN).name) == packaged_model("demographics")
    with pytest.raises(ConfigError, match=r"no network 'teacher-free'; say with --target"):
        packaged_target(read_config(FREE.with_name("teacher-free.toml")).name)
