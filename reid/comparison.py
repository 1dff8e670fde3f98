"""Compares every visit of a day with every other: anew, or only those that came since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import numpy as np
import numpy.typing as npt

from footfall.types import FloatArray
from reid.likeness import Likeness
from reid.pair_model import PairModel
from reid.scores import ROBUST, SHARP
from reid.tally import DRAWS, Tally, Trial
from reid.templates import BLOCK
from reid.types import ReidMode, Sighting
from reid.visits import WAYS, Kind, Kinds, Mask, Visits

Numbers = npt.NDArray[np.float64]
CHUNK = 128  # rows compared with all others at a time
GROWTH = 0.06  # share of visits that came since, from which on all are compared anew
ROUNDS = 3
QUIET = 1500  # visits
TRIED = 800
SETTLED = 0.004  # share of the others by which the number of a visit's own may still change


class _InHaste(Exception):
    """Comparing anew was broken off."""


class _Chunks(list[slice]):
    """Rows to go through, as long as nobody is in haste."""

    def __init__(self, count: int, in_haste: Callable[[], bool]) -> None:
        super().__init__(slice(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK))
        self._in_haste = in_haste

    def __iter__(self) -> Iterator[slice]:
        for rows in super().__iter__():
            if self._in_haste():
                raise _InHaste
            yield rows


class Comparison:
    """The visits of a day, what they look like, and the tally of their comparisons.

    While `in_haste` says so, also in the middle of it, nothing is compared anew: that takes seconds on a busy day.
    """

    def __init__(self, model: PairModel, mode: ReidMode, in_haste: Callable[[], bool] = lambda: False) -> None:
        self.visits = Visits()
        self.tally = Tally.empty(0)
        self.trial = Trial.empty()
        self.pair_odds = 0.0  # that two visits are one person's, before one looks
        self._likeness = Likeness(model, mode, self.visits)
        self._in_haste = in_haste
        self._pending: list[int] = []
        self._since = 0  # visits that came or went since all were compared

    @property
    def held(self) -> int:
        """How many visits there are."""
        return len(self.visits.row_of)

    @property
    def signatures(self) -> int:
        """How many of them have a signature."""
        return int((self.visits.flags("face") | self.visits.flags("clothes")).sum())

    def blocks(self) -> Sequence[FloatArray]:
        """Return the memory of all templates."""
        return self._likeness.blocks()

    def overwrite(self) -> None:
        """Overwrite all templates in place; nothing can be compared any more."""
        self._likeness.overwrite()

    def add(self, sighting: Sighting, is_open: bool) -> None:
        """Take a visit; it is compared by the next call of `update`."""
        self._pending.append(self._likeness.add(sighting, is_open))
        self._since += 1
        self.tally.grow(self.visits.count)

    def remove(self, uid: UUID) -> None:
        """Take a visit and its comparisons back."""
        row = self.visits.row_of[uid]
        self._since += 1
        if row in self._pending:
            self._pending.remove(row)
        else:
            self._count(row, -1.0)
        self._likeness.remove(uid)
        self.tally.reset(row)
        for other in np.flatnonzero(self.tally.entry[: self.visits.count] == row).tolist():
            self.tally.entry[other], self.tally.entry_ratio[other] = -1, 0.0
            rows = slice(other, other + 1)
            self._note_entries(rows, self._likeness.ratios(rows)[0], self.visits.kinds(rows))

    def update(self) -> None:
        """Compare the visits that came since the last call, or all when these are many."""
        if self._since > 1 + GROWTH * self.held:
            self.compare_all()
        for row in self._pending:
            self._likeness.place(row)
            self._count(row, 1.0)
        self._pending.clear()

    def compare_all(self) -> None:
        """Compare all with all anew, so that the order of coming does not matter; in haste leave all as it was."""
        before = self.tally, self.pair_odds
        try:
            self._compare_all(_Chunks(self.visits.count, self._in_haste))
        except _InHaste:
            self.tally, self.pair_odds = before
        else:
            self._pending.clear()
            self._since = 0

    def _compare_all(self, chunks: Sequence[slice]) -> None:
        own = np.zeros(self.visits.count)
        if len(own) < QUIET:  # who comes often is a part of the others that cannot be overlooked
            own = self._round(chunks, own, ROBUST)
        for _ in range(ROUNDS):
            before, own = own, self._round(chunks, own, SHARP)
            if np.abs(own - before).max(initial=0.0) <= SETTLED * self.held:
                break
        self.trial = self._try(chunks)

    def _round(self, chunks: Sequence[slice], own: Numbers, anchors: tuple[float, float]) -> Numbers:
        """Compare all, `own` float64 (N,) of each visit's others being its own person; return how many that makes."""
        self.pair_odds = self._likeness.place_all(chunks, own, anchors)
        self.tally = Tally.empty(len(self.tally.counts))
        for rows in chunks:
            self._tally_rows(rows)
        return self.tally.passes[: self.visits.count].copy()

    def arrivals(self) -> tuple[Numbers, Mask, Mask]:
        """Return what is known of every visit as an arrival.

        The mean ratios float64 (N, WAYS), the ways that are open to it, bool (N, WAYS), and whether it is an arrival
        that could be compared, bool (N,).
        """
        count, visits = self.visits.count, self.visits
        counts = self.tally.counts[:count]
        means = self.tally.sums[:count] / np.maximum(counts, 1.0)
        compared = visits.flags("arrival") & (visits.flags("face") | visits.flags("clothes"))
        return means, counts > 0.5, compared

    def _tally_rows(self, rows: slice) -> None:
        """Compare the visits of `rows` with all others, for themselves only."""
        tally, kinds, ratio = self.tally, self.visits.kinds(rows), self._likeness.ratios(rows)[0]
        means, tally.counts[rows] = self._means([ratio], rows, kinds)
        tally.sums[rows] = means[:, :, 0] * tally.counts[rows]
        self._note_passes(rows, ratio, kinds)
        self._note_entries(rows, ratio, kinds)

    def _means(self, ratios: Sequence[FloatArray], rows: slice, kinds: Kinds) -> tuple[Numbers, Numbers]:
        """Return the means of D `ratios` to earlier arrivals, float64 (R, WAYS, D), and their number, (R, WAYS)."""
        candidate = self.visits.earlier(rows) & self.visits.flags("arrival")
        sums, counts = np.zeros((len(kinds), WAYS, len(ratios))), np.zeros((len(kinds), WAYS))
        for way in range(WAYS):
            chosen = candidate & (kinds == way)
            counts[:, way] = chosen.sum(axis=1)
            if chosen.any():
                for draw, ratio in enumerate(ratios):
                    sums[:, way, draw] = (ratio * chosen).sum(axis=1, dtype=np.float64)
        return sums / np.maximum(counts, 1.0)[:, :, None], counts

    def _try(self, chunks: Sequence[slice]) -> Trial:
        """Compare about TRIED of the arrivals under all draws of the distributions."""
        compared = self.arrivals()[2]
        means, open_ways = [], []
        for rows in chunks[:: max(1, -(-int(compared.sum()) // TRIED))]:
            found, counts = self._means(self._likeness.ratios(rows, DRAWS), rows, self.visits.kinds(rows))
            means.append(found[compared[rows]])
            open_ways.append(counts[compared[rows]] > 0.5)
        return Trial(np.concatenate(means), np.concatenate(open_ways)) if means else Trial.empty()

    def _count(self, row: int, sign: float) -> None:
        """Add the comparisons of one visit, for both sides, to the tally, or take them back."""
        rows, tally, visits = slice(row, row + 1), self.tally, self.visits
        kind, ratio = visits.kinds(rows)[0], self._likeness.ratios(rows)[0][0]
        # Those that wait are not in the tally yet: what is taken back was never compared with any of them.
        kind[self._pending[self._pending.index(row) if row in self._pending else 0 :]] = Kind.NEVER
        earlier, arrival = visits.earlier(rows)[0], visits.flags("arrival")
        for way in range(WAYS):
            before = (kind == way) & earlier & arrival
            after = np.flatnonzero((kind == way) & ~earlier & arrival[row])
            tally.counts[row, way] += sign * before.sum()
            tally.counts[after, way] += sign
            tally.sums[row, way] += sign * float(ratio[before].sum(dtype=np.float64))
            tally.sums[after, way] += sign * ratio[after]
        pairs = self._pairs(ratio, kind)
        tally.passes[: len(pairs)] += sign * pairs
        if sign < 0:
            return
        self._note_passes(rows, ratio[None], kind[None])
        self._note_entries(rows, ratio[None], kind[None])
        if arrival[row]:
            self._note_arrival(row, np.where(kind >= 0, ratio, 0.0), (kind >= 0) & ~earlier & visits.flags("out"))

    def _note_arrival(self, row: int, ratio: FloatArray, leaving: Mask) -> None:
        """Tell the others of a new arrival: those who go out later, and all when it came outside opening hours."""
        tally, count = self.tally, len(ratio)
        better = np.flatnonzero(leaving & (ratio > tally.entry_ratio[:count]))
        tally.entry[better], tally.entry_ratio[better] = row, ratio[better]
        if not self.visits.flags("open")[row]:
            tally.closed[:count] = np.maximum(tally.closed[:count], ratio)

    def _pairs(self, ratio: FloatArray, kinds: Kinds) -> FloatArray:
        odds = np.where(kinds == Kind.RETURN, ratio * np.float32(self.pair_odds), np.float32(0.0))
        return np.asarray(odds / (1.0 + odds), np.float32)

    def _note_passes(self, rows: slice, ratio: FloatArray, kinds: Kinds) -> None:
        self.tally.passes[rows] = self._pairs(ratio, kinds).sum(axis=1)
        closed = (kinds >= 0) & self.visits.flags("arrival") & ~self.visits.flags("open")
        self.tally.closed[rows] = np.where(closed, ratio, 0.0).max(axis=1, initial=0.0)

    def _note_entries(self, rows: slice, ratio: FloatArray, kinds: Kinds) -> None:
        entries = (kinds == Kind.RETURN) & self.visits.earlier(rows) & self.visits.flags("arrival")
        entries &= self.visits.flags("out")[rows, None]
        if entries.any():
            likely = np.where(entries, ratio, 0.0)
            self.tally.entry[rows] = np.where(entries.any(axis=1), likely.argmax(axis=1), -1)
            self.tally.entry_ratio[rows] = likely.max(axis=1)


assert BLOCK % CHUNK == 0
