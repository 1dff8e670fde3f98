"""What a network says of labelled faces: one that was just trained, or any exported ONNX file."""

from __future__ import annotations

import numpy as np
import torch

from footfall.types import ImageArray
from inference import AttributeModel
from training.studies.binnings import OLDEST_YEARS, Binning
from training.studies.networks import StudyNetwork
from training.studies.samples import Samples
from training.studies.scores import Predictions

BATCH = 256


@torch.no_grad()
def predict_study(network: StudyNetwork, samples: Samples, binning: Binning | None) -> Predictions:
    """Return what a study's network says of `samples`."""
    network.eval()
    parts = [
        network(samples.batch(np.arange(first, min(first + BATCH, len(samples)))))
        for first in range(0, len(samples), BATCH)
    ]
    outputs = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    p_female = torch.sigmoid(outputs["gender"]).numpy() if "gender" in outputs else None
    if "age" not in outputs:
        return Predictions(p_female=p_female)
    if binning is None:
        return Predictions(age_years=outputs["age"].numpy(), p_female=p_female)
    classes = outputs["age"].argmax(1).numpy()
    years = torch.softmax(outputs["age"], 1) @ torch.from_numpy(binning.centres())
    return Predictions(years.numpy(), classes, binning, p_female)


def predict_model(model: AttributeModel, faces: ImageArray, binning: Binning | None) -> Predictions:
    """Return what an exported network says of ready crops, uint8 (N, S, S, 3) BGR.

    A distribution over single years is gathered into the classes of `binning`; the class is the most probable one.
    """
    judged = [
        attributes
        for first in range(0, len(faces), BATCH)
        for attributes in model.predict_aligned(np.asarray(faces[first : first + BATCH]))
    ]
    years = np.array([attributes.age_years for attributes in judged], np.float32)
    p_female = np.array([attributes.p_female for attributes in judged], np.float32)
    if binning is None:
        return Predictions(years, p_female=p_female)
    distributions = np.stack([attributes.age_probabilities for attributes in judged])
    if distributions.shape[1] != OLDEST_YEARS + 1:
        return Predictions(years, binning.classes(years), binning, p_female)
    return Predictions(years, binning.gather(distributions).argmax(1), binning, p_female)
