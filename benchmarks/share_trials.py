"""Visitors drawn from judged faces with another mix than theirs, and ways to tell the mix again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analytics.calibration import Calibration, Numbers, Places
from analytics.shares import ShareOptions, Shares, corrected

PER_MILLE = 1000.0
Method = Callable[[Numbers, Calibration, int], "Guess"]


@dataclass(frozen=True, slots=True)
class Faces:
    """Judged faces to draw visitors from: `probabilities` float64 (N, K) as a visit keeps them, `true` class (N,)."""

    probabilities: Numbers
    true: Places


@dataclass(frozen=True, slots=True)
class Guess:
    """Shares (K,) that a method told, with the interval where it has one."""

    estimate: Numbers
    low: Numbers | None = None
    high: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Mean absolute error in points, share of the intervals that hold the truth, and their mean width in points."""

    error: float
    held: float
    width: float


def kept(probabilities: Numbers) -> Numbers:
    """Return probabilities as a visit keeps them, in whole parts of a thousand."""
    return np.round(probabilities * PER_MILLE) / PER_MILLE


def draw(faces: Faces, mix: Sequence[float], count: int, random: np.random.Generator) -> Faces:
    """Return `count` visitors of the given mix, each class drawn from its faces with putting back."""
    shares = np.array(mix) / np.sum(mix)
    true = random.choice(len(shares), count, p=shares)
    rows = np.zeros(count, np.intp)
    for place in np.unique(true):
        chosen = true == place
        rows[chosen] = random.choice(np.flatnonzero(faces.true == place), int(chosen.sum()))
    return Faces(faces.probabilities[rows], true)


def score(method: Method, calibrations: Sequence[Calibration], days: Sequence[Faces]) -> Score:
    """Return how near `method` comes to the mixes of `days`, with a calibration for each."""
    errors, held, widths = [], [], []
    for seed, (calibration, visitors) in enumerate(zip(calibrations, days, strict=True)):
        truth = np.bincount(visitors.true, minlength=len(calibration.classes)) / len(visitors.true)
        guess = method(visitors.probabilities, calibration, seed)
        errors.append(np.abs(guess.estimate - truth).mean())
        if guess.low is not None and guess.high is not None:
            held.append(((guess.low <= truth) & (truth <= guess.high)).mean())
            widths.append((guess.high - guess.low).mean())
    error, inside, width = (float(np.mean(part)) if part else float("nan") for part in (errors, held, widths))
    return Score(100 * error, 100 * inside, 100 * width)


def told(probabilities: Numbers, calibration: Calibration, seed: int) -> Guess:
    """Return what the program tells."""
    return _guess(corrected(probabilities, None, calibration, None, seed))


def table_anew(calibration: Calibration, known: Faces, seed: int) -> Calibration:
    """Return `calibration`, of one class of sizes, with a table of as many faces drawn from `known`."""
    rows = np.random.default_rng(seed).integers(0, len(known.true), len(known.true))
    sums = np.zeros(calibration.judged.shape[1:])
    np.add.at(sums, known.true[rows], known.probabilities[rows])
    return replace(calibration, judged=sums[None])


def methods() -> Mapping[str, Method]:
    """Return the ways to compare: labels added up, both of ours, and QuaPy's where it is installed."""
    ours: dict[str, Method] = {
        "labels": lambda p, _, __: Guess(np.bincount(p.argmax(axis=1), minlength=p.shape[1]) / len(p)),
        "EM": lambda p, calibration, seed: _guess(corrected(p, None, calibration, ShareOptions(by_table=False), seed)),
        "PACC": lambda p, calibration, seed: _guess(corrected(p, None, calibration, ShareOptions(by_table=True), seed)),
    }
    try:
        from quapy.method.aggregative import ACC, EMQ
    except ImportError:
        return ours

    def quapy_em(probabilities: Numbers, calibration: Calibration, _: int) -> Guess:
        known = np.maximum(probabilities, 5e-4)
        return Guess(EMQ.EM(_middle(calibration.priors, calibration), known / known.sum(1, keepdims=True))[0])

    def quapy_pacc(probabilities: Numbers, calibration: Calibration, _: int) -> Guess:
        rates = _middle(calibration.rows, calibration).T
        solved = ACC.solve_adjustment(rates, probabilities.mean(0), method="inversion", solver="minimize")
        return Guess(np.clip(solved, 0, 1) / np.clip(solved, 0, 1).sum())

    return ours | {"QuaPy EMQ": quapy_em, "QuaPy PACC": quapy_pacc}


def of_size(calibration: Calibration, place: int) -> Calibration:
    """Return the part of `calibration` that is about one class of sizes."""
    part = slice(place, place + 1)
    return replace(calibration, sizes_px=calibration.sizes_px[part], judged=calibration.judged[part])


def taps(visitors: Faces, coarse: Places, mistakes: float, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return what an audit adds to a table: (A, K) sums of the visits' probabilities by the class that was tapped.

    `mistakes` is the share of the taps that hit another class, `coarse` (K,) the class to tap for each true one.
    """
    tapped = coarse[visitors.true]
    classes = int(coarse.max()) + 1
    wrong = random.random(len(tapped)) < mistakes
    tapped = np.where(wrong, (tapped + random.integers(1, classes, len(tapped))) % classes, tapped)
    sums = np.zeros((classes, visitors.probabilities.shape[1]))
    np.add.at(sums, tapped, visitors.probabilities)
    return sums


def _guess(shares: Shares) -> Guess:
    return Guess(shares.estimate, shares.low, shares.high)


def _middle(values: Numbers, calibration: Calibration) -> Numbers:
    return np.asarray(values[(len(calibration.sizes_px) - 1) // 2], np.float64)
