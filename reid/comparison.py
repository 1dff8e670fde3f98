"""Compares every visit with every other and keeps only sums by visit, so that a day of N visits takes memory of N."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from footfall.types import FloatArray
from reid.pair_model import PairModel
from reid.scores import CHUNK, Mask, Scores
from reid.signatures import clothes_template, face_template
from reid.templates import BLOCK
from reid.types import ReidMode, Sighting
from reid.visits import WAYS, Kind, Kinds, Visits

Numbers = npt.NDArray[np.float64]


@dataclass(slots=True)
class Tally:
    """What is kept of the comparisons, a row a visit.

    `sums` float64 (N, WAYS, M) of the ratios of likelihoods to earlier arrivals, under M draws of the distributions;
    `counts` (N, WAYS) of those arrivals; `passes` (N,) how often the person is expected to have been seen besides;
    `closed` (N,) the largest ratio to an arrival outside opening hours; `entry` (N,) the row of the arrival that an
    outgoing visit is likest to, `entry_ratio` that ratio.
    """

    sums: Numbers
    counts: Numbers
    passes: Numbers
    closed: Numbers
    entry: npt.NDArray[np.intp]
    entry_ratio: Numbers

    @classmethod
    def empty(cls, count: int, draws: int) -> Tally:
        """Return a tally of `count` visits that were compared with nobody."""
        return cls(
            np.zeros((count, WAYS, draws)),
            np.zeros((count, WAYS)),
            np.zeros(count),
            np.zeros(count),
            np.full(count, -1, np.intp),
            np.zeros(count),
        )

    def grow(self, count: int) -> None:
        """Make room for at least `count` visits."""
        if count > len(self.counts):
            more = Tally.empty(max(count - len(self.counts), 1024), self.sums.shape[2])
            for name in self.__slots__:
                setattr(self, name, np.concatenate([getattr(self, name), getattr(more, name)]))


class Comparison:
    """The visits of a day, their templates and the tally of their comparisons."""

    def __init__(self, model: PairModel, mode: ReidMode) -> None:
        self.visits = Visits()
        self.model = model
        self.tally = Tally.empty(0, model.draws)
        self.pair_odds = 0.0  # that two visits are one person's, before one looks
        self._mode = mode
        self._faces, self._clothes = Scores(model.faces), Scores(model.clothes)

    @property
    def held(self) -> int:
        """How many visits are in the register."""
        return len(self.visits.row_of)

    @property
    def signatures(self) -> int:
        """How many of them have a signature."""
        return int((self.visits.flags("face") | self.visits.flags("clothes")).sum())

    def blocks(self) -> Sequence[FloatArray]:
        """Return the memory of all templates."""
        return (*self._faces.templates.blocks, *self._clothes.templates.blocks)

    def overwrite(self) -> None:
        """Overwrite all templates in place."""
        self._faces.templates.overwrite()
        self._clothes.templates.overwrite()

    def add(self, sighting: Sighting, is_open: bool) -> None:
        """Take a visit and compare it with those that are there."""
        face = clothes = None
        if sighting.signature is not None and self._mode is not ReidMode.OFF:
            face = face_template(sighting.signature) if self._mode is ReidMode.FACES else None
            clothes = clothes_template(sighting.signature)
        row = self.visits.add(sighting, is_open, face is not None, clothes is not None)
        for scores, template, cue in ((self._faces, face, "face"), (self._clothes, clothes, "clothes")):
            if template is not None:
                scores.templates.put(row, template)
                template[:] = 0.0  # the only copy is the register's
                scores.add(row, self._others(row, cue))
        self.tally.grow(self.visits.count)
        self._count(slice(row, row + 1), 1.0)

    def remove(self, uid: UUID) -> None:
        """Take a visit and its comparisons back."""
        row = self.visits.row_of[uid]
        self._count(slice(row, row + 1), -1.0)
        for scores, cue in ((self._faces, "face"), (self._clothes, "clothes")):
            if self.visits.flags(cue)[row]:
                scores.remove(row, self._others(row, cue))
        self.visits.remove(uid)
        self._reset(row)
        for other in np.flatnonzero(self.tally.entry[: self.visits.count] == row).tolist():
            self.tally.entry[other], self.tally.entry_ratio[other] = -1, 0.0
            kinds = self.visits.kinds(slice(other, other + 1))
            self._note_entries(slice(other, other + 1), self._ratios(slice(other, other + 1))[0], kinds)

    def compare_all(self) -> None:
        """Compare all with all anew: with the moments as they are now, and in an order that does not matter."""
        count = self.visits.count
        self.tally = Tally.empty(len(self.tally.counts), self.model.draws)
        for start in range(0, count, CHUNK):  # BLOCK is a multiple of CHUNK
            self._tally_rows(slice(start, min(start + CHUNK, count)))

    def _others(self, row: int, cue: str) -> Mask:
        others = self.visits.flags(cue).copy()
        others[row] = False
        return others

    def _reset(self, row: int) -> None:
        blank = Tally.empty(1, self.model.draws)
        for name in Tally.__slots__:
            getattr(self.tally, name)[row] = getattr(blank, name)[0]

    def _tally_rows(self, rows: slice) -> None:
        """Compare the visits of `rows` with all others, for themselves only."""
        kinds, ratios = self.visits.kinds(rows), self._ratios(rows)
        tally, candidate = self.tally, self.visits.earlier(rows) & self.visits.flags("arrival")
        for way in range(WAYS):
            chosen = candidate & (kinds == way)
            tally.counts[rows, way] = chosen.sum(axis=1)
            for draw, ratio in enumerate(ratios):
                tally.sums[rows, way, draw] = np.einsum("ij,ij->i", ratio, chosen, dtype=np.float64)
        self._note_passes(rows, ratios[0], kinds)
        self._note_entries(rows, ratios[0], kinds)

    def _count(self, rows: slice, sign: float) -> None:
        """Add the comparisons of one row, both ways, to the tally, or take them back."""
        row, tally = rows.start, self.tally
        kinds, ratios = self.visits.kinds(rows), self._ratios(rows)
        earlier, arrival = self.visits.earlier(rows)[0], self.visits.flags("arrival")
        places = np.arange(len(earlier))
        for way in range(WAYS):
            chosen = kinds[0] == way
            before, after = chosen & earlier & arrival, places[chosen & ~earlier & arrival[row]]
            tally.counts[row, way] += sign * before.sum()
            tally.counts[after, way] += sign
            for draw, ratio in enumerate(ratios):
                tally.sums[row, way, draw] += sign * float(ratio[0][before].sum(dtype=np.float64))
                tally.sums[after, way, draw] += sign * ratio[0][after]
        pairs = self._pairs(ratios[0], kinds)[0]
        tally.passes[: len(pairs)] += sign * pairs
        if sign > 0:
            self._note_passes(rows, ratios[0], kinds)
            self._note_entries(rows, ratios[0], kinds)
            if arrival[row] and not self.visits.flags("open")[row]:
                np.maximum(tally.closed[: len(pairs)], ratios[0][0] * (kinds[0] >= 0), out=tally.closed[: len(pairs)])
            if arrival[row]:
                leaving = (kinds[0] >= 0) & ~earlier & self.visits.flags("out")
                better = np.flatnonzero(leaving & (ratios[0][0] > tally.entry_ratio[: len(pairs)]))
                tally.entry[better], tally.entry_ratio[better] = row, ratios[0][0][better]

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

    def _ratios(self, rows: slice) -> list[FloatArray]:
        """Return M times float32 (R, N): how much likelier pairs look as they do if they are one person's."""
        count, visits = self.visits.count, self.visits
        size = (rows.stop - rows.start, count)
        ratios = [np.ones(size, np.float32) for _ in range(self.model.draws)]
        for scores, cue, name in (
            (self._faces, self.model.faces, "face"),
            (self._clothes, self.model.clothes, "clothes"),
        ):
            has = visits.flags(name)
            if not has[rows].any():
                continue
            steps = scores.steps(rows, count)
            both = has[rows, None] & has
            for ratio, table in zip(ratios, cue.ratios, strict=True):
                np.multiply(ratio, table[steps], out=ratio, where=both)
        return ratios


assert BLOCK % CHUNK == 0
