"""Calibration of both outputs on faces that were held out of training (temperature scaling, Guo et al., ICML 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from footfall.types import FloatArray
from training.demographics.losses import age_distribution


@dataclass(frozen=True, slots=True)
class Calibration:
    """Age logits are divided by `age_temperature`; gender's become scale * logit + bias (bias-corrected)."""

    age_temperature: float = 1.0
    gender_scale: float = 1.0
    gender_bias: float = 0.0


def fit_calibration(age_logits: Tensor, gender_logits: Tensor, age_years: Tensor, female: Tensor) -> Calibration:
    """Return the calibration with the least negative log-likelihood; logits (N, 101) and (N,), labels (N,).

    The age label counts as the distribution it was trained as, because single years are heaped (26, 30, 35, ...).
    """
    target = age_distribution(age_years.float())
    log_temperature = torch.zeros((), requires_grad=True)
    line = torch.tensor([1.0, 0.0], requires_grad=True)

    def age_loss() -> Tensor:
        scaled = functional.log_softmax(age_logits / log_temperature.exp(), dim=1)
        return -(target * scaled).sum(1).mean()

    def gender_loss() -> Tensor:
        return functional.binary_cross_entropy_with_logits(gender_logits * line[0] + line[1], female.float())

    _minimise(log_temperature, age_loss)
    _minimise(line, gender_loss)
    scale, bias = line.detach().tolist()
    return Calibration(float(log_temperature.detach().exp()), scale, bias)


def _minimise(parameter: Tensor, loss: object) -> None:
    optimiser = torch.optim.LBFGS([parameter], lr=0.5, max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        value: Tensor = loss()  # type: ignore[operator]
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(closure)  # type: ignore[no-untyped-call]


def calibration_error(confidence: FloatArray, right: npt.NDArray[np.bool_], bins: int = 15) -> float:
    """Return the expected calibration error over `bins` equal bins of confidence, both (N,): 0 is perfect."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            gap += inside.mean() * abs(float(right[inside].mean()) - float(confidence[inside].mean()))
    return float(gap)
