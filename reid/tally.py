"""What is kept of the comparisons of a day: sums by visit, so that N visits take memory of N."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.visits import WAYS

Numbers = npt.NDArray[np.float64]
DRAWS = 5  # of the distributions of scores: the best guess first


@dataclass(slots=True)
class Tally:
    """One row a visit.

    `sums` float64 (N, WAYS) of the ratios of likelihoods to earlier arrivals, `counts` (N, WAYS) of those arrivals;
    `passes` (N,) how often the person is expected to have been seen besides; `closed` (N,) the largest ratio to an
    arrival outside opening hours; `entry` (N,) the row of the arrival that an outgoing visit is likest to, -1 without
    one, `entry_ratio` (N,) that ratio.
    """

    sums: Numbers
    counts: Numbers
    passes: Numbers
    closed: Numbers
    entry: npt.NDArray[np.intp]
    entry_ratio: Numbers

    @classmethod
    def empty(cls, count: int) -> Tally:
        """Return the tally of `count` visits that were compared with nobody."""
        sums, counts, passes = np.zeros((count, WAYS)), np.zeros((count, WAYS)), np.zeros(count)
        return cls(sums, counts, passes, np.zeros(count), np.full(count, -1, np.intp), np.zeros(count))

    def grow(self, count: int) -> None:
        """Make room for at least `count` visits."""
        if count > len(self.counts):
            more = Tally.empty(max(count - len(self.counts), 1024))
            for name in self.__slots__:
                setattr(self, name, np.concatenate([getattr(self, name), getattr(more, name)]))

    def reset(self, row: int) -> None:
        """Forget what is known of one visit."""
        blank = Tally.empty(1)
        for name in self.__slots__:
            getattr(self, name)[row] = getattr(blank, name)[0]


@dataclass(frozen=True, slots=True)
class Trial:
    """Some of the arrivals compared under other distributions, to learn how much these matter.

    `means` float64 (K, WAYS, DRAWS) are the mean ratios, `open_ways` bool (K, WAYS) the ways that were open.
    """

    means: Numbers
    open_ways: npt.NDArray[np.bool_]

    @classmethod
    def empty(cls) -> Trial:
        """Return a trial of nobody."""
        return cls(np.zeros((0, WAYS, DRAWS)), np.zeros((0, WAYS), np.bool_))
