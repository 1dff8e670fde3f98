"""Calibration of both outputs on faces that were held out of training.

Bias-corrected temperature scaling (Alexandari, Kundaje, Shrikumar, ICML 2020, after Guo et al., ICML 2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from footfall.types import FloatArray
from training.demographics.losses import age_bins

GROUP_STARTS = (0, 13, 18, 25, 35, 45, 55, 65)
BIAS_PENALTY = 0.01


@dataclass(frozen=True, slots=True)
class Calibration:
    """Age logits are divided by `age_temperature`, and each year gets the `age_bias` of its group (`GROUP_STARTS`).

    Gender's log-odds become `gender_scale` times themselves plus `gender_bias`.
    """

    age_temperature: float = 1.0
    gender_scale: float = 1.0
    gender_bias: float = 0.0
    age_bias: tuple[float, ...] = (0.0,) * len(GROUP_STARTS)


def bias_of_years(calibration: Calibration) -> Tensor:
    """Return what is added to the age logit of each year, float32 (101,)."""
    return torch.tensor(calibration.age_bias, dtype=torch.float32)[_group_of_years()]


def _group_of_years() -> Tensor:
    return torch.bucketize(age_bins(), torch.tensor(GROUP_STARTS[1:], dtype=torch.float32), right=True)


def fit_calibration(age_logits: Tensor, gender_logits: Tensor, age_years: Tensor, female: Tensor) -> Calibration:
    """Return the calibration with the least negative log-likelihood; logits (N, 101) and (N,), labels (N,).

    Of the age, the group counts (`GROUP_STARTS`): groups are what is reported, and labels of single years are heaped.
    """
    of_face = torch.bucketize(age_years.float(), torch.tensor(GROUP_STARTS[1:], dtype=torch.float32), right=True)
    member = functional.one_hot(_group_of_years(), len(GROUP_STARTS)).bool()
    age = torch.zeros(1 + len(GROUP_STARTS), requires_grad=True)
    line = torch.tensor([1.0, 0.0], requires_grad=True)
    group = _group_of_years()

    def age_loss() -> Tensor:
        scaled = functional.log_softmax(age_logits / age[0].exp() + age[1:][group], dim=1)
        mass = torch.stack([scaled[:, years].logsumexp(1) for years in member.T], dim=1)
        return functional.nll_loss(mass, of_face) + BIAS_PENALTY * age[1:].square().sum()

    def gender_loss() -> Tensor:
        return functional.binary_cross_entropy_with_logits(gender_logits * line[0] + line[1], female.float())

    _minimise(age, age_loss)
    _minimise(line, gender_loss)
    scale, bias = line.detach().tolist()
    return Calibration(float(age[0].detach().exp()), scale, bias, tuple(age[1:].detach().tolist()))


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
