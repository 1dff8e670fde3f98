"""The training loop learns, stops and goes on as if it had never stopped, and respects what is not known."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from footfall.errors import ConfigError, DataError
from inference import load_attributes
from tests.unit.training.demographics.faces import synthetic_faces, tiny_config
from training.data.faces import held_out
from training.demographics.config import BUILT_IN, read_config
from training.demographics.examples import Examples, SoftLabels, read_soft_labels
from training.demographics.finish import FinishOptions, finish
from training.demographics.losses import Targets, age_bins, age_distribution, mixed
from training.demographics.train import judge, train


def read_metrics(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_loss_falls_and_held_out_faces_are_judged(tmp_path: Path) -> None:
    train(tiny_config(6), synthetic_faces(), None, tmp_path)
    rows = read_metrics(tmp_path)
    assert rows[-1]["loss"] < rows[0]["loss"] - 0.3
    assert 0.0 <= rows[-1]["gender"] <= 1.0


def test_resumed_run_equals_uninterrupted_one(tmp_path: Path) -> None:
    faces, config = synthetic_faces(), tiny_config()
    whole = train(config, faces, None, tmp_path / "whole")
    train(config, faces, None, tmp_path / "parts", until=2)
    resumed = train(config, faces, None, tmp_path / "parts")
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[name]), name


def test_resumed_run_with_blended_faces_equals_uninterrupted_one(tmp_path: Path) -> None:
    faces, config = synthetic_faces(), replace(tiny_config(), mixup=0.4)
    whole = train(config, faces, None, tmp_path / "whole")
    train(config, faces, None, tmp_path / "parts", until=1)
    resumed = train(config, faces, None, tmp_path / "parts")
    assert torch.equal(whole.average.age.weight, resumed.average.age.weight)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_a_network_learns_from_an_earlier_one_what_no_label_says(tmp_path: Path) -> None:
    faces, config = synthetic_faces(), tiny_config(12)
    first = tmp_path / "first.onnx"
    train(config, faces, None, tmp_path / "first")
    finish(config, faces, tmp_path / "first", first, FinishOptions("first", "1", 32, int8=False))
    teacher = load_attributes(first)
    unlabelled = replace(faces, female=np.full(len(faces), -1, np.int16))
    second = train(config, unlabelled, None, tmp_path / "second", teacher=teacher)
    judged = judge(second.average, faces, 32)
    assert judged["gender"] > 0.8


def test_blended_faces_come_out_as_what_is_known_of_both() -> None:
    know = torch.tensor([1.0, 0.0, 1.0])
    ages = age_distribution(torch.tensor([20.0, 60.0, 40.0]))
    targets = Targets(ages, know, torch.tensor([1.0, 0.0, 0.0]), know, torch.eye(3, 5), torch.zeros(3, 0))
    blended = mixed(targets, torch.tensor([1, 2, 0]), torch.tensor([0.75, 0.75, 0.5]))
    assert torch.allclose(blended.age @ age_bins(), torch.tensor([20.0, 40.0, 30.0]), atol=0.1)
    assert torch.allclose(blended.age_weight, torch.tensor([0.75, 0.25, 1.0]))
    assert torch.allclose(blended.female, torch.tensor([1.0, 0.0, 0.5]))


def test_unknown_labels_change_nothing() -> None:
    faces = synthetic_faces(8)
    blank = replace(faces, age_years=np.full(8, -1, np.int16), female=np.full(8, -1, np.int16))
    targets = Examples(blank, None, replace(tiny_config(), lfw_share=1.0)).targets(np.arange(8))
    assert targets.age_weight.sum() == 0 and targets.female_weight.sum() == 0


def test_an_epoch_has_as_many_women_as_men_from_photographs_of_mostly_men() -> None:
    faces = synthetic_faces(100)
    female, age_years = np.zeros(100, np.int16), np.full(100, -1, np.int16)
    female[:20], age_years[80:] = 1, 30
    examples = Examples(replace(faces, female=female, age_years=age_years), None, replace(tiny_config(), lfw_share=0.5))
    order = examples.order(np.random.default_rng(1))
    drawn = order[order < 80]
    assert len(order) == 60 and len(set(order.tolist())) == 60
    assert (female[drawn] == 1).sum() == (female[drawn] == 0).sum() == 20


def test_faces_of_unknown_or_too_rare_gender_fill_an_epoch_up() -> None:
    faces = synthetic_faces(100)
    female = np.repeat(np.array([1, 0, -1], np.int16), (10, 40, 50))
    examples = Examples(
        replace(faces, female=female, age_years=np.full(100, -1, np.int16)), None, replace(tiny_config(), lfw_share=0.8)
    )
    order = examples.order(np.random.default_rng(1))
    assert len(set(order.tolist())) == 80
    assert (female[order] == 1).sum() == 10


def test_teacher_gives_ages_to_faces_without_one() -> None:
    faces = synthetic_faces(8)
    blank = replace(faces, age_years=np.full(8, -1, np.int16))
    said = age_distribution(torch.full((8,), 40.0)).numpy().astype(np.float16)
    soft = SoftLabels(said, np.zeros((8, 0), np.float32))
    targets = Examples(blank, soft, tiny_config()).targets(np.arange(8))
    assert torch.allclose(targets.age @ torch.arange(101.0), torch.tensor(40.0), atol=0.1)
    assert torch.allclose(targets.age_weight, torch.tensor(tiny_config().teacher.age_weight_unlabelled))


def test_soft_labels_of_other_faces_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "soft.npz"
    np.savez(path, names=np.array(["somebody"]), age=np.zeros((1, 101)), embedding=np.zeros((1, 0)))
    with pytest.raises(DataError, match="other faces"):
        read_soft_labels(path, synthetic_faces(4).names)


def test_groups_stay_on_one_side() -> None:
    groups = np.repeat([f"minute-{number}" for number in range(200)], 3)
    aside = held_out(groups, 0.25).reshape(-1, 3)
    assert (aside.all(1) | ~aside.any(1)).all()
    assert 0.15 < aside.mean() < 0.35


def test_built_in_settings_are_read() -> None:
    config = read_config(BUILT_IN)
    assert config.size_at(config.total_epochs - 1) == config.sizes_px[-1]


def test_misspelt_setting_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("[network]\nstemm = 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="stemm"):
        read_config(path)
