"""Losses of the two tasks and of the auxiliary ones; an unknown label (negative) counts for nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from training.demographics.network import AGE_BINS, NetworkOutput


@dataclass(frozen=True, slots=True)
class LossOptions:
    """Weights of the parts, and the smoothing of the gender label."""

    expectation: float = 0.15
    gender: float = 1.0
    gender_smoothing: float = 0.05
    race: float = 0.2
    embedding: float = 0.0


@dataclass(frozen=True, slots=True)
class Targets:
    """What a batch should come out as.

    `age` (N, 101) distributions and `age_weight` (N,); `female` (N,) in [0, 1] and `female_weight` (N,); `race`
    (N, 5) shares, all 0 where unknown; `embedding` (N, E) of a face recogniser, E 0 without one.
    """

    age: Tensor
    age_weight: Tensor
    female: Tensor
    female_weight: Tensor
    race: Tensor
    embedding: Tensor


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
    """Return the weighted sum of all parts, a scalar."""
    log_age = functional.log_softmax(output.age, dim=1)
    divergence = functional.kl_div(log_age, targets.age, reduction="none").sum(1)
    expected, wanted = log_age.exp() @ age_bins(), targets.age @ age_bins()
    distance = functional.smooth_l1_loss(expected, wanted, reduction="none")
    loss = _mean(divergence + options.expectation * distance, targets.age_weight)
    smooth = targets.female * (1.0 - options.gender_smoothing) + 0.5 * options.gender_smoothing
    gender = functional.binary_cross_entropy_with_logits(output.gender, smooth, reduction="none")
    loss = loss + options.gender * _mean(gender, targets.female_weight)
    if options.race:
        race = -(targets.race * functional.log_softmax(output.race, dim=1)).sum(1)
        loss = loss + options.race * race.sum() / targets.race.sum().clamp(min=1.0)
    if options.embedding:
        cosine = functional.cosine_similarity(output.embedding, targets.embedding, dim=1)
        loss = loss + options.embedding * (1.0 - cosine).mean()
    return loss


def mixed(targets: Targets, partners: Tensor, share: Tensor) -> Targets:
    """Return the targets of faces blended with others, after mixup (Zhang et al., ICLR 2018).

    Face i keeps `share[i]` (N,) and takes the rest from face `partners[i]` (N,); what a face does not know its
    partner decides alone.
    """
    own, other = share, 1.0 - share

    def with_partner(values: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        return _blend(values, own * weight, values[partners], other * weight[partners])

    age, age_weight = with_partner(targets.age, targets.age_weight)
    female, female_weight = with_partner(targets.female, targets.female_weight)
    race = own[:, None] * targets.race + other[:, None] * targets.race[partners]
    embedding = own[:, None] * targets.embedding + other[:, None] * targets.embedding[partners]
    return Targets(age, age_weight, female, female_weight, race, embedding)


def imitating(targets: Targets, age: Tensor, female: Tensor, share: float) -> Targets:
    """Return `targets` with `share` of them replaced by what a teacher said: `age` (N, 101) and `female` (N,).

    Self-distillation on the very pictures the student sees (Furlanello et al., Born-Again Networks, ICML 2018;
    Beyer et al., Knowledge distillation: a good teacher is patient and consistent, CVPR 2022).
    """
    own, other = 1.0 - share, torch.full_like(targets.age_weight, share)
    new_age, age_weight = _blend(targets.age, own * targets.age_weight, age, other)
    new_female, female_weight = _blend(targets.female, own * targets.female_weight, female, other)
    return replace(targets, age=new_age, age_weight=age_weight, female=new_female, female_weight=female_weight)


def _blend(values: Tensor, weight: Tensor, others: Tensor, other_weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return the weighted mean of `values` and `others`, (N, ...), and the sum of their weights (N,)."""
    total = weight + other_weight
    share = (weight / total.clamp(min=1e-6)).reshape(-1, *[1] * (values.ndim - 1))
    return share * values + (1.0 - share) * others, total


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1.0)
