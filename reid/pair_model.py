"""How scores of two visits are distributed when they are one person's, and when they are two strangers'.

`training.embedding.pairs` measures both on the calibration's people and writes the file that is read here. Scores are
normalised (`reid.scores`), so that the strangers' bulk is alike everywhere; how far their tail reaches is not, and
is learnt from the day (`reid.site`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from footfall.errors import ModelError
from footfall.types import FloatArray

MODEL_PATH = Path(__file__).parent / "models" / "pairs.json"
KNEE = 2.05  # the tail begins where the upper anchor of the normalisation lies: 98 % of the strangers are below
FOOT = 3e-3  # share of strangers beyond which a score tells something
LEAST = -4.0  # bound of the logarithm of a ratio
Numbers = npt.NDArray[np.float64]
Steps = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Cue:
    """One way to compare two visits, by faces or by clothes, as densities of the normalised score.

    `strangers` and `same` float64 (T,) at T scores `step` apart from `start` on. `most` bounds the logarithm of their
    ratio. `mean` and `deviation` are those of a stranger's raw score, for a day that has just begun. `shift` says by
    how much the scores of one person may lie elsewhere than in the calibration, `spread` by which factor the tail of
    the strangers; both are standard deviations, of the score and of a logarithm.
    """

    start: float
    step: float
    strangers: Numbers
    same: Numbers
    most: float
    mean: float
    deviation: float
    shift: float
    spread: float

    @property
    def scores(self) -> Numbers:
        """The scores float64 (T,) at which the densities are given."""
        return np.asarray(self.start + self.step * np.arange(len(self.same)), np.float64)

    def steps(self, scores: FloatArray) -> Steps:
        """Return where in the tables normalised `scores` of any shape lie; the ends hold beyond."""
        places = scores * np.float32(1.0 / self.step)
        places += np.float32(0.5 - self.start / self.step)
        np.clip(places, 0, len(self.same) - 1, out=places)
        return places.astype(np.intp)

    def stretched(self, factor: float) -> Numbers:
        """Return the strangers' density float64 (T,) with a tail that reaches `factor` times as far beyond KNEE."""
        scores = self.scores
        tail = scores > KNEE
        logarithm = np.log(np.maximum(self.strangers, 1e-300))
        density = np.exp(np.interp(KNEE + (scores - KNEE) / factor, scores, logarithm))
        density *= self.strangers[tail].sum() / density[tail].sum()
        return np.where(tail, density, self.strangers)

    def moved(self, by: float) -> Numbers:
        """Return the density float64 (T,) of one person's scores, all higher by `by`."""
        return np.interp(self.scores - by, self.scores, self.same)

    @property
    def foot(self) -> int:
        """Where in the tables the foot of the tail ends: above it lies the share FOOT of strangers."""
        above = np.cumsum(self.strangers[::-1])[::-1] * self.step
        return int(np.argmax((above < FOOT) & (self.scores > KNEE)))

    def ratios(self, factor: float, by: float) -> FloatArray:
        """Return float32 (T,): same person against strangers, bounded, and never falling as the score rises.

        Below the foot it is one number, what all those scores say together: where nearly all are strangers, a bulk
        that is a little unlike the calibration's would look like people who return.
        """
        same, strangers = np.maximum(self.moved(by), 1e-12), np.maximum(self.stretched(factor), 1e-300)
        logarithm = np.log(same) - np.log(strangers)
        foot = self.foot
        logarithm[:foot] = np.log(same[:foot].sum() / strangers[:foot].sum())
        return np.exp(np.maximum.accumulate(np.clip(logarithm, LEAST, self.most))).astype(np.float32)


@dataclass(frozen=True, slots=True)
class PairModel:
    """The distributions that a register judges by.

    They hold for the embeddings of one `network` (its name and version), whose name is in `version`, too.
    """

    version: str
    network: str
    faces: Cue
    clothes: Cue


def load_pair_model(path: Path = MODEL_PATH) -> PairModel:
    """Return the calibration in `path`.

    Raises:
        ModelError: the file is missing or is no calibration.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return PairModel(
            str(content["version"]), str(content["network"]), _cue(content["faces"]), _cue(content["clothes"])
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: no calibration of pairs of visits ({error}); reinstall the program") from None


def _cue(content: dict[str, Any]) -> Cue:
    strangers, same = (np.exp(np.array(content.pop(f"log_{name}"), np.float64)) for name in ("strangers", "same"))
    if same.ndim != 1 or same.shape != strangers.shape:
        raise ValueError("its tables do not belong together")
    return Cue(strangers=strangers, same=same, **{name: float(value) for name, value in content.items()})
