"""Compose labelled photographs into crowds: a mosaic of cells, heads pasted on it, things in front of faces.

Mosaic after YOLOv4 (Bochkovskiy et al. 2020), the wide range of scales after SCRFD (Guo et al. 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from footfall.errors import DataError
from training.detector.agree import CROWDS, PORTRAITS, load_crowd
from training.detector.clutter import draw_clutter, scatter_lights, shuffle_pieces
from training.detector.crops import defocus, look_beside, zoom
from training.detector.decode import OnnxFaces
from training.detector.degrade import degrade
from training.detector.mistaken import load_mistakes, show_mistake
from training.detector.paste import cover_faces, paste_heads
from training.detector.pool import MASK, SINGLE_FACES, Mixture, Pool, is_prepared, load_pool
from training.detector.samples import Labels, Sample, concatenate, shift
from training.detector.teacher import DOUBTFUL_SCORE, add_unlabelled

SMALLEST_CELL_PX = 32
LARGE_CELL_PX = 128
# How often a large and a small cell shows which photographs: crowds, mask photographs, portraits; LFW has the rest.
LARGE_SHARES = (0.62, 0.2, 0.1)
SMALL_SHARES = (0.42, 0.2, 0.22)


@dataclass(frozen=True, slots=True)
class Harshness:
    """How often a picture or a cell is treated so, and how often a canvas is cut how many times (see CUTS)."""

    cuts: tuple[float, ...]
    pasted: float
    covered: float
    degraded: float
    beside: float
    defocused: float
    mistaken: float


CUTS = (0, 1, 2, 3, 6, 12, 24)
HARSH = Harshness((0.22, 0.13, 0.17, 0.2, 0.14, 0.09, 0.05), 0.5, 0.3, 0.85, 0.16, 0.22, 0.12)
MILD = Harshness((0.4, 0.2, 0.15, 0.12, 0.07, 0.04, 0.02), 0.3, 0.1, 0.4, 0.26, 0.07, 0.12)


@dataclass(frozen=True, slots=True)
class Composer:
    """Draws training pictures of `side_px` x `side_px` from the pools; all chance comes from the generator given.

    `crowds` are photographs of many people, `portraits` of one or few; without them the other pools stand in, as
    portraits do for LFW and UTKFace. A `teacher` looks at every picture before it is degraded: it adds the faces that
    the labels leave out, and what it says of each cell is learnt too. `mistaken` are parts of photographs in which an
    earlier detector saw faces that are none.
    """

    mask: Pool
    lfw: Pool | Mixture
    utkface: Pool | Mixture
    side_px: int
    teacher: OnnxFaces | None = None
    crowds: Mixture | None = None
    portraits: Mixture | None = None
    mistaken: Pool | None = None

    @staticmethod
    def open(pools: Path, side_px: int, teacher: OnnxFaces | None = None, looks: Path | None = None) -> Composer:
        """Open the pools that `prepare` wrote, and the photographs of crowds and portraits that lie in `looks`.

        Raises:
            DataError: there are neither portraits nor both of LFW and UTKFace.
        """
        names = (CROWDS, PORTRAITS) if looks is not None else ((), ())
        crowds, portraits = (Mixture(tuple(load_crowd(sets, looks or pools))) or None for sets in names)
        mask = load_pool(pools, MASK)
        lfw, utkface = (load_pool(pools, name) if is_prepared(pools, name) else portraits for name in SINGLE_FACES)
        if lfw is None or utkface is None:
            raise DataError(
                f"no photographs of single faces are prepared in {pools}; add LFW and UTKFace, or portraits"
            )
        return Composer(mask, lfw, utkface, side_px, teacher, crowds, portraits, load_mistakes(pools))

    def photographs(self) -> list[Pool | Mixture]:
        """Return the pools whose photographs show surroundings, in which a detector can be mistaken."""
        lfw = None if self.lfw is self.portraits else self.lfw
        return [pool for pool in (self.mask, lfw, self.crowds, self.portraits) if pool is not None]

    def draw(self, rng: np.random.Generator, mild: bool = False) -> Sample:
        """Return one crowd with its labels; a `mild` one is seldom degraded and shows more of its surroundings."""
        side, how = self.side_px, MILD if mild else HARSH
        canvas = np.zeros((side, side, 3), np.uint8)
        parts = []
        for left, top, width, height in split_canvas(rng, side, side, how.cuts):
            cell = self._fill(rng, width, height, how)
            canvas[top : top + height, left : left + width] = cell.image
            parts.append(shift(cell.labels, left, top))
        sample = Sample(canvas, concatenate(parts))
        if rng.random() < how.pasted:
            sample = paste_heads(rng, sample, self._heads())
        if rng.random() < how.covered:
            cover_faces(rng, sample)
        if rng.random() < 0.12:
            scatter_lights(rng, sample.image, sample.labels.boxes)
        taught = None
        if self.teacher is not None:
            faces, taught = self.teacher.teach(sample.image, DOUBTFUL_SCORE)
            sample = add_unlabelled(sample, faces)
        image = degrade(rng, sample.image) if rng.random() < how.degraded else sample.image
        return Sample(image, sample.labels, taught)

    def _fill(self, rng: np.random.Generator, width: int, height: int, how: Harshness) -> Sample:
        chance = rng.random()
        if chance < 0.05:
            return Sample(draw_clutter(rng, width, height), Labels.empty())
        if chance > 0.97:  # of LFW, whose faces are larger than a piece
            pieces = shuffle_pieces(rng, self.lfw.sample(int(rng.integers(len(self.lfw)))))
            return zoom(rng, Sample(pieces, Labels.empty()), width, height)
        if self.mistaken is not None and rng.random() < how.mistaken:
            return show_mistake(rng, self.mistaken.sample(int(rng.integers(len(self.mistaken)))), width, height)
        pool = self._choose(rng, min(width, height) >= LARGE_CELL_PX)
        sample = pool.sample(int(rng.integers(len(pool))))
        cell = look_beside(rng, sample, width, height) if rng.random() < how.beside else None
        cell = cell or zoom(rng, sample, width, height)
        return defocus(rng, cell) if rng.random() < how.defocused else cell

    def _choose(self, rng: np.random.Generator, large: bool) -> Pool | Mixture:
        crowds, masks, portraits = LARGE_SHARES if large else SMALL_SHARES
        chance = rng.random()
        if chance < crowds:
            return self.crowds or self.mask
        if chance < crowds + masks:
            return self.mask
        return (self.portraits or self.lfw) if chance < crowds + masks + portraits else self.lfw

    def _heads(self) -> tuple[Pool | Mixture, ...]:
        return (self.lfw, self.utkface) if self.portraits is None else (self.lfw, self.utkface, self.portraits)


def split_canvas(
    rng: np.random.Generator, width: int, height: int, chances: tuple[float, ...]
) -> list[tuple[int, int, int, int]]:
    """Split a canvas at random into cells (left, top, width, height), as often as CUTS says with these `chances`."""
    cells = [(0, 0, width, height)]
    for _ in range(int(rng.choice(CUTS, p=chances))):
        index = int(np.argmax([cell[2] * cell[3] * rng.uniform(0.3, 1) for cell in cells]))
        left, top, wide, high = cells[index]
        if max(wide, high) < 2 * SMALLEST_CELL_PX:
            continue
        cut = int(max(wide, high) * rng.uniform(0.35, 0.65))
        if wide >= high:
            cells[index : index + 1] = [(left, top, cut, high), (left + cut, top, wide - cut, high)]
        else:
            cells[index : index + 1] = [(left, top, wide, cut), (left, top + cut, wide, high - cut)]
    return cells
