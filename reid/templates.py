"""The one place where templates of people are held: blocks of memory that never move and can be overwritten."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from footfall.types import FloatArray

BLOCK = 1024  # visits


class Templates:
    """One row a visit, float32, zeros where there is none; grows by whole blocks, so that no copy is left behind."""

    def __init__(self) -> None:
        self._blocks: list[FloatArray] = []
        self._width = 0

    @property
    def blocks(self) -> Sequence[FloatArray]:
        """The memory itself, float32 (BLOCK, width) each, to be locked by whoever can."""
        return tuple(self._blocks)

    def put(self, row: int, template: FloatArray) -> None:
        """Copy `template`, float32 (width,), into `row`; the first one says how wide all are.

        Raises:
            ValueError: it is of another width, so of another network.
        """
        if not self._width:
            self._width = len(template)
        if len(template) != self._width:
            raise ValueError(f"a template of {len(template)} numbers among those of {self._width}")
        while row >= BLOCK * len(self._blocks):
            self._blocks.append(np.zeros((BLOCK, self._width), np.float32))
        self._blocks[row // BLOCK][row % BLOCK] = template

    def clear(self, row: int) -> None:
        """Overwrite one row."""
        if row < BLOCK * len(self._blocks):
            self._blocks[row // BLOCK][row % BLOCK] = 0.0

    def overwrite(self) -> None:
        """Overwrite every row in place."""
        for block in self._blocks:
            block[:] = 0.0
        for number in range(len(self._blocks)):  # the copies that the matrix product packed for itself, too
            self.products(slice(number * BLOCK, (number + 1) * BLOCK), BLOCK * len(self._blocks))

    def products(self, rows: slice, count: int) -> FloatArray:
        """Return float32 (R, count), the inner products of `rows`, within one block, with the first `count` rows."""
        length = rows.stop - rows.start
        out = np.zeros((length, count), np.float32)
        if rows.start >= BLOCK * len(self._blocks):
            return out
        first = rows.start % BLOCK
        own = self._blocks[rows.start // BLOCK][first : first + length]
        for start, block in zip(range(0, count, BLOCK), self._blocks, strict=False):
            stop = min(start + BLOCK, count)
            np.matmul(own, block[: stop - start].T, out=out[:, start:stop])
        return out
