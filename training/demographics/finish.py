"""From a finished run to the shipped file: calibrate on held-out faces, export, quantise."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from footfall.types import ImageArray
from inference.attributes import load_attributes
from inference.session import OnnxModel
from training.augment import FaceAugmenter
from training.data.faces import LabelledFaces, batches, held_out
from training.demographics import evaluate, metrics
from training.demographics.calibration import Calibration, fit_calibration
from training.demographics.config import RunConfig
from training.demographics.export import ExportedNetwork, ModelDescription, export, load_network
from training.demographics.quantise import quantise

log = logging.getLogger(__name__)
RANGE_FACES = 384


@dataclass(frozen=True, slots=True)
class FinishOptions:
    """Name and version of the model, the picture size, whether faces are judged mirrored too, and whether in int8."""

    name: str
    version: str
    size_px: int
    mirror: bool = True
    int8: bool = True


def finish(config: RunConfig, faces: LabelledFaces, run: Path, target: Path, options: FinishOptions) -> Calibration:
    """Export the averaged network of `run` to `target` and return its calibration.

    With `options.int8`, the fp32 file stays beside it as `<name>.fp32.onnx` in the run's folder, and the figures of
    both on the held-out faces are logged. Raises DataError without a checkpoint.
    """
    network, _ = load_network(run)
    judged = faces.select(np.flatnonzero(held_out(faces.groups, config.held_out) & (faces.age_years >= 0)))
    description = ModelDescription(options.name, options.version, options.size_px)
    exact = run / f"{options.name}.fp32.onnx"

    def write(calibration: Calibration, path: Path) -> None:
        export(ExportedNetwork(network, calibration, options.mirror), description, exact if options.int8 else path)
        if options.int8:
            quantise(exact, path, _range_faces(config, faces, options.size_px))

    draft = run / f"{options.name}.uncalibrated.onnx"
    write(Calibration(), draft)
    calibration = calibrate(draft, judged, options.size_px)
    write(calibration, target)
    for path in {exact, target} if options.int8 else {target}:
        _log_figures(path, judged)
    return calibration


def calibrate(uncalibrated: Path, judged: LabelledFaces, size_px: int) -> Calibration:
    """Return the calibration of the exported model that fits faces the network was not trained on.

    The file itself is asked, not the network it came from: eight bits shift the answers a little.
    """
    model = OnnxModel(uncalibrated)
    said = [model.run(evaluate.resize_faces(judged.images[part], size_px)) for part in batches(len(judged), 64)]
    age = np.concatenate([np.asarray(one["age_probabilities"], np.float64) for one in said])
    p_female = np.clip(np.concatenate([np.asarray(one["p_female"], np.float64) for one in said]), 1e-7, 1 - 1e-7)
    age_logits = torch.from_numpy(np.log(np.maximum(age, 1e-12)).astype(np.float32))
    gender_logits = torch.from_numpy(np.log(p_female / (1 - p_female)).astype(np.float32))
    years, female = (torch.from_numpy(labels.astype(np.float32)) for labels in (judged.age_years, judged.female))
    return fit_calibration(age_logits, gender_logits, years, female)


def _range_faces(config: RunConfig, faces: LabelledFaces, size_px: int) -> ImageArray:
    """Return training faces, plain and augmented, from which the quantiser learns the ranges of activations."""
    generator = np.random.default_rng(config.seed)
    kept = generator.permutation(np.flatnonzero(~held_out(faces.groups, config.held_out)))[:RANGE_FACES]
    pixels = faces.images[np.sort(kept)]
    augmented = FaceAugmenter(config.augment, generator)(pixels, size_px)
    return np.concatenate([evaluate.resize_faces(pixels, size_px), augmented])


def _log_figures(path: Path, judged: LabelledFaces) -> None:
    truth = metrics.Truth(judged.age_years, judged.female, judged.race)
    said = evaluate.judge_with(load_attributes(path))(judged.images)
    log.info("%s on %d held-out faces: %s", path.name, len(judged), metrics.score(truth, said))
