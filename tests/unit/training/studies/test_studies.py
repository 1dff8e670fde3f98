"""Studies: every network learns, resumes and exports; binnings cut where they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from footfall.errors import DataError
from inference import load_attributes
from training.data.faces import LabelledFaces
from training.studies.binnings import ADIENCE, INTUITION, MARKET, balanced, binning_of, uniform
from training.studies.config import StudyConfig, read_studies
from training.studies.export import export_study
from training.studies.loop import train
from training.studies.networks import build_network
from training.studies.predict import predict_study
from training.studies.samples import Samples, samples_of, split
from training.studies.scores import Predictions, Truth, score, score_by_group
from training.studies.study import StudyResult, load_study, read_result, run_study, study_binning
from training.studies.tables import built_in_table, study_table

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::UserWarning", "ignore::torch.jit.TracerWarning"
)
CONFIGS = Path(__file__).parents[4] / "training" / "studies" / "configs"
SMALL = ("base", "two-output", "two-output-regularised", "celeba")
NOBODY = np.zeros(101, np.int16)
LARGE_PX = {"levi-hassner": 64, "vgg16": 32, "resnet50": 32, "inception-v3": 80}


@pytest.fixture(scope="module")
def faces() -> LabelledFaces:
    """Forty-eight squares whose brightness says the age and whose left half says the gender."""
    generator = np.random.default_rng(3)
    count = 48
    ages = np.linspace(1, 99, count).astype(np.int16)
    female = (np.arange(count) % 2).astype(np.int16)
    images = generator.integers(0, 30, (count, 128, 128, 3)).astype(np.uint8)
    images[:, :, 64:] += ages[:, None, None, None].astype(np.uint8) * 2
    images[female == 1, :, :64] += 150
    names = np.array([str(n) for n in range(count)])
    landmarks = np.zeros((count, 5, 2), np.float32)
    return LabelledFaces(names, names, ages, female, np.zeros(count, np.int16), landmarks, images)


def config_for(network: str) -> StudyConfig:
    return StudyConfig(
        name=network,
        network=network,
        task="gender" if network == "celeba" else "both",
        binning="20-years",
        input_px=LARGE_PX.get(network, 32),
        epochs=2 if network in LARGE_PX else 4,
        patience=9,
        batch_size=16,
        learning_rate={"resnet50": 2e-4}.get(network, 1e-3 if network in LARGE_PX else 2e-3),
        validation_share=0.2,
    )


@pytest.mark.parametrize("network", [*SMALL, *LARGE_PX])
def test_every_network_learns_a_tiny_set_and_its_loss_falls(network: str, faces: LabelledFaces, tmp_path: Path) -> None:
    config = config_for(network)
    parts = split(faces, config)
    binning = study_binning(config, parts[0])
    assert binning is not None
    rows = train(build_network(config, len(binning)), parts, config, binning, tmp_path)
    assert min(row["train_loss"] for row in rows[1:]) < rows[0]["train_loss"]


def test_a_resumed_run_equals_an_uninterrupted_one(faces: LabelledFaces, tmp_path: Path) -> None:
    config = config_for("two-output-regularised")
    parts = split(faces, config)
    binning = uniform(20)
    whole = train(build_network(config, len(binning)), parts, config, binning, tmp_path / "whole")
    train(build_network(config, len(binning)), parts, config, binning, tmp_path / "halves", until=2)
    resumed = train(build_network(config, len(binning)), parts, config, binning, tmp_path / "halves")
    assert [_without_time(row) for row in resumed] == [_without_time(row) for row in whole]


def _without_time(row: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in row.items() if name != "seconds"}


def test_a_run_stops_when_it_no_longer_gets_better(faces: LabelledFaces, tmp_path: Path) -> None:
    config = replace(config_for("base"), learning_rate=1e-9, epochs=50, patience=2)
    binning = uniform(20)
    rows = train(build_network(config, len(binning)), split(faces, config), config, binning, tmp_path)
    assert len(rows) < 50


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_small_network_of_the_shipped_studies_can_be_exported(path: Path, tmp_path: Path) -> None:
    for config in read_studies(path):
        if config.network in SMALL or config.network == "levi-hassner":
            cut = study_binning(
                config, Samples(np.zeros((101, 1, 1, 3), np.uint8), np.arange(101, dtype=np.int16), NOBODY)
            )
            export_study(build_network(config, 1 if cut is None else len(cut)), config, cut, tmp_path / "model.onnx")
            face = np.zeros((1, config.input_px, config.input_px, 3), np.uint8)
            assert len(load_attributes(tmp_path / "model.onnx").predict_aligned(face)) == 1


@pytest.mark.parametrize("task", ["age", "gender", "both"])
@pytest.mark.parametrize("binning", ["market", "regression"])
@pytest.mark.parametrize("colour", [True, False])
def test_the_exported_network_says_what_the_trained_one_says(
    task: str, binning: str, colour: bool, faces: LabelledFaces, tmp_path: Path
) -> None:
    config = replace(config_for("two-output"), task=task, binning=binning, colour=colour)  # type: ignore[arg-type]
    samples = samples_of(faces, config)
    cut = study_binning(config, samples)
    network = build_network(config, 1 if cut is None else len(cut))
    export_study(network, config, cut, tmp_path / "model.onnx")
    judged = load_attributes(tmp_path / "model.onnx").predict_aligned(
        samples_of(faces, replace(config, colour=True)).pictures
    )
    said = predict_study(network, samples, cut)
    tolerance = 1e-4 if colour else 0.02  # OpenCV rounds its grey to whole levels, the graph does not
    if task == "age":
        assert all(np.isnan(attributes.p_female) for attributes in judged)
    else:
        assert said.p_female is not None
        assert np.array([a.p_female for a in judged]) == pytest.approx(said.p_female, abs=tolerance)
    if task == "gender":
        assert all(np.isnan(attributes.age_years) for attributes in judged)
    else:
        assert said.age_years is not None
        assert np.array([a.age_years for a in judged]) == pytest.approx(said.age_years, abs=100 * tolerance)


def test_a_finished_run_keeps_its_pictures_scores_and_model(faces: LabelledFaces, tmp_path: Path) -> None:
    config = config_for("two-output")
    result = run_study(config, (faces, faces), tmp_path)
    assert read_result(tmp_path) == result
    assert set(result.scores) >= {"age_accuracy", "age_one_off", "gender_accuracy", "mae_years"}
    for name in ("curves.png", "age.png", "gender.png", "faces.png", "report.txt", "model.onnx"):
        assert (tmp_path / name).stat().st_size > 0
    again, _ = load_study(config, faces, tmp_path)
    samples = samples_of(faces, config)
    said = predict_study(again, samples, uniform(20))
    truth = Truth(samples.age_years.astype(np.float32), samples.female, {})
    assert score(said, truth) == pytest.approx(result.scores)


def test_frozen_random_weights_are_refused() -> None:
    with pytest.raises(DataError, match="pretrained"):
        build_network(replace(config_for("vgg16"), unfrozen_blocks=1), 5)


def test_pretrained_weights_come_from_a_path_and_frozen_layers_do_not_learn(
    faces: LabelledFaces, tmp_path: Path
) -> None:
    random = replace(config_for("resnet50"), epochs=1)
    weights = tmp_path / "resnet50.pt"
    torch.save(build_network(random, 5).trunk.state_dict(), weights)
    network = build_network(replace(random, pretrained=str(weights), unfrozen_blocks=1, seed=2), 5)
    before = {name: value.clone() for name, value in network.trunk.state_dict().items()}
    train(network, split(faces, random), random, uniform(20), tmp_path)
    after = network.trunk.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("layer4.2") for name in changed), changed


def test_binnings_cut_where_they_say() -> None:
    assert MARKET.labels == ("0-12", "13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
    assert MARKET.classes([0, 12, 13, 64, 65, 110]).tolist() == [0, 0, 1, 6, 7, 7]
    assert INTUITION.labels[0] == "0-2"
    assert len(ADIENCE) == 8
    assert uniform(10).labels[-1] == "80+"
    ages = np.random.default_rng(0).integers(0, 100, 5000)
    counts = np.bincount(balanced(ages, 7).classes(ages))
    assert counts.max() < 1.2 * counts.min()


def test_years_are_gathered_into_classes_without_losing_any() -> None:
    by_year = np.random.default_rng(0).dirichlet(np.ones(101), 4).astype(np.float32)
    gathered = MARKET.gather(by_year)
    assert gathered.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert gathered[0, 1] == pytest.approx(by_year[0, 13:18].sum(), abs=1e-6)


def test_scores_count_what_they_name() -> None:
    truth = Truth(
        np.array([10, 20, 40, -1], np.float32),
        np.array([1, 0, -1, 1], np.int16),
        {"gender": np.array(["female", "male", "unknown", "female"])},
    )
    said = Predictions(
        np.array([13, 28, 60, 5], np.float32),
        np.array([0, 3, 4, 0]),
        MARKET,
        np.array([0.9, 0.8, 0.1, 0.2], np.float32),
    )
    scores = score(said, truth)
    assert scores["mae_years"] == pytest.approx((3 + 8 + 20) / 3)
    assert scores["within_5_years"] == pytest.approx(1 / 3)
    assert scores["age_accuracy"] == pytest.approx(2 / 3)
    assert scores["gender_accuracy"] == pytest.approx(1 / 3)
    assert score_by_group(said, truth)["gender"]["male"]["gender_accuracy"] == 0.0


def test_tables_compare_each_run_by_what_it_learnt() -> None:
    both = StudyConfig(name="two", task="both", binning="intuition")
    years = StudyConfig(name="vgg16-regression-18-50", binning="regression")
    gender = StudyConfig(name="gender", task="gender")
    reached = {"age_accuracy": 0.5, "mae_years": 4.6, "gender_accuracy": 0.9}
    rows = built_in_table([both, years, gender], dict.fromkeys(("two", "vgg16-regression-18-50", "gender"), reached))
    assert rows.splitlines()[2:] == [
        "| two | intuition | age accuracy | – | 50.00 % |",
        "| two | intuition | gender accuracy | – | 90.00 % |",
        "| vgg16-regression-18-50 | regression | age error | 5.83 years | 4.60 years |",
        "| gender | – | gender accuracy | 85.00 % | 90.00 % |",
    ]
    result = StudyResult(gender, {"gender_accuracy": 0.7}, 2, 1.0, 680_000, ())
    last = study_table([result], {"gender": reached}).splitlines()[-1]
    assert last.endswith("| 0.68 M, from random | 2 | gender accuracy | 70.00 % | 85.00 % | 90.00 % |")


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_shipped_studies_can_be_read(path: Path) -> None:
    for config in read_studies(path):
        if config.task != "gender" and not config.regression:
            binning_of(config.binning, np.arange(100))


@pytest.mark.parametrize(
    ("text", "message"),
    [("epoch = 3", "unknown epoch"), ("epochs = 0", "at least 1"), ("task = 'mood'", "mood"), ("x", "Expected")],
)
def test_a_study_file_with_a_mistake_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_studies(path)
