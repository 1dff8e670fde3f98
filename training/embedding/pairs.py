"""Measures how scores of two visits are distributed: `python -m training.embedding.pairs` (writes reid/models).

The people are held back from the embedding's training, for a network knows the faces that it learnt from better than
any others; the benchmark of unique visitors has others (`training.embedding.people`). How far one crowd's scores lie
from another's says how far those of an unknown crowd may. Run it again, for a few minutes, whenever the embedding
network or the description of clothes changes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import genpareto

from inference import load_embedding
from inference.clothing import clothing_signature
from reid.pair_model import KNEE, MODEL_PATH, Cue
from reid.scores import Scores
from reid.signatures import clothes_template, face_template
from training.data.framed import FramedFaces, read_framed
from training.embedding.days import Day, DayPlan, Dress, Embed, Look, Town, look_at, strangers, visitors
from training.embedding.people import held_back, in_benchmark

CACHE = Path(".cache/embedding")
VIEWS = 4
SEED = 14
DAYS, VISITS, RETURNS = 3, 1500, 0.3
START, STEP, LENGTH = -6.0, 0.05, 360
TAIL_SHARE = 1e-3  # of the strangers, from which on the tail is a generalised Pareto distribution's
SHAPES = (-0.15, 0.1)
CROWD_VISITS = 600
CROWDS = ("celeba", "bollywood-100", "glint-24")  # whose visits are alike but for the people: LFW's show one photograph
DECIDES = 4.0  # one stranger in 10,000 scores more
BOUNDS = {"faces": (12.0, 0.06), "clothes": (9.0, 0.12)}
"""Of each cue the largest logarithm of a ratio (one stranger in 8,000 may wear the same whatever is seen), and
by how much the tail of strangers may lie elsewhere than here (`reid.pair_model.Cue`)."""
CLOTHES_SHIFT = 0.5  # nobody's clothes were measured, only a model of them
PEOPLE = {"celeba": (700, (3, 5)), "bollywood-100": (400, (3, 5)), "glint-24": (250, (3, 5)), "lfw": (700, (1, 1))}
STRANGERS = {"utkface": 900, "all-age-faces": 500, "lfw": 500}
Numbers = npt.NDArray[np.float64]


def main() -> None:
    """Measure, write, and print where the distributions lie."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of `python -m training embedding prepare`")
    parser.add_argument("--model", default="built-in", help="embedding, as [reid] model names it")
    parser.add_argument("--out", type=Path, default=MODEL_PATH)
    arguments = parser.parse_args()
    network = load_embedding(arguments.model)
    content = calibrate(arguments.cache, network.embed, clothing_signature)
    content["network"] = network.model_version
    content["version"] = f"{network.model_version}, pairs 1"
    arguments.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def calibrate(cache: Path, embed: Embed, dress: Dress) -> dict[str, object]:
    """Return the content of the calibration's file, without its version."""
    random = np.random.default_rng(SEED)
    crowds, once = _people(cache, embed, random)
    town = Town([visits for people in crowds.values() for visits in people], once, dress)
    days = [town.day(random, DayPlan(VISITS, RETURNS)) for _ in range(DAYS)]
    alone = {name: Town(crowds[name], once, dress).day(random, DayPlan(CROWD_VISITS, RETURNS)) for name in CROWDS}
    return {"faces": _measure("faces", days, _shift(alone)), "clothes": _measure("clothes", days, CLOTHES_SHIFT)}


def calibration_rows(name: str, faces: FramedFaces) -> npt.NDArray[np.bool_]:
    """Return which faces of a set may be calibrated on: held back from the training, and not in the benchmark."""
    return held_back(name, faces.groups) & ~in_benchmark(name, faces.groups)


def _people(cache: Path, embed: Embed, random: np.random.Generator) -> tuple[dict[str, list[list[Look]]], list[Look]]:
    """Return those who can come again, by crowd, and those who come once."""
    crowds: dict[str, list[list[Look]]] = {}
    once: list[Look] = []
    for name in {**PEOPLE, **STRANGERS}:
        faces = read_framed(cache / f"{name}.npy")
        allowed = np.flatnonzero(calibration_rows(name, faces))
        names, counts = np.unique(faces.groups[allowed], return_counts=True)
        if name in PEOPLE:
            number, photographs = PEOPLE[name]
            several = np.isin(faces.groups[allowed], names[counts >= 2 * photographs[1]])
            rows = _of_few_people(random, allowed[several], faces.groups, number)
            crowds[name] = visitors(random, look_at(faces, rows, embed, random, VIEWS), photographs)
        if name in STRANGERS:
            alone = allowed[np.isin(faces.groups[allowed], names[counts == 1])] if name == "lfw" else allowed
            rows = random.permutation(alone)[: STRANGERS[name]]
            once += strangers(random, look_at(faces, rows, embed, random, VIEWS))
    return crowds, once


def _shift(alone: dict[str, Day]) -> float:
    """Return the standard deviation of how far an unknown crowd's scores of one person lie from those of all.

    By so much all scores are moved to make as many exceed DECIDES as that crowd has there.
    """
    grid = START + STEP * np.arange(LENGTH, dtype=np.float64)
    same = {name: _pairs("faces", day)[0] for name, day in alone.items()}
    pooled = np.asarray(sum(found / found.sum() for found in same.values()), np.float64)
    below = np.cumsum(pooled) / pooled.sum()
    moves = []
    for name, found in same.items():
        share = float(found[grid <= DECIDES].sum() / found.sum())
        moves.append(DECIDES - float(np.interp(share, below, grid)))
        print(f"{name}: {found.sum():.0f} pairs of one person, {share:.3f} decide nothing; moved by {moves[-1]:+.2f}")
    return float(np.std(moves, ddof=1))


def _of_few_people(
    random: np.random.Generator, rows: npt.NDArray[np.intp], groups: npt.NDArray[np.str_], number: int
) -> npt.NDArray[np.intp]:
    """Return about `number` of `rows`: up to thirty of each of as many people as that makes."""
    kept: list[int] = []
    for group in random.permutation(np.unique(groups[rows])).tolist():
        if len(kept) >= number:
            break
        kept += random.permutation(rows[groups[rows] == group])[:30].tolist()
    return np.array(kept, np.intp)


def _measure(cue: str, days: list[Day], shift: float) -> dict[str, object]:
    most, spread = BOUNDS[cue]
    same, other, places = (sum(parts) for parts in zip(*(_pairs(cue, day) for day in days), strict=True))
    mean, deviation = (places / len(days)).tolist()
    grid = START + STEP * np.arange(LENGTH, dtype=np.float64)
    print(f"{cue}: {same.sum():.0f} pairs of one person, {other.sum():.0f} of strangers")
    for rate in (1e-2, 1e-3, 1e-4, 1e-5):
        threshold = np.searchsorted(np.cumsum(other) / other.sum(), 1 - rate)
        print(
            f"  above {grid[threshold]:.2f}: {rate:g} of strangers, {same[threshold + 1 :].sum() / same.sum():.3f} same"
        )
    return {
        "start": START,
        "step": STEP,
        "most": most,
        "mean": round(mean, 5),
        "deviation": round(deviation, 5),
        "shift": round(shift, 3),
        "spread": spread,
        "log_strangers": np.log(np.maximum(_strangers(grid, other), 1e-300)).round(3).tolist(),
        "log_same": np.log(_smooth(same, 0.2) / same.sum() / STEP + 1e-6).round(3).tolist(),
    }


def _pairs(cue: str, day: Day) -> tuple[Numbers, Numbers, Numbers]:
    """Return how many pairs of one person, and of strangers, have each score, and a stranger's mean and deviation."""
    template_of = face_template if cue == "faces" else clothes_template
    count = len(day.sightings)
    flat = np.ones(LENGTH)
    scores, has = Scores(Cue(START, STEP, flat, flat, 0.0, 0.0, 1.0, 0.0, 0.0)), np.zeros(count, np.bool_)
    scores.grow(count)
    for row, sighting in enumerate(day.sightings):
        template = None if sighting.signature is None else template_of(sighting.signature)
        if template is not None:
            scores.templates.put(row, template)
            has[row] = True
    alike = day.persons[:, None] == day.persons
    rows = np.flatnonzero(has).tolist()
    for row in rows:
        others = has[None] & (np.arange(count) != row)
        scores.place(slice(row, row + 1), others, np.array([alike[row].sum() - 1.0]))
    places = scores.found[:count][has].mean(axis=0)
    scores.settle(has)
    same, other = np.zeros(LENGTH), np.zeros(LENGTH)
    for row in rows:
        steps, later = scores.steps(slice(row, row + 1), count)[0], has & (np.arange(count) > row)
        same += np.bincount(steps[later & alike[row]], minlength=LENGTH)
        other += np.bincount(steps[later & ~alike[row]], minlength=LENGTH)
    return same, other, places


def _smooth(histogram: Numbers, width: float) -> Numbers:
    reach = np.arange(-60, 61) * STEP / width
    kernel = np.exp(-0.5 * reach**2)
    return np.asarray(np.convolve(histogram, kernel / kernel.sum(), "same"), np.float64)


def _strangers(grid: Numbers, histogram: Numbers) -> Numbers:
    """Return the density of strangers' scores: smoothed; the tail is a generalised Pareto one (Pickands, 1975)."""
    density = np.maximum(_smooth(histogram, 0.08) / histogram.sum() / STEP, 1e-12)
    above = np.cumsum(histogram[::-1])[::-1] / histogram.sum()
    begin = int(np.argmax((above < TAIL_SHARE) & (grid > KNEE)))
    excess = np.repeat(grid[begin:] - grid[begin] + STEP / 2, histogram[begin:].astype(np.int64))
    shape = float(np.clip(genpareto.fit(excess, floc=0)[0], *SHAPES))
    scale = float(excess.mean()) * (1.0 - shape)
    beyond = grid[begin:] - grid[begin] + STEP / 2
    tail = genpareto.pdf(beyond, shape, 0, scale)
    floor = np.exp(-np.minimum(beyond / scale, 60.0)) / scale * 1e-3
    return np.concatenate([density[:begin], above[begin] * np.maximum(tail, floor)])


if __name__ == "__main__":
    main()
