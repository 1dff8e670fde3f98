"""What a network takes for what: a table of its judgements of faces whose truth is known, and an audit's own counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

SOFT = 1.0
"""Counts of one probability each that stand for nothing but a doubt, spread over a row, so that no row is empty."""
ROUNDS_TO_STILLNESS = 500


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a network judges faces of each true class, by the size of the face.

    `classes` are K labels; `sizes_px` (S,) the least face of each class of sizes, ascending; `judged` float64 (S, K, K)
    the sums of the probabilities given to each class (last axis) over the faces that are truly of one (middle axis), so
    that a row sums to its number of faces. `start` float64 (K,) is the mix that an estimate begins with: what is likely
    before anybody was seen.

    What was measured on held-back faces (docs/shares.md): `face_worth`, as how many labels a face of the table counts,
    because probabilities waver less than labels; `elsewhere_faces`, as how many faces of each class the table counts at
    a place with other pictures; `by_table`, whether adjusted count is nearer the truth there than
    expectation-maximisation.
    """

    classes: tuple[str, ...]
    sizes_px: tuple[int, ...]
    judged: Numbers
    start: Numbers
    face_worth: float = 1.0
    elsewhere_faces: float = 50.0
    by_table: bool = True

    def __post_init__(self) -> None:
        size, sizes = len(self.classes), len(self.sizes_px)
        if self.judged.shape != (sizes, size, size) or self.start.shape != (size,) or size < 2:
            raise ValueError(f"{sizes} sizes of {size} classes do not belong to a table {self.judged.shape}")

    @property
    def faces(self) -> Numbers:
        """Return float64 (S, K): how many faces of each true class were judged."""
        return np.asarray(self.judged.sum(axis=2), np.float64)

    @property
    def rows(self) -> Numbers:
        """Return float64 (S, K, K): the mean probabilities given to faces of each true class; rows sum to 1."""
        blurred = self.judged + SOFT / len(self.classes)
        return np.asarray(blurred / blurred.sum(axis=2, keepdims=True), np.float64)

    @property
    def priors(self) -> Numbers:
        """Return float64 (S, K): the mix of classes that the network's probabilities take for granted.

        Exact probabilities p of a network with the prior q average to q over a population with the mix q, so q is the
        mix that the table's rows leave as it is. No label's frequency in a training is asked for.
        """
        mixes, rows = np.full((len(self.sizes_px), len(self.classes)), 1.0 / len(self.classes)), self.rows
        for _ in range(ROUNDS_TO_STILLNESS):
            mixes = np.einsum("sy,syk->sk", mixes, rows)
        return np.asarray(mixes / mixes.sum(axis=1, keepdims=True), np.float64)

    def size_classes(self, sizes_px: npt.NDArray[np.floating] | None, count: int) -> Places:
        """Return (count,): which class of sizes each face belongs to; the middle one where nobody measured."""
        if sizes_px is None:
            return np.full(count, (len(self.sizes_px) - 1) // 2, np.intp)
        return np.asarray(np.clip(np.digitize(sizes_px, self.sizes_px) - 1, 0, None), np.intp)


def elsewhere(model: Calibration) -> Calibration:
    """Return `model` as it counts at another place: the same rows, but no more than `elsewhere_faces` of each class."""
    scale = np.minimum(1.0, model.elsewhere_faces / np.maximum(model.faces, 1e-9))
    return replace(model, judged=model.judged * scale[:, :, None])


def pooled(model: Calibration, audited: Numbers, coarse: Places) -> Calibration:
    """Return `model` with what an audit of the site saw, each row a Dirichlet distribution (Gelman et al., chapter 3).

    `audited` float64 (A, K) are sums of probabilities, as in the table, over visits whose true class an auditor tapped,
    in A classes that may be coarser; `coarse` (K,) says to which of them each class belongs. The model counts as it
    does `elsewhere`, so that an audit can change it and a few taps cannot. What was tapped coarsely is divided over its
    classes as the model divides it, which no tap confirms: taps move what the table says, and together both count no
    more than `elsewhere_faces` of each class. Taken for as sure as they are many, intervals held too seldom.
    """
    if audited.shape != (int(coarse.max()) + 1, len(model.classes)):
        raise ValueError(f"an audit {audited.shape} does not belong to {len(model.classes)} classes")
    before = elsewhere(model)
    likely = model.priors[:, :, None] * model.rows
    belongs = np.equal.outer(np.arange(len(audited)), coarse).astype(np.float64)
    whole = np.einsum("ay,syk->sak", belongs, likely)
    return elsewhere(replace(before, judged=before.judged + likely / whole[:, coarse] * audited[coarse]))
