"""What the visits of a day look like, and how much likelier each pair looks as it does if it is one person's."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from footfall.types import FloatArray
from reid.pair_model import Cue, PairModel
from reid.scores import Mask, Numbers, Scores
from reid.signatures import clothes_template, face_template
from reid.site import Site, fit_site
from reid.types import ReidMode, Sighting
from reid.visits import Kind, Visits


class Likeness:
    """The templates of the visits by each cue, and the tables of ratios as the day has them."""

    def __init__(self, model: PairModel, mode: ReidMode, visits: Visits) -> None:
        self._visits, self._mode = visits, mode
        self._cues = {"face": (Scores(model.faces), model.faces), "clothes": (Scores(model.clothes), model.clothes)}
        self._tables = {name: _tables(cue, Site()) for name, (_, cue) in self._cues.items()}

    def blocks(self) -> Sequence[FloatArray]:
        """Return the memory of all templates."""
        return tuple(block for scores, _ in self._cues.values() for block in scores.templates.blocks)

    def overwrite(self) -> None:
        """Overwrite all templates in place."""
        for scores, _ in self._cues.values():
            scores.templates.overwrite()

    def add(self, sighting: Sighting, is_open: bool) -> int:
        """Take a visit, copy its templates and return its row."""
        templates: dict[str, FloatArray | None] = {"face": None, "clothes": None}
        if sighting.signature is not None and self._mode is not ReidMode.OFF:
            templates["clothes"] = clothes_template(sighting.signature)
            if self._mode is ReidMode.FACES:
                templates["face"] = face_template(sighting.signature)
        row = self._visits.add(
            sighting, is_open, face=templates["face"] is not None, clothes=templates["clothes"] is not None
        )
        for name, (scores, _) in self._cues.items():
            scores.grow(self._visits.count)
            template = templates[name]
            if template is not None:
                scores.templates.put(row, template)
                template[:] = 0.0  # the only copy is the register's
        return row

    def remove(self, uid: UUID) -> None:
        """Forget a visit and overwrite its templates."""
        row = self._visits.remove(uid)
        for scores, _ in self._cues.values():
            scores.templates.clear(row)

    def place(self, row: int) -> None:
        """Find out where the scores of one visit lie, the others' staying as they are."""
        for name, (scores, _) in self._cues.items():
            if self._visits.flags(name)[row]:
                scores.place(slice(row, row + 1), self._others(name, slice(row, row + 1)), np.zeros(1))

    def place_all(self, chunks: Sequence[slice], own: Numbers, anchors: tuple[float, float]) -> float:
        """Find out where the scores of all lie, `own` float64 (N,) and `anchors` as in `Scores.place`.

        Return the odds that two visits are one person's, by faces if there are any.
        """
        odds = []
        for name, (scores, cue) in self._cues.items():
            has = self._visits.flags(name)
            if not has.any():
                continue
            for rows in chunks:
                scores.place(rows, self._others(name, rows), own[rows], anchors)
            scores.settle(has)
            histogram = np.zeros(len(cue.same))
            for rows in chunks:
                chosen = self._others(name, rows) & (self._visits.kinds(rows) == Kind.RETURN) & has[rows, None]
                steps = scores.steps(rows, self._visits.count)
                histogram += np.bincount(steps[chosen], minlength=len(histogram))
            site = fit_site(cue, histogram / 2.0, int(has.sum()))
            self._tables[name] = _tables(cue, site)
            odds.append(site.share / (1.0 - site.share))
        return odds[0] if odds else 0.0

    def ratios(self, rows: slice, draws: int = 1) -> list[FloatArray]:
        """Return, under each of the first draws, float32 (R, N): the ratio of likelihoods of every pair."""
        count = self._visits.count
        ratios = [np.ones((rows.stop - rows.start, count), np.float32) for _ in range(draws)]
        for name, (scores, _) in self._cues.items():
            has = self._visits.flags(name)
            if has[rows].any():
                steps = scores.steps(rows, count)
                for ratio, table in zip(ratios, self._tables[name], strict=False):
                    likelier = table[steps]
                    likelier[:, ~has] = 1.0
                    likelier[~has[rows]] = 1.0
                    ratio *= likelier
        return ratios

    def _others(self, name: str, rows: slice) -> Mask:
        others = np.tile(self._visits.flags(name), (rows.stop - rows.start, 1))
        others[np.arange(len(others)), np.arange(rows.start, rows.stop)] = False
        return others


def _tables(cue: Cue, site: Site) -> list[FloatArray]:
    """Return the best guess, then one person's scores lower and higher, then the strangers' tail wider and narrower."""
    wider = float(np.exp(cue.spread))
    return [
        cue.ratios(site.factor, 0.0),
        cue.ratios(site.factor, -cue.shift),
        cue.ratios(site.factor, cue.shift),
        cue.ratios(site.factor * wider, 0.0),
        cue.ratios(site.factor / wider, 0.0),
    ]
