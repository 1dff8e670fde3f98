"""Training examples: cached faces of several data sets and what should be said of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from footfall.errors import DataError
from training.data.dealing import DealtFaces, Rows
from training.embedding.losses import LossOptions, Strangers
from training.embedding.people import WITH_IDENTITIES, held_back
from training.embedding.prepare import TaughtFaces
from training.embedding.targets import make_targets


class Examples(DealtFaces):
    """Deals out faces with their targets, in each epoch others and in another order.

    `names` and `sets` are the data sets, `shares` how much of each an epoch has; who is held back is never dealt out.
    """

    def __init__(
        self, names: Sequence[str], sets: Sequence[TaughtFaces], shares: Sequence[float], loss: LossOptions, batch: int
    ) -> None:
        aside = [held_back(name, one.faces.groups) for name, one in zip(names, sets, strict=True)]
        known = [np.full(len(one.faces), name in WITH_IDENTITIES) for name, one in zip(names, sets, strict=True)]
        kept = ~np.concatenate(aside)
        if not kept.any():
            raise DataError("no faces are left to train on; add data")
        descriptors = np.concatenate([one.descriptors for one in sets])
        groups = np.concatenate([one.faces.groups for one in sets])
        targets = make_targets(descriptors, groups, kept, np.concatenate(known), loss.towards_person)
        self._vectors, self._persons = torch.from_numpy(targets.vectors), torch.from_numpy(targets.persons)
        counts = [round(int((~one).sum()) * share) for one, share in zip(aside, shares, strict=True)]
        super().__init__([one.faces.images for one in sets], counts, batch)
        self._kept = [np.flatnonzero(~one) + start for one, start in zip(aside, self._starts, strict=False)]
        self._every = np.flatnonzero(kept)
        self._strangers = loss.strangers

    def order(self, generator: np.random.Generator) -> Rows:
        """Return the row numbers of one epoch, shuffled."""
        drawn = [generator.permutation(rows)[:count] for rows, count in zip(self._kept, self._counts, strict=True)]
        return generator.permutation(np.concatenate(drawn))

    def targets(self, rows: Rows) -> tuple[Tensor, Tensor]:
        """Return the target vectors of `rows` (N, D) and the numbers of their persons (N,)."""
        return self._vectors[rows], self._persons[rows]

    def strangers(self, generator: np.random.Generator) -> Strangers:
        """Return the targets of faces drawn from all that are trained on."""
        rows = generator.choice(self._every, min(self._strangers, len(self._every)), replace=False, shuffle=False)
        return Strangers(self._vectors[rows], self._persons[rows])
