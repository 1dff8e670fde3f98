"""The detector learns, resumes where it stopped, and its ONNX file says what the network says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from footfall.errors import DataError
from inference.detector import load_detector
from training.detector.calibrate import Calibration
from training.detector.compose import Composer
from training.detector.decode import OnnxFaces
from training.detector.export import OUTPUT_NAMES, Card, export
from training.detector.loss import Targets, detection_loss
from training.detector.network import Detector, cell_grid, decode_boxes, decode_landmarks
from training.detector.train import Recipe, Run, collate, learning_rate, train
from training.detector.variants import VARIANTS, Variant

from .scenes import marked_face, write_pools

RECIPE = Recipe(iterations=12, batch=2, side_px=96, warmup_iterations=2)
CARD = Card("tiny", "0.1", "drawn faces", "MIT")


@pytest.fixture(scope="module")
def pools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return write_pools(tmp_path_factory.mktemp("pools"))


def test_the_loss_falls_within_a_few_steps(pools: Path) -> None:
    recipe = replace(RECIPE, iterations=100)
    run = Run(recipe, Composer.open(pools, recipe.side_px))
    losses = [sum(run.step(*run.batches[index]).values()) for index in range(80)]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_a_resumed_run_equals_an_uninterrupted_one_whoever_composes_its_pictures(pools: Path, tmp_path: Path) -> None:
    composer = Composer.open(pools, RECIPE.side_px)
    whole = Run(RECIPE, composer)
    for _ in train(whole, tmp_path / "whole.pt", log_every=4):
        pass
    interrupted = Run(RECIPE, composer)
    for index in range(5):
        interrupted.step(*interrupted.batches[index])
    interrupted.save(tmp_path / "resumed.pt")
    resumed = Run(RECIPE, composer)
    for _ in train(resumed, tmp_path / "resumed.pt", log_every=4, processes=2):
        pass
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[name]), name


def test_a_checkpoint_of_another_recipe_is_refused(pools: Path, tmp_path: Path) -> None:
    composer = Composer.open(pools, RECIPE.side_px)
    Run(RECIPE, composer).save(tmp_path / "old.pt")
    with pytest.raises(DataError, match=r"old\.pt"):
        Run(replace(RECIPE, seed=8), composer).load(tmp_path / "old.pt")


def test_the_rate_warms_up_stays_and_falls_to_zero() -> None:
    recipe = Recipe(iterations=100, warmup_iterations=10, decay_fraction=0.5)
    rates = [learning_rate(recipe, iteration) for iteration in range(101)]
    assert rates[0] == pytest.approx(recipe.learning_rate / 10)
    assert rates[10] == rates[50] == recipe.learning_rate
    assert rates[75] == pytest.approx(recipe.learning_rate / 2) and rates[100] == 0


def test_a_perfect_answer_costs_almost_nothing() -> None:
    sample = marked_face(96, (48.0, 44.0), 40.0)
    grid = cell_grid(96, 96)
    box = torch.from_numpy(sample.labels.boxes)
    centre, size = (box[:, :2] + box[:, 2:]) / 2, box[:, 2:] - box[:, :2]
    stride = grid[:, 2:]
    raw = torch.zeros(1, len(grid), 15)
    raw[0, :, 1:3] = centre / stride - grid[:, :2]
    raw[0, :, 3:5] = torch.log(size / stride)
    points = torch.from_numpy(sample.labels.landmarks)
    raw[0, :, 5:] = (points / stride[:, None] - grid[:, None, :2]).reshape(-1, 10)
    assert torch.allclose(decode_boxes(raw, grid), box.expand(1, len(grid), 4), atol=1e-3)
    assert torch.allclose(decode_landmarks(raw, grid), points.expand(1, len(grid), 5, 2), atol=1e-3)
    targets = Targets(box[None], points[None], torch.ones(1, 1, dtype=torch.bool), torch.zeros(1, 1, 4))
    parts = detection_loss(raw, grid, targets)
    assert parts["box"] < 1e-4 and parts["landmark"] < 1e-4


def test_an_ignored_region_teaches_nothing() -> None:
    grid = cell_grid(64, 64)
    raw = torch.full((1, len(grid), 15), 2.0)
    nothing = (torch.zeros(1, 0, 4), torch.zeros(1, 0, 5, 2), torch.zeros(1, 0, dtype=torch.bool))
    everywhere = Targets(*nothing, torch.tensor([[[0.0, 0.0, 64.0, 64.0]]]))
    nowhere = Targets(*nothing, torch.zeros(1, 1, 4))
    assert detection_loss(raw, grid, everywhere)["score"] == 0
    assert detection_loss(raw, grid, nowhere)["score"] > 0


def test_what_a_teacher_says_of_each_cell_costs_nothing_when_it_is_said_too() -> None:
    teacher = OnnxFaces(VARIANTS["built-in"].packaged)
    image = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    faces, dense = teacher.teach(image, 0.0)
    assert faces.scores.max() == pytest.approx(dense.scores.max())
    grid = cell_grid(96, 96)
    nothing = (torch.zeros(1, 0, 4), torch.zeros(1, 0, 5, 2), torch.zeros(1, 0, dtype=torch.bool))
    boxes = torch.from_numpy(dense.boxes)
    sure = torch.full((1, len(grid)), 0.9)
    targets = Targets(*nothing, torch.zeros(1, 1, 4), (sure, boxes[None]))
    raw = torch.zeros(1, len(grid), 15)
    raw[0, :, 0] = torch.logit(sure[0])
    centre, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    raw[0, :, 1:3] = centre / grid[:, 2:] - grid[:, :2]
    raw[0, :, 3:5] = torch.log(size / grid[:, 2:])
    alike = detection_loss(raw, grid, targets)
    assert alike["score"] < 1e-3 and alike["box"] < 0.1
    raw[0, :, 0], raw[0, :, 1:5] = -3.0, 0.0
    unlike = detection_loss(raw, grid, targets)
    assert unlike["score"] > 10 and unlike["box"] > 10


def test_a_picture_is_shown_degraded_and_taught_as_it_was_before(pools: Path) -> None:
    teacher = OnnxFaces(VARIANTS["built-in"].packaged)
    composer = Composer.open(pools, RECIPE.side_px, teacher)
    samples = [composer.draw(np.random.default_rng(seed)) for seed in range(6)]
    _, targets = collate(samples)
    assert targets.taught is not None and targets.taught[0].shape == (6, len(cell_grid(96, 96)))
    seen = torch.from_numpy(np.stack([teacher.teach(sample.image, 0.5)[1].scores for sample in samples]))
    assert not torch.allclose(seen, targets.taught[0], atol=0.01)
    _, untaught = collate([Composer.open(pools, RECIPE.side_px).draw(np.random.default_rng(1))])
    assert untaught.taught is None


def test_the_exported_file_says_what_the_network_says(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = Detector().eval()
    path = tmp_path / "tiny.onnx"
    export(network, path, CARD, (Calibration(slope=1.5, offset=0.3),) * 3)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for batch, height, width in ((1, 64, 96), (2, 128, 64)):
        image = np.random.default_rng(1).uniform(0, 255, (batch, 3, height, width)).astype(np.float32)
        maps = dict(zip(OUTPUT_NAMES, session.run(list(OUTPUT_NAMES), {"input": image}), strict=True))
        with torch.no_grad():
            raw = network(torch.from_numpy(image))
        raw[..., 0] = 1.5 * raw[..., 0] + 0.3
        for kind, part in (("cls", raw[..., :1].sigmoid()), ("bbox", raw[..., 1:5]), ("kps", raw[..., 5:])):
            ours = np.concatenate([maps[f"{kind}_{stride}"] for stride in (8, 16, 32)], axis=1)
            assert np.abs(ours - part.numpy()).max() < 1e-4
        for stride in (8, 16, 32):
            assert np.array_equal(maps[f"cls_{stride}"], maps[f"obj_{stride}"])


def test_the_program_loads_the_exported_file(tmp_path: Path) -> None:
    path = tmp_path / "tiny.onnx"
    export(Detector(), path, CARD)
    facts = onnxruntime.InferenceSession(str(path)).get_modelmeta().custom_metadata_map
    assert facts["footfall.kind"] == "detector" and facts["footfall.licence"] == "MIT"
    assert json.loads(facts["footfall.landmark_order"])[0] == "right_eye"
    faces = load_detector(path).detect(np.zeros((120, 200, 3), np.uint8))
    assert faces.boxes.shape[1] == 4


def test_the_network_keeps_its_budget() -> None:
    assert sum(parameter.numel() for parameter in Detector().parameters()) <= 600_000


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_the_shipped_files_are_small_and_say_where_they_come_from(variant: Variant) -> None:
    assert variant.packaged.stat().st_size < 2_500_000
    facts = onnxruntime.InferenceSession(str(variant.packaged), providers=["CPUExecutionProvider"]).get_modelmeta()
    said = facts.custom_metadata_map
    assert said["footfall.kind"] == "detector" and "footfall.landmark_order" in said
    for fact in ("name", "version", "trained_on", "licence"):
        assert said[f"footfall.{fact}"] == getattr(variant.card, fact)
