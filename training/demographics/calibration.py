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


def fit_calibration(
    age_logits: Tensor, gender_logits: Tensor, ages: tuple[Tensor, Tensor], female: Tensor
) -> Calibration:
    """Return the calibration with the least negative log-likelihood; logits (N, 101) and (N,), labels (N,).

    `ages` are the first and the last year that a face may have, equal where the age is exact. Of an exact age, the
    group counts (`GROUP_STARTS`): groups are what is reported, and labels of single years are heaped. Faces with a
    negative label are left out. Of gender, faces of the first group are left out too, as nobody's gender is reported
    there, and women weigh together what men do, so that neither is the safer guess.
    """
    known, judged = ages[0] >= 0, (female >= 0) & ~((ages[1] >= 0) & (ages[1] < GROUP_STARTS[1]))
    women = female[judged].float()
    balanced = torch.where(women > 0, 0.5 / women.mean(), 0.5 / (1.0 - women.mean()))
    within = _years_within(ages[0][known], ages[1][known])
    age = torch.zeros(1 + len(GROUP_STARTS), requires_grad=True)
    line = torch.tensor([1.0, 0.0], requires_grad=True)
    group = _group_of_years()

    def age_loss() -> Tensor:
        scaled = functional.log_softmax(age_logits[known] / age[0].exp() + age[1:][group], dim=1)
        mass = scaled.masked_fill(~within, -1e4).logsumexp(1)
        return -mass.mean() + BIAS_PENALTY * age[1:].square().sum()

    def gender_loss() -> Tensor:
        logits = gender_logits[judged] * line[0] + line[1]
        return functional.binary_cross_entropy_with_logits(logits, women, balanced)

    _minimise(age, age_loss)
    _minimise(line, gender_loss)
    scale, bias = line.detach().tolist()
    return Calibration(float(age[0].detach().exp()), scale, bias, tuple(age[1:].detach().tolist()))


def _years_within(youngest: Tensor, oldest: Tensor) -> Tensor:
    """Return bool (N, 101): the years of the label's own range, or of the group that an exact age falls in."""
    edges = torch.tensor(GROUP_STARTS[1:], dtype=torch.float32)
    same_group = torch.bucketize(youngest.float(), edges, right=True)[:, None] == _group_of_years()
    inside = (age_bins() >= youngest[:, None]) & (age_bins() <= oldest[:, None])
    return torch.where((youngest == oldest)[:, None], same_group, inside)


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
