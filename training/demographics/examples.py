"""Training examples: cached faces, their labels, and what teachers say about them where there are any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from footfall.errors import DataError
from footfall.types import FloatArray
from training.data.faces import LabelledFaces
from training.demographics.config import RunConfig
from training.demographics.losses import Targets, age_distribution
from training.demographics.network import AGE_BINS, RACES


@dataclass(frozen=True, slots=True)
class SoftLabels:
    """What teachers say, row by row as the faces; NaN in a row where they say nothing.

    `age` float16 (N, 101) distributions, `embedding` float32 (N, E) of unit length.
    """

    age: npt.NDArray[np.float16]
    embedding: FloatArray


def read_soft_labels(path: Path, names: npt.NDArray[np.str_]) -> SoftLabels:
    """Return the teachers' labels stored at `path` for exactly the faces `names`.

    Raises:
        DataError: the file is missing or belongs to other faces.
    """
    try:
        stored = np.load(path)
    except OSError as error:
        raise DataError(f"no soft labels at {path}: {error}; run `python -m training demographics teach`") from error
    if not np.array_equal(stored["names"], names):
        raise DataError(f"{path} was made for other faces; run `python -m training demographics teach` again")
    return SoftLabels(stored["age"], stored["embedding"])


class Examples:
    """Pairs faces with targets and deals them out in a new order every epoch."""

    def __init__(self, faces: LabelledFaces, soft: SoftLabels | None, config: RunConfig) -> None:
        self._faces, self._config = faces, config
        self._pixels = np.asarray(faces.images)
        self._has_age = faces.age_years >= 0
        self._age, self._age_weight = self._age_targets(soft)
        self._female = torch.from_numpy(faces.female.astype(np.float32)).clamp(min=0)
        self._female_weight = torch.from_numpy(faces.female >= 0).float()
        race = torch.from_numpy(faces.race.astype(np.int64))
        self._race = functional.one_hot(race.clamp(min=0), RACES).float() * (race >= 0)[:, None]
        width = config.network.embedding
        self._embedding = torch.zeros((len(faces), 0))
        if width:
            if soft is None:
                raise DataError("the settings ask for an embedding target, but there are no soft labels")
            self._embedding = torch.from_numpy(soft.embedding)

    def _age_targets(self, soft: SoftLabels | None) -> tuple[Tensor, Tensor]:
        labelled = torch.from_numpy(self._has_age)
        years = torch.from_numpy(self._faces.age_years.astype(np.float32)).clamp(0, AGE_BINS - 1)
        target, weight = age_distribution(years), labelled.float()
        if soft is not None:
            said = torch.from_numpy(soft.age.astype(np.float32))
            known = ~said.isnan().any(1)
            target = torch.where((~labelled & known)[:, None], said.nan_to_num(), target)
            weight = torch.where(~labelled & known, self._config.teacher.age_weight_unlabelled, weight)
        return target, weight

    def order(self, generator: np.random.Generator) -> npt.NDArray[np.intp]:
        """Return one epoch: every face with an age once, and a share of those without, shuffled.

        Those without an age are press photographs, three quarters of them of men. As many women as men are drawn, as
        far as there are enough, so that the network does not take such pictures for men's.
        """
        without = ~self._has_age
        women, men = (np.flatnonzero(without & (self._faces.female == sex)) for sex in (1, 0))
        rest = np.flatnonzero(without & (self._faces.female < 0))
        count = self._without_age()
        some = [generator.permutation(rows)[: count // 2] for rows in (women, men)]
        others = np.setdiff1d(np.concatenate([men, women, rest]), np.concatenate(some))
        some.append(generator.permutation(others)[: count - sum(map(len, some))])
        return generator.permutation(np.concatenate([np.flatnonzero(self._has_age), *some]))

    def batches(self, generator: np.random.Generator) -> Iterator[npt.NDArray[np.intp]]:
        """Yield the row numbers of one epoch's batches; a last, smaller batch is dropped if others came."""
        order, size = self.order(generator), self._config.batch
        whole = len(order) // size * size
        for start in range(0, whole or len(order), size):
            yield order[start : start + size]

    def pixels(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.uint8]:
        """Return the cached faces of `rows`, uint8 (B, S, S, 3) BGR."""
        return self._pixels[rows]

    def targets(self, rows: npt.NDArray[np.intp]) -> Targets:
        """Return what the network should say about `rows`."""
        index = torch.from_numpy(rows)
        parts = (self._age, self._age_weight, self._female, self._female_weight, self._race, self._embedding)
        return Targets(*(part[index] for part in parts))

    def batches_an_epoch(self) -> int:
        """Return how many batches one epoch has."""
        return max(1, (int(self._has_age.sum()) + self._without_age()) // self._config.batch)

    def _without_age(self) -> int:
        """Return how many faces without an age an epoch has."""
        return round(int((~self._has_age).sum()) * self._config.lfw_share)
