"""Small heads judge gender and age from experts' descriptions; nobody is judged by a head that learnt from them.

Cross-fitting: the faces are cut into parts, and a head that learnt from all other parts judges each. A judgement of a
face learnt from would be the label again, and tell the small network nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from footfall.errors import DataError
from training.data.dealing import Rows
from training.data.faces import batches, fractions_of, held_out
from training.data.framed import FramedFaces
from training.demographics.examples import LEAST_SPREAD, Labels, targets_of
from training.demographics.experts import Features
from training.demographics.losses import LossOptions, total_loss
from training.demographics.metrics import figures, truth_of
from training.demographics.network import NetworkOutput, age_head
from training.demographics.teacher import Said

FARTHEST = 8.0


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How a head is fitted: `parts` heads for what they did not learn from, and one for everybody else."""

    parts: int = 5
    hidden: int = 256
    epochs: int = 15
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    seed: int = 1


class JudgingHead(nn.Module):
    """Descriptions float (N, D), each number in its own standard deviations → NetworkOutput; (N, hidden) describes."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Dropout(0.3), nn.Linear(features, hidden), nn.ReLU())
        self.dropout = nn.Dropout(0.5)
        self.age, self.gender = age_head(hidden), nn.Linear(hidden, 1)

    def forward(self, described: Tensor) -> NetworkOutput:
        seen = self.first(described)
        kept = self.dropout(seen)
        return NetworkOutput(self.age(kept), self.gender(kept)[:, 0], seen)


def cross_fitted(
    sets: Sequence[FramedFaces], described: Sequence[Features], aside: float, options: FitOptions
) -> list[Said]:
    """Return what heads say of each face of `sets`, which experts described as `described`, (N, D) a set.

    The share `aside` of every set's groups teaches no head. What is said of its faces, and the features of all, come
    from one more head, which learnt from all others: features are what a head makes of a description before it judges.

    Raises:
        DataError: there are too few faces for so many parts.
    """
    everybody = standardised(np.concatenate(described))
    kept = np.concatenate([~held_out(faces.groups, aside) for faces in sets])
    part = np.concatenate([_parts(faces, aside, options.parts) for faces in sets])
    names = ("youngest_years", "oldest_years", "female")
    labels = [np.concatenate([getattr(faces, name) for faces in sets]) for name in names]
    said = judged(fitted(everybody, labels, np.flatnonzero(kept), options), everybody)
    for number in range(options.parts):
        own = np.flatnonzero(kept & (part == number))
        if not len(own):
            raise DataError(f"too few faces to fit heads to {options.parts} parts of them; lower held_out or add data")
        head = fitted(everybody, labels, np.flatnonzero(kept & (part != number)), options)
        words = judged(head, everybody[own])
        said.ages[own], said.p_female[own] = words.ages, words.p_female
    ends = np.cumsum([len(faces) for faces in sets])[:-1]
    columns = (np.split(value, ends) for value in (said.ages, said.p_female, said.features))
    return [Said(*one) for one in zip(*columns, strict=True)]


def _parts(faces: FramedFaces, aside: float, parts: int) -> Rows:
    """Return the part, 0 to `parts` - 1, that each face's group is in; below 0 where it is aside."""
    return np.floor((fractions_of(faces.groups) - aside) / (1.0 - aside) * parts).astype(np.intp)


def standardised(described: Features) -> Tensor:
    """Return descriptions (N, D) in their standard deviations, none farther from the mean than FARTHEST."""
    values = described.astype(np.float32)
    values -= values.mean(axis=0)
    values /= values.std(axis=0) + LEAST_SPREAD
    return torch.from_numpy(values.clip(-FARTHEST, FARTHEST))


def fitted(described: Tensor, labels: Sequence[Labels], rows: Rows, options: FitOptions) -> JudgingHead:
    """Return a head that learnt `rows` of `described` (N, D); it says the same whenever it is fitted again.

    `labels` are what `targets_of` takes, each (N,).
    """
    torch.manual_seed(options.seed)
    generator = np.random.default_rng(options.seed)
    head = JudgingHead(described.shape[1], options.hidden)
    optimiser = torch.optim.AdamW(head.parameters(), options.learning_rate, weight_decay=options.weight_decay)
    count = max(1, len(rows) // options.batch)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.learning_rate, total_steps=options.epochs * count)
    loss_options = LossOptions()
    for _ in range(options.epochs):
        for batch in np.array_split(generator.permutation(rows), count):
            targets = targets_of(*(label[batch] for label in labels))
            loss = total_loss(head(described[batch]), targets, loss_options)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            rate.step()
    return head.eval()


@torch.no_grad()
def judged(head: JudgingHead, described: Tensor) -> Said:
    """Return what `head` says of each row of `described`."""
    outputs = [head(described[part]) for part in batches(len(described), 1024)]
    ages = torch.softmax(torch.cat([output.age for output in outputs]), 1)
    p_female = torch.sigmoid(torch.cat([output.gender for output in outputs]))
    features = torch.cat([output.description for output in outputs])
    return Said(*(np.asarray(part.numpy(), np.float32) for part in (ages, p_female, features)))


def held_back_figures(said: Said, faces: FramedFaces, share: float) -> dict[str, float]:
    """Return the `figures` of what is said of those of `faces` that a training which holds `share` out never saw."""
    rows = np.flatnonzero(held_out(faces.groups, share))
    return figures(said.ages[rows], said.p_female[rows] > 0.5, truth_of(faces, rows))
