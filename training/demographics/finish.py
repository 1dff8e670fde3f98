"""From a finished run to the shipped file: calibrate on held-out faces, export, quantise."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from footfall.types import ImageArray
from inference.attributes import load_attributes
from training.augment import FaceAugmenter
from training.data.faces import LabelledFaces, batches, held_out
from training.demographics import evaluate, metrics
from training.demographics.calibration import Calibration, fit_calibration
from training.demographics.config import RunConfig
from training.demographics.export import ExportedNetwork, ModelDescription, export, load_network
from training.demographics.network import DemographicsNetwork
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
    calibration = calibrate(network, judged, options.size_px, options.mirror)
    exact = run / f"{options.name}.fp32.onnx"
    description = ModelDescription(options.name, options.version, options.size_px)
    export(ExportedNetwork(network, calibration, options.mirror), description, exact if options.int8 else target)
    if options.int8:
        quantise(exact, target, _range_faces(config, faces, options.size_px))
        _log_figures(exact, judged)
    _log_figures(target, judged)
    return calibration


@torch.no_grad()
def calibrate(network: DemographicsNetwork, judged: LabelledFaces, size_px: int, mirror: bool) -> Calibration:
    """Return the calibration that fits faces the network was not trained on."""
    exported = ExportedNetwork(network, Calibration(), mirror)
    ages, genders = [], []
    for part in batches(len(judged), 128):
        age, gender = exported.logits(torch.from_numpy(evaluate.resize_faces(judged.images[part], size_px)))
        ages.append(age)
        genders.append(gender)
    years, female = (torch.from_numpy(labels.astype(np.float32)) for labels in (judged.age_years, judged.female))
    with torch.enable_grad():
        return fit_calibration(torch.cat(ages), torch.cat(genders), years, female)


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
