"""The training loop learns, stops and goes on as if it had never stopped, and respects what is not known."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from footfall.errors import ConfigError, DataError
from tests.unit.training.demographics.faces import synthetic_faces, tiny_config
from training.data.faces import held_out
from training.demographics.config import BUILT_IN, RunConfig, read_config
from training.demographics.examples import Examples
from training.demographics.losses import LossOptions, Targets, age_bins, age_distribution, roughness, total_loss
from training.demographics.network import NetworkOptions, NetworkOutput
from training.demographics.train import ahead, train


def examples_of(*sets: object, shares: tuple[float, ...] = (1.0,)) -> Examples:
    return Examples(sets, shares, aside=0.0, batch=16)  # type: ignore[arg-type]


def read_metrics(run: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_loss_falls_and_held_out_faces_are_judged(tmp_path: Path) -> None:
    train(tiny_config(6), [synthetic_faces()], tmp_path)
    rows = read_metrics(tmp_path)
    assert rows[-1]["loss"] < rows[0]["loss"] - 0.3  # type: ignore[operator]
    assert set(rows[-1]["tiny"]) == {"gender", "mae_years"}  # type: ignore[call-overload]


def test_resumed_run_equals_uninterrupted_one(tmp_path: Path) -> None:
    faces, config = [synthetic_faces()], tiny_config()
    whole = train(config, faces, tmp_path / "whole")
    train(config, faces, tmp_path / "parts", until=2)
    resumed = train(config, faces, tmp_path / "parts")
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[name]), name


def test_a_second_training_begins_with_the_averaged_weights_of_the_first(tmp_path: Path) -> None:
    faces, config = [synthetic_faces()], tiny_config(12)
    first = train(config, faces, tmp_path / "first")
    second = train(
        replace(config, epochs=(1,), learning_rate=0.0), faces, tmp_path / "second", start=tmp_path / "first"
    )
    assert torch.equal(first.average.age.weight, second.average.age.weight)
    other = replace(config, network=NetworkOptions(stem=8, widths=(8, 24), depths=(1, 1)))
    with pytest.raises(DataError, match="another shape"):
        train(other, faces, tmp_path / "third", start=tmp_path / "first")
    with pytest.raises(DataError, match="no checkpoint"):
        train(config, faces, tmp_path / "fourth", start=tmp_path / "nowhere")


def test_age_groups_alone_teach_a_smooth_distribution_over_their_years() -> None:
    faces = replace(
        synthetic_faces(3),
        youngest_years=np.array([0, 20, 60], np.int16),
        oldest_years=np.array([9, 29, 69], np.int16),
    )
    targets = examples_of(faces).targets(np.arange(3))
    logits = torch.zeros(3, 101, requires_grad=True)
    optimiser = torch.optim.Adam([logits], 0.1)
    for _ in range(300):
        optimiser.zero_grad()
        total_loss(NetworkOutput(logits, torch.zeros(3)), targets, LossOptions()).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    ages = torch.softmax(logits.detach(), 1)
    assert (ages * targets.within).sum(1).min() > 0.6
    assert (ages @ age_bins() - torch.tensor([4.5, 24.5, 64.5])).abs().max() < 4
    rising = (ages.diff(dim=1) > 1e-3).int()
    falling = (ages.diff(dim=1) < -1e-3).int()
    assert (rising.diff(dim=1).abs().sum(1) <= 2).all() and (falling.diff(dim=1).abs().sum(1) <= 2).all()  # one hill


def test_the_likelihood_of_a_group_is_all_of_its_years() -> None:
    faces = replace(
        synthetic_faces(2), youngest_years=np.array([20, 40], np.int16), oldest_years=np.array([29, 49], np.int16)
    )
    targets = examples_of(faces).targets(np.arange(2))
    certain = torch.full((2, 101), -30.0)
    certain[0, 20:30], certain[1, 60:70] = 0.0, 0.0
    options = LossOptions(roughness=0.0, gender=0.0)
    right = total_loss(NetworkOutput(certain[[0, 0]], torch.zeros(2)), twice(targets, 0), options)
    wrong = total_loss(NetworkOutput(certain[[1, 1]], torch.zeros(2)), twice(targets, 0), options)
    assert float(right) == pytest.approx(0.0, abs=1e-4)
    assert float(wrong) > 20


def twice(targets: Targets, row: int) -> Targets:
    return replace(targets, within=targets.within[[row, row]])


def test_a_normal_distribution_is_smooth_and_a_comb_is_not() -> None:
    normal = age_distribution(torch.tensor([40.0])).clamp(min=1e-30).log()
    assert float(roughness(normal[:, 25:55])) < 1e-3
    assert float(roughness(torch.arange(101.0)[None] % 2)) > 10


def test_unknown_labels_change_nothing() -> None:
    unknown = np.full(8, -1, np.int16)
    blank = replace(synthetic_faces(8), youngest_years=unknown, oldest_years=unknown, female=unknown)
    targets = examples_of(blank).targets(np.arange(8))
    assert targets.age_weight.sum() == targets.within_weight.sum() == targets.female_weight.sum() == 0
    output = NetworkOutput(torch.randn(8, 101), torch.randn(8))
    assert float(total_loss(output, targets, LossOptions(roughness=0.0))) == 0.0


def test_exact_ages_and_groups_are_told_apart() -> None:
    faces = replace(
        synthetic_faces(2), youngest_years=np.array([33, 30], np.int16), oldest_years=np.array([33, 39], np.int16)
    )
    targets = examples_of(faces).targets(np.arange(2))
    assert targets.age_weight.tolist() == [1, 0] and targets.within_weight.tolist() == [0, 1]
    assert float(targets.age[0] @ age_bins()) == pytest.approx(33, abs=0.1)
    assert targets.within[1].nonzero()[:, 0].tolist() == list(range(30, 40))


def test_an_epoch_has_as_many_women_as_men_from_photographs_of_mostly_men() -> None:
    female = np.zeros(100, np.int16)
    female[:30] = 1
    order = examples_of(replace(synthetic_faces(100), female=female), shares=(0.5,)).order(np.random.default_rng(1))
    assert len(order) == len(set(order.tolist())) == 50
    assert (female[order] == 1).sum() == 25


def test_faces_of_unknown_or_too_rare_gender_fill_an_epoch_up() -> None:
    female = np.repeat(np.array([1, 0, -1], np.int16), (10, 40, 50))
    order = examples_of(replace(synthetic_faces(100), female=female), shares=(0.8,)).order(np.random.default_rng(1))
    assert len(set(order.tolist())) == 80
    assert (female[order] == 1).sum() == 10


def test_several_sets_are_dealt_out_by_their_shares_and_found_again() -> None:
    first, second = synthetic_faces(40), replace(synthetic_faces(20), images=synthetic_faces(20).images + 7)
    examples = examples_of(first, second, shares=(0.5, 1.0))
    order = examples.order(np.random.default_rng(1))
    assert ((order < 40).sum(), (order >= 40).sum()) == (20, 20)
    assert np.array_equal(examples.pixels(np.array([41]))[0], second.images[1])
    assert float(examples.targets(np.array([43])).age[0] @ age_bins()) == pytest.approx(
        second.youngest_years[3], abs=0.5
    )


def test_held_out_faces_are_never_dealt_out() -> None:
    faces = synthetic_faces(100)
    aside = np.flatnonzero(held_out(faces.groups, 0.3))
    order = Examples([faces], (1.0,), aside=0.3, batch=16).order(np.random.default_rng(0))
    assert len(aside) and not set(aside.tolist()) & set(order.tolist())
    with pytest.raises(DataError, match="no faces are left"):
        Examples([faces], (1.0,), aside=1.0, batch=16)


def test_groups_stay_on_one_side() -> None:
    groups = np.repeat([f"minute-{number}" for number in range(200)], 3)
    aside = held_out(groups, 0.25).reshape(-1, 3)
    assert (aside.all(1) | ~aside.any(1)).all()
    assert 0.15 < aside.mean() < 0.35


@pytest.mark.parametrize("path", sorted(BUILT_IN.parent.glob("*.toml")), ids=lambda path: path.stem)
def test_settings_that_ship_are_read(path: Path) -> None:
    config = read_config(path)
    assert config.size_at(config.total_epochs - 1) == config.sizes_px[-1]
    assert config.trained_on and config.licence


def test_misspelt_setting_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("[network]\nstemm = 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="stemm"):
        read_config(path)
    with pytest.raises(ConfigError, match="sets and shares"):
        RunConfig(sets=("fairface", "lfw"), shares=(1.0,))


def test_faces_are_prepared_ahead_in_their_order_and_a_fault_there_is_raised() -> None:
    def faces() -> Iterator[int]:
        yield from range(3)
        raise ValueError("unreadable")

    shown = ahead(faces())
    assert [next(shown) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="unreadable"):
        next(shown)
    assert list(ahead(iter([None, 5]))) == [None, 5]
