"""How much likelier two visits look as they do when they are one person's than when they are two strangers'.

`training.embedding.pairs` measures the two distributions of scores on the calibration's people and writes the file that
is read here. There are several draws of them: the first is the best guess, the others say how wrong it may be.
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
Steps = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Cue:
    """One way to compare two visits, by faces or by clothes: from a normalised score to a ratio of likelihoods.

    `ratios` float32 (M, T): M draws of the ratio at T scores, `step` apart from `start` on, the ends hold beyond.
    `mean` and `deviation` of a stranger's raw score stand in while a visit has been compared with fewer than about
    `weight` others.
    """

    start: float
    step: float
    ratios: FloatArray
    mean: float
    deviation: float
    weight: float

    def steps(self, scores: FloatArray) -> Steps:
        """Return where in the table normalised `scores` of any shape lie."""
        places = (scores - np.float32(self.start)) * np.float32(1.0 / self.step)
        return np.asarray(np.clip(places, 0, self.ratios.shape[1] - 1), np.intp)


@dataclass(frozen=True, slots=True)
class PairModel:
    """The distributions that a register judges by; `version` names the network and the calibration."""

    version: str
    faces: Cue
    clothes: Cue

    @property
    def draws(self) -> int:
        """How many draws of the distributions there are."""
        return len(self.faces.ratios)


def load_pair_model(path: Path = MODEL_PATH) -> PairModel:
    """Return the calibration in `path`.

    Raises:
        ModelError: the file is missing or is no calibration.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return PairModel(content["version"], _cue(content["faces"]), _cue(content["clothes"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: no calibration of pairs of visits ({error}); reinstall the program") from None


def _cue(content: dict[str, Any]) -> Cue:
    ratios = np.exp(np.array(content["log_ratios"], np.float32))
    if ratios.ndim != 2 or not np.isfinite(ratios).all():
        raise ValueError("its table of ratios is damaged")
    return Cue(
        ratios=ratios, **{name: float(content[name]) for name in ("start", "step", "mean", "deviation", "weight")}
    )
