"""The embedding's training learns, goes on as if it had never stopped, and never sees whom it holds back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from footfall.errors import ConfigError
from inference.embedding import load_embedding
from tests.unit.training.embedding.faces import WIDTH, synthetic_people, tiny_config
from training.data.framed import framed
from training.embedding.config import BUILT_IN, EmbeddingConfig, read_config
from training.embedding.examples import Examples
from training.embedding.export import export, load_run
from training.embedding.losses import LossOptions, Strangers, total_loss
from training.embedding.network import EmbeddingNetwork, EmbeddingOptions
from training.embedding.people import held_back
from training.embedding.train import embed_cached, train
from training.embedding.verification import accepted_at, pair_scores


def test_loss_falls_and_people_held_back_are_told_apart(tmp_path: Path) -> None:
    people, config = synthetic_people(), tiny_config(12)
    state = train(config, [people], tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < rows[0]["loss"] - 0.3
    assert {"lfw", "lfw_32", "lfw_24"} <= set(rows[-1])
    aside = people.faces.select(np.flatnonzero(held_back("lfw", people.faces.groups)))
    vectors = embed_cached(state.average.eval(), aside.images, 32, config)
    assert len(np.unique(aside.groups)) > 2
    assert accepted_at(*pair_scores(vectors, aside.groups), 0.1) > 0.8


def test_resumed_run_equals_uninterrupted_one(tmp_path: Path) -> None:
    people, config = [synthetic_people()], tiny_config()
    whole = train(config, people, tmp_path / "whole")
    train(config, people, tmp_path / "parts", until=2)
    resumed = train(config, people, tmp_path / "parts")
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[name]), name


def test_nobody_held_back_is_dealt_out_nor_shown_as_a_stranger() -> None:
    people = synthetic_people()
    aside = held_back("lfw", people.faces.groups)
    assert 0 < aside.sum() < len(aside)
    examples = Examples(("lfw",), [people], (1.0,), LossOptions(strangers=1000), batch=8)
    generator = np.random.default_rng(0)
    dealt = np.concatenate(list(examples.batches(generator)))
    assert not aside[dealt].any()
    seen = examples.strangers(generator).persons
    _, hidden = examples.targets(np.flatnonzero(aside))
    assert not set(seen.tolist()) & set(hidden.tolist())


def test_a_stranger_who_is_the_same_person_is_no_stranger() -> None:
    found = torch.nn.functional.normalize(torch.tensor([[1.0, 0.1], [0.1, 1.0]]))
    targets, persons = torch.eye(2), torch.tensor([0, 1])
    himself = Strangers(torch.tensor([[1.0, 0.0]]), torch.tensor([0]))
    another = Strangers(torch.tensor([[1.0, 0.0]]), torch.tensor([7]))
    options = LossOptions(contrast=1.0)
    harmless, harmful = (total_loss(found, targets, persons, one, options) for one in (himself, another))
    assert harmful > harmless + 0.3


def test_the_loss_is_least_where_the_targets_are() -> None:
    torch.manual_seed(0)
    targets = torch.nn.functional.normalize(torch.randn(8, 16))
    strangers = Strangers(torch.nn.functional.normalize(torch.randn(32, 16)), torch.arange(100, 132))
    moved = torch.nn.functional.normalize(targets + 0.3 * torch.randn(8, 16))
    there, beside = (total_loss(one, targets, torch.arange(8), strangers, LossOptions()) for one in (targets, moved))
    assert there < beside


def test_a_pooling_stretched_to_a_smaller_map_still_averages() -> None:
    network = EmbeddingNetwork(EmbeddingOptions(stem=8, widths=(8, 16), depths=(1, 1), expanded=16), 80).eval()
    even = torch.full((1, 3, 80, 80), 0.3)
    assert network.pooling(network.map_px(48)).sum((1, 2)).allclose(network.pooling(network.map_px(80)).sum((1, 2)))
    lengths = [network(even[:, :, :side, :side]).norm(dim=1).item() for side in (48, 64, 80)]
    assert lengths == pytest.approx([1, 1, 1], abs=1e-5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_the_export_says_what_the_network_says(tmp_path: Path) -> None:
    people, config = synthetic_people(), tiny_config(2)
    state = train(config, [people], tmp_path / "run")
    export(load_run(tmp_path / "run", config), config, "7.0", tmp_path / "model.onnx")
    model = load_embedding(tmp_path / "model.onnx")
    assert (model.width, model.input_size, model.model_version) == (WIDTH, 32, "built-in-7.0")
    shown = framed(people.faces.images[:5], 32, config.augment.frame)
    wanted = embed_cached(state.average.eval(), people.faces.images[:5], 32, config)
    np.testing.assert_allclose(model.embed_aligned(shown), wanted, atol=5e-3)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_a_mirrored_look_makes_both_sides_of_a_face_the_same(tmp_path: Path) -> None:
    people, config = synthetic_people(), replace(tiny_config(1), mirrored_look=True)
    train(config, [people], tmp_path / "run")
    export(load_run(tmp_path / "run", config), config, "7.0", tmp_path / "model.onnx")
    model = load_embedding(tmp_path / "model.onnx")
    shown = framed(people.faces.images[:5], 32, config.augment.frame)
    vectors = model.embed_aligned(shown)
    np.testing.assert_allclose(model.embed_aligned(np.ascontiguousarray(shown[:, :, ::-1])), vectors, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_built_in_settings_stay_within_two_million_parameters() -> None:
    config = read_config(BUILT_IN)
    network = EmbeddingNetwork(config.network, config.sizes_px[-1])
    assert sum(weight.numel() for weight in network.parameters()) <= 2_000_000


def test_settings_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ConfigError, match="as many stages"):
        EmbeddingConfig(sizes_px=(48, 80), epochs=(1,))
    with pytest.raises(ConfigError, match="as many data sets"):
        replace(tiny_config(), sets=("lfw", "celeba"))
