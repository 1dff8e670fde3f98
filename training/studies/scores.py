"""Scores of predictions against labels, for any network of this project on any labelled faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.studies.binnings import Binning

Ages = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a network said of N faces; None where it does not say.

    `age_years` (N,); `age_classes` int (N,) with the `binning` they belong to; `p_female` (N,).
    """

    age_years: Ages | None = None
    age_classes: npt.NDArray[np.int64] | None = None
    binning: Binning | None = None
    p_female: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """Labels of N faces: ages in years, gender (1 female, 0 male), -1 where nobody said; groups by name of a split."""

    age_years: Ages
    female: npt.NDArray[np.int16]
    groups: Mapping[str, npt.NDArray[np.str_]]


def score(predictions: Predictions, truth: Truth) -> dict[str, float]:
    """Return the scores that predictions and labels allow.

    `age_accuracy` and `age_one_off` (the right class, or a neighbour of it), `mae_years`, `within_5_years` and
    `within_10_years` (the cumulative score of Geng et al., 2007), `gender_accuracy`; all shares in [0, 1].
    """
    scores: dict[str, float] = {}
    known = truth.age_years >= 0
    if predictions.age_years is not None and known.any():
        error = np.abs(predictions.age_years - truth.age_years)[known]
        scores["mae_years"] = float(error.mean())
        scores["within_5_years"] = float((error <= 5).mean())
        scores["within_10_years"] = float((error <= 10).mean())
    if predictions.age_classes is not None and predictions.binning is not None and known.any():
        off = np.abs(predictions.age_classes - predictions.binning.classes(truth.age_years))[known]
        scores["age_accuracy"] = float((off == 0).mean())
        scores["age_one_off"] = float((off <= 1).mean())
    judged = truth.female >= 0
    if predictions.p_female is not None and judged.any():
        right = (predictions.p_female >= 0.5) == (truth.female == 1)
        scores["gender_accuracy"] = float(right[judged].mean())
    return scores


def score_by_group(predictions: Predictions, truth: Truth) -> dict[str, dict[str, dict[str, float]]]:
    """Return the scores of each group of each split, and the number of its faces as `faces`."""
    result: dict[str, dict[str, dict[str, float]]] = {}
    for split, names in truth.groups.items():
        result[split] = {}
        for name in np.unique(names).tolist():
            rows = np.flatnonzero(names == name)
            part = Truth(truth.age_years[rows], truth.female[rows], {})
            result[split][name] = {"faces": float(len(rows)), **score(_select(predictions, rows), part)}
    return result


def _select(predictions: Predictions, rows: npt.NDArray[np.intp]) -> Predictions:
    def part(values: npt.NDArray[np.generic] | None) -> npt.NDArray[np.generic] | None:
        return None if values is None else values[rows]

    return Predictions(
        part(predictions.age_years),  # type: ignore[arg-type]
        part(predictions.age_classes),  # type: ignore[arg-type]
        predictions.binning,
        part(predictions.p_female),  # type: ignore[arg-type]
    )
