"""Training examples: cached faces of several data sets and their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from footfall.errors import DataError
from training.data.dealing import DealtFaces, Rows
from training.data.faces import held_out
from training.data.framed import FramedFaces
from training.demographics.losses import Targets, Taught, age_bins, age_distribution
from training.demographics.teacher import Said

LEAST_SPREAD = 1e-3
Labels = npt.NDArray[np.int16]


class Examples(DealtFaces):
    """Deals out faces with their targets, in each epoch others and in another order.

    `sets` are the caches and `shares` how much of each an epoch has; the share `aside` of every set's groups is never
    dealt out. `said` is what a teacher says of each set's faces.
    """

    def __init__(
        self,
        sets: Sequence[FramedFaces],
        shares: Sequence[float],
        aside: float,
        batch: int,
        said: Sequence[Said] = (),
    ) -> None:
        self._kept = [np.flatnonzero(~held_out(faces.groups, aside)) for faces in sets]
        if not any(len(rows) for rows in self._kept):
            raise DataError("no faces are left to train on; lower held_out or add data")
        counts = [round(len(rows) * share) for rows, share in zip(self._kept, shares, strict=True)]
        super().__init__([faces.images for faces in sets], counts, batch)
        self._female = np.concatenate([faces.female for faces in sets])
        self._youngest = np.concatenate([faces.youngest_years for faces in sets])
        self._oldest = np.concatenate([faces.oldest_years for faces in sets])
        self._said = self._join(said) if said else None

    def _join(self, said: Sequence[Said]) -> Said:
        """Return what was said of all sets as one, each feature counted in its own standard deviations."""
        taught = np.concatenate([one.features[kept] for one, kept in zip(said, self._kept, strict=True)])
        mean, spread = taught.mean(axis=0), taught.std(axis=0) + LEAST_SPREAD
        features = np.concatenate([one.features for one in said])
        ages, female = np.concatenate([one.ages for one in said]), np.concatenate([one.p_female for one in said])
        return Said(ages, female, np.asarray((features - mean) / spread, np.float32))

    def order(self, generator: np.random.Generator) -> Rows:
        """Return the row numbers of one epoch, shuffled.

        As many women as men are drawn from each set, as far as there are enough, so that the network takes no kind of
        picture for men's.
        """
        drawn = []
        for kept, start, count in zip(self._kept, self._starts[:-1], self._counts, strict=True):
            rows = generator.permutation(kept + start)
            women, men = (rows[self._female[rows] == sex][: count // 2] for sex in (1, 0))
            rest = np.setdiff1d(rows, np.concatenate([women, men]))
            drawn += [women, men, generator.permutation(rest)[: count - len(women) - len(men)]]
        return generator.permutation(np.concatenate(drawn))

    def targets(self, rows: Rows) -> Targets:
        """Return what the network should say about `rows`."""
        targets = targets_of(self._youngest[rows], self._oldest[rows], self._female[rows])
        return targets if self._said is None else replace(targets, taught=taught(self._said, rows))


def targets_of(youngest_years: Labels, oldest_years: Labels, female: Labels) -> Targets:
    """Return what a network should say of faces with these labels, each (N,), UNKNOWN where nobody said."""
    youngest, oldest = (torch.from_numpy(part.astype(np.float32)) for part in (youngest_years, oldest_years))
    exact, group = (youngest >= 0) & (youngest == oldest), (youngest >= 0) & (youngest < oldest)
    women, years = torch.from_numpy(female.astype(np.float32)), age_bins()
    return Targets(
        age_distribution(youngest.clamp(0, float(years[-1]))),
        exact.float(),
        ((years >= youngest[:, None]) & (years <= oldest[:, None]) | ~group[:, None]).float(),
        group.float(),
        women.clamp(min=0),
        (women >= 0).float(),
    )


def taught(said: Said, rows: Rows) -> Taught:
    """Return what was said of `rows` as a training compares with it."""
    ages, female, features = (torch.from_numpy(part[rows]) for part in (said.ages, said.p_female, said.features))
    return Taught(ages / ages.sum(1, keepdim=True), female, features)
