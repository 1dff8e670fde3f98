"""Deals out the cached faces of several data sets in batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from footfall.types import ImageArray

Rows = npt.NDArray[np.intp]


class DealtFaces(ABC):
    """Faces of several data sets under running row numbers, an epoch of which has `counts` of each set."""

    def __init__(self, images: Sequence[ImageArray], counts: Sequence[int], batch: int) -> None:
        self._images, self._counts, self._batch = images, counts, batch
        self._starts = np.cumsum([0, *(len(one) for one in images)])

    @abstractmethod
    def order(self, generator: np.random.Generator) -> Rows:
        """Return the row numbers of one epoch, shuffled."""

    def batches(self, generator: np.random.Generator) -> Iterator[Rows]:
        """Yield the row numbers of one epoch's batches; a last, smaller batch is dropped if others came."""
        order = self.order(generator)
        whole = len(order) // self._batch * self._batch
        for start in range(0, whole or len(order), self._batch):
            yield order[start : start + self._batch]

    def batches_an_epoch(self) -> int:
        """Return how many batches one epoch has."""
        return max(1, sum(self._counts) // self._batch)

    def pixels(self, rows: Rows) -> list[ImageArray]:
        """Return the cached faces of `rows`, each uint8 (S, S, 3) BGR."""
        places = np.searchsorted(self._starts, rows, side="right") - 1
        return [self._images[place][row - self._starts[place]] for place, row in zip(places, rows, strict=True)]
