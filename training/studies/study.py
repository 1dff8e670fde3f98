"""Runs the networks of one study, one after the other, and keeps what came out of each."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.data.faces import LabelledFaces
from training.studies.binnings import MARKET, Binning, binning_of
from training.studies.config import StudyConfig
from training.studies.export import export_study
from training.studies.loop import Row, train
from training.studies.networks import StudyNetwork, build_network
from training.studies.plots import plot_confusion, plot_curves, plot_faces
from training.studies.predict import predict_study
from training.studies.samples import Samples, samples_of, split
from training.studies.scores import Predictions, Truth, score

log = logging.getLogger(__name__)
RESULT = "result.json"
SHOWN_FACES = 18


@dataclass(frozen=True, slots=True)
class StudyResult:
    """What one run reached on the test faces, after how many epochs and seconds, with how many weights."""

    config: StudyConfig
    scores: dict[str, float]
    epochs: int
    seconds: float
    parameters: int
    classes: tuple[int, ...]


def run_study(config: StudyConfig, faces: tuple[LabelledFaces, LabelledFaces], directory: Path) -> StudyResult:
    """Train (or resume) one run in `directory`, test it, and write curves, confusion, report, faces and ONNX there.

    `faces` are those to learn from and those to test on.
    """
    train_faces, test_faces = faces
    parts = split(train_faces, config)
    binning = study_binning(config, parts[0])
    network = build_network(config, 1 if binning is None else len(binning))
    with _board(directory) as observe:
        rows = train(network, parts, config, binning, directory, observe)
    test = samples_of(test_faces, config)
    predictions = predict_study(network, test, binning)
    truth = Truth(test.age_years.astype(np.float32), test.female, {})
    result = StudyResult(
        config,
        score(predictions, truth),
        len(rows),
        round(sum(row["seconds"] for row in rows), 1),
        sum(parameter.numel() for parameter in network.parameters()),
        () if binning is None else binning.starts,
    )
    _write_pictures(rows, test, predictions, directory)
    export_study(network, config, binning, directory / "model.onnx")
    (directory / RESULT).write_text(json.dumps(asdict(result), indent=2) + "\n", encoding="utf-8")
    return result


def read_result(directory: Path) -> StudyResult | None:
    """Return what the finished run in `directory` reached, None when it is not finished."""
    path = directory / RESULT
    if not path.exists():
        return None
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    stored["config"] = StudyConfig(**stored["config"])
    stored["classes"] = tuple(stored["classes"])
    return StudyResult(**stored)


def study_binning(config: StudyConfig, samples: Samples) -> Binning | None:
    """Return the age classes of a run; None for a regression. A run without age gets classes that nobody asks for."""
    if config.regression:
        return None
    if config.task == "gender":
        return MARKET
    return binning_of(config.binning, samples.age_years[samples.age_years >= 0])


def load_study(config: StudyConfig, train_faces: LabelledFaces, directory: Path) -> tuple[StudyNetwork, Binning | None]:
    """Return the network of a run at its best epoch so far, for export or evaluation."""
    parts = split(train_faces, config)
    binning = study_binning(config, parts[0])
    network = build_network(config, 1 if binning is None else len(binning))
    train(network, parts, config, binning, directory, until=0)
    return network, binning


class _board:
    """TensorBoard curves of a run, beside its checkpoint."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __enter__(self) -> Any:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(self._directory / "tensorboard"))

        def observe(row: Row) -> None:
            for name, value in row.items():
                if name != "epoch":
                    self._writer.add_scalar(name, value, row["epoch"])

        return observe

    def __exit__(self, *error: object) -> None:
        self._writer.close()


def _write_pictures(rows: list[Row], test: Samples, predictions: Predictions, directory: Path) -> None:
    from sklearn.metrics import classification_report, confusion_matrix

    plot_curves(rows, directory / "curves.png")
    texts = []
    if predictions.age_classes is not None and predictions.binning is not None:
        labels = list(predictions.binning.labels)
        true = predictions.binning.classes(test.age_years)
        numbers = list(range(len(labels)))
        plot_confusion(confusion_matrix(true, predictions.age_classes, labels=numbers), labels, directory / "age.png")
        texts.append(
            classification_report(true, predictions.age_classes, labels=numbers, target_names=labels, zero_division=0)
        )
    if predictions.p_female is not None:
        said = (predictions.p_female >= 0.5).astype(int)
        names = ["male", "female"]
        plot_confusion(confusion_matrix(test.female, said, labels=[0, 1]), names, directory / "gender.png")
        texts.append(classification_report(test.female, said, labels=[0, 1], target_names=names, zero_division=0))
    (directory / "report.txt").write_text("\n".join(texts), encoding="utf-8")
    shown = np.random.default_rng(0).permutation(len(test))[:SHOWN_FACES]
    captions = [_caption(test, predictions, int(row)) for row in shown]
    plot_faces(
        [np.repeat(test.pictures[row], 3 // test.pictures.shape[3], 2) for row in shown],
        captions,
        directory / "faces.png",
    )


def _caption(test: Samples, predictions: Predictions, row: int) -> str:
    parts = []
    if predictions.age_classes is not None and predictions.binning is not None:
        parts.append(f"{predictions.binning.labels[int(predictions.age_classes[row])]} ({test.age_years[row]})")
    elif predictions.age_years is not None:
        parts.append(f"{predictions.age_years[row]:.0f} ({test.age_years[row]})")
    if predictions.p_female is not None:
        said = "f" if predictions.p_female[row] >= 0.5 else "m"
        parts.append(f"{said} ({'f' if test.female[row] == 1 else 'm'})")
    return ", ".join(parts)


def log_to_stderr() -> None:
    """Show the progress of runs."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
