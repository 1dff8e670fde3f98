"""Losses of age and gender; an unknown label counts for nothing."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.demographics.network import AGE_BINS, NetworkOutput


@dataclass(frozen=True, slots=True)
class LossOptions:
    """Weights of the parts, and the smoothing of the gender label.

    Where there is a teacher, its word counts `taught` and the label the rest, and `description` weighs how unlike
    the network's description of a face and the teacher's are.
    """

    expectation: float = 0.15
    roughness: float = 5.0
    gender: float = 1.5
    gender_smoothing: float = 0.06
    taught: float = 0.6
    description: float = 1.0


@dataclass(frozen=True, slots=True)
class Taught:
    """What a teacher says of a batch: `ages` (N, 101), `p_female` (N,), and the `description` (N, D) of its faces."""

    ages: Tensor
    p_female: Tensor
    description: Tensor


@dataclass(frozen=True, slots=True)
class Targets:
    """What a batch should come out as.

    `age` (N, 101) distributions of exact ages with `age_weight` (N,); `within` (N, 101) is 1 in the years of an age
    group and 0 elsewhere, with `within_weight` (N,); `female` (N,) in [0, 1] with `female_weight` (N,).
    """

    age: Tensor
    age_weight: Tensor
    within: Tensor
    within_weight: Tensor
    female: Tensor
    female_weight: Tensor
    taught: Taught | None = None


def age_distribution(age_years: Tensor) -> Tensor:
    """Return (N, 101) label distributions around `age_years` (N,): a normal whose sigma grows with age.

    Deep Label Distribution Learning v2 (Gao et al., IJCAI 2018); sigma 1 + 0.05 years a year, at most 4, because
    the older a face, the less sure the people were who labelled it.
    """
    sigma = (1.0 + 0.05 * age_years).clamp(max=4.0)
    distance = (age_bins() - age_years[:, None]) / sigma[:, None]
    return torch.softmax(-0.5 * distance.square(), dim=1)


def age_bins() -> Tensor:
    """Return the centres of the age bins in years, float (101,)."""
    return torch.arange(AGE_BINS, dtype=torch.float32)


def total_loss(output: NetworkOutput, targets: Targets, options: LossOptions) -> Tensor:
    """Return the weighted sum of all parts, a scalar.

    An exact age is learnt as a distribution and its mean, an age group as the likelihood of its years together.
    """
    labelled = label_loss(output, targets, options)
    smooth = options.roughness * roughness(output.age)
    if targets.taught is None:
        return labelled + smooth
    return (1.0 - options.taught) * labelled + taught_loss(output, targets.taught, options) + smooth


def label_loss(output: NetworkOutput, targets: Targets, options: LossOptions) -> Tensor:
    """Return how far `output` is from what people said of the faces."""
    log_age = functional.log_softmax(output.age, dim=1)
    divergence = functional.kl_div(log_age, targets.age, reduction="none").sum(1)
    expected, wanted = log_age.exp() @ age_bins(), targets.age @ age_bins()
    distance = functional.smooth_l1_loss(expected, wanted, reduction="none")
    exact = (divergence + options.expectation * distance) * targets.age_weight
    outside = log_age.masked_fill(targets.within == 0, -1e4)
    group = -outside.logsumexp(1) * targets.within_weight
    known = (targets.age_weight + targets.within_weight).sum().clamp(min=1.0)
    smooth = targets.female * (1.0 - options.gender_smoothing) + 0.5 * options.gender_smoothing
    gender = functional.binary_cross_entropy_with_logits(output.gender, smooth, reduction="none")
    gender = (gender * targets.female_weight).sum() / targets.female_weight.sum().clamp(min=1.0)
    return (exact + group).sum() / known + options.gender * gender


def taught_loss(output: NetworkOutput, taught: Taught, options: LossOptions) -> Tensor:
    """Return how far `output` is from what the teacher says of the faces, judgements and description."""
    log_age = functional.log_softmax(output.age, dim=1)
    age = functional.kl_div(log_age, taught.ages, reduction="batchmean")
    expected, wanted = log_age.exp() @ age_bins(), taught.ages @ age_bins()
    age = age + options.expectation * functional.smooth_l1_loss(expected, wanted)
    gender = functional.binary_cross_entropy_with_logits(output.gender, taught.p_female)
    unlike = 1.0 - functional.cosine_similarity(output.description, taught.description).mean()
    return options.taught * (age + options.gender * gender) + options.description * unlike


def roughness(age_logits: Tensor) -> Tensor:
    """Return the mean square of the third differences of `age_logits` (N, 101): 0 for every normal distribution.

    An age group says nothing about the years within it; this is what places them between their neighbours.
    """
    return age_logits.diff(n=3, dim=1).square().mean()
