"""What is wrong with a batch of embeddings: far from its targets, near to other people's, related otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class LossOptions:
    """Weights of the parts, and of the contrast its temperature, the margin in cosine and how many strangers.

    `towards_person` is how far the target of a face moves to the centre of its person, where that is known.
    """

    relation: float = 4.0
    contrast: float = 0.3
    temperature: float = 0.065
    margin: float = 0.1
    strangers: int = 4096
    towards_person: float = 0.35


@dataclass(frozen=True, slots=True)
class Strangers:
    """Targets of other faces, unit vectors (M, D), and the numbers of their persons (M,)."""

    vectors: Tensor
    persons: Tensor


def total_loss(found: Tensor, targets: Tensor, persons: Tensor, strangers: Strangers, options: LossOptions) -> Tensor:
    """Return the loss of `found`, unit vectors (N, D), that should be `targets` (N, D) of `persons` (N,).

    Distance to the target; the similarities within the batch against the teacher's (relational distillation, Park et
    al., CVPR 2019), those of the most alike weighing most; and the contrast of the own target against strangers'
    (InfoNCE with a margin): who is taken for another is decided where strangers are most alike.
    """
    nearness = (found * targets).sum(1)
    wanted, got = targets @ targets.T, found @ found.T
    weight = torch.softmax(wanted.fill_diagonal_(-1.0) / 0.1, dim=1).detach() + 1.0 / len(found)
    relation = ((got - wanted).square().fill_diagonal_(0.0) * weight).sum(1).mean()
    logits = found @ strangers.vectors.T
    logits = logits.masked_fill(strangers.persons[None, :] == persons[:, None], -1e4)
    scores = torch.cat([(nearness - options.margin)[:, None], logits], dim=1) / options.temperature
    contrast = functional.cross_entropy(scores, torch.zeros(len(found), dtype=torch.long))
    return (1.0 - nearness).mean() * 4.0 + options.relation * relation + options.contrast * contrast
