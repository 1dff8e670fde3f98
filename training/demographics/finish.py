"""From a finished run to the shipped file: export, calibrate the exported file, export again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from inference.session import OnnxModel
from training.data.faces import batches, held_out
from training.data.framed import FramedFaces, framed
from training.demographics.calibration import Calibration, fit_calibration
from training.demographics.config import RunConfig
from training.demographics.export import ExportedNetwork, ModelDescription, export, load_network

log = logging.getLogger(__name__)


def finish(config: RunConfig, sets: Sequence[FramedFaces], run: Path, target: Path, version: str) -> Calibration:
    """Export the averaged network of `run` to `target` and return its calibration.

    It is fitted to the faces of `sets` that neither the training saw nor the evaluation will see. Raises DataError
    without a checkpoint.
    """
    network, _ = load_network(run)
    size_px = config.sizes_px[-1]
    frame = config.augment.frame
    description = ModelDescription(config.name, version, size_px, frame, config.trained_on, config.licence)
    draft = run / f"{config.name}.uncalibrated.onnx"
    export(ExportedNetwork(network, Calibration()), description, draft)
    calibration = calibrate(draft, [_between(faces, config) for faces in sets], size_px, frame)
    export(ExportedNetwork(network, calibration), description, target)
    return calibration


def _between(faces: FramedFaces, config: RunConfig) -> FramedFaces:
    apart = held_out(faces.groups, config.held_out + config.calibration) & ~held_out(faces.groups, config.held_out)
    return faces.select(np.flatnonzero(apart))


def calibrate(uncalibrated: Path, sets: Sequence[FramedFaces], size_px: int, frame: float) -> Calibration:
    """Return the calibration of the exported model that fits `sets`; the file is asked, not the network behind it."""
    model = OnnxModel(uncalibrated)
    age_logits, gender_logits = [], []
    for faces in sets:
        for part in batches(len(faces), 64):
            said = model.run(framed(faces.images[part], size_px, frame))
            age = np.asarray(said["age_probabilities"], np.float64)
            p_female = np.clip(np.asarray(said["p_female"], np.float64), 1e-7, 1 - 1e-7)
            age_logits.append(np.log(np.maximum(age, 1e-12)))
            gender_logits.append(np.log(p_female / (1 - p_female)))

    def labels(name: str) -> Tensor:
        return torch.from_numpy(np.concatenate([getattr(faces, name) for faces in sets]).astype(np.float32))

    return fit_calibration(
        torch.from_numpy(np.concatenate(age_logits).astype(np.float32)),
        torch.from_numpy(np.concatenate(gender_logits).astype(np.float32)),
        (labels("youngest_years"), labels("oldest_years")),
        labels("female"),
    )
