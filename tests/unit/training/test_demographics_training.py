"""The training loop learns, stops and goes on as if it had never stopped, and respects what is not known."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from footfall.errors import ConfigError, DataError
from tests.unit.training.demographics_faces import synthetic_faces, tiny_config
from training.data.faces import held_out
from training.demographics.config import BUILT_IN, read_config
from training.demographics.examples import Examples, SoftLabels, read_soft_labels
from training.demographics.losses import age_distribution
from training.demographics.train import train


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


def test_unknown_labels_change_nothing() -> None:
    faces = synthetic_faces(8)
    blank = replace(faces, age_years=np.full(8, -1, np.int16), female=np.full(8, -1, np.int16))
    targets = Examples(blank, None, replace(tiny_config(), lfw_share=1.0)).targets(np.arange(8))
    assert targets.age_weight.sum() == 0 and targets.female_weight.sum() == 0


def test_teacher_gives_ages_to_faces_without_one() -> None:
    faces = synthetic_faces(8)
    blank = replace(faces, age_years=np.full(8, -1, np.int16))
    said = age_distribution(torch.full((8,), 40.0)).numpy().astype(np.float16)
    soft = SoftLabels(said, np.full(8, np.nan, np.float32), np.zeros((8, 0), np.float32))
    targets = Examples(blank, soft, tiny_config()).targets(np.arange(8))
    assert torch.allclose(targets.age @ torch.arange(101.0), torch.tensor(40.0), atol=0.1)
    assert torch.allclose(targets.age_weight, torch.tensor(tiny_config().teacher.age_weight_unlabelled))


def test_soft_labels_of_other_faces_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "soft.npz"
    np.savez(
        path, names=np.array(["somebody"]), age=np.zeros((1, 101)), p_female=np.zeros(1), embedding=np.zeros((1, 0))
    )
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
