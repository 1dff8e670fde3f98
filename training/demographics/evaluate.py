"""Tables of an exported network's figures, as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import softmax

from inference.session import OnnxModel
from training.data.faces import UNKNOWN
from training.demographics import metrics
from training.demographics.calibration import GROUP_STARTS, Calibration, bias_of_years
from training.demographics.metrics import DECADE_STARTS, Judgements, Mask, Scores, Truth

MARKET_GROUPS = ("0-12", "13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
DECADES = ("0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70+")
WILD_HEAD = ("faces", "gender %", "adults %", "women %", "men %", "age in its decade %", "age error years")
CROP_HEAD = ("faces", "age error years", "gender %", "gender 18+ %", "eight groups %", "within one %")


def wild_table(rows: Sequence[tuple[str, Scores]]) -> str:
    """Return Markdown: one line a network and data set; women and men are adults where ages are known."""
    lines = []
    for name, s in rows:
        shares = _shares(s.gender, s.gender_adults, s.women_adults, s.men_adults, s.decade)
        lines.append((name, str(s.faces), *shares, _number(s.mae_years)))
    return _markdown(WILD_HEAD, lines)


def crop_table(rows: Sequence[tuple[str, Scores]]) -> str:
    """Return Markdown: one line a network and condition."""
    lines = []
    for name, s in rows:
        shares = _shares(s.gender, s.gender_adults, s.market, s.market_within_one)
        lines.append((name, str(s.faces), _number(s.mae_years), *shares))
    return _markdown(CROP_HEAD, lines)


def people_table(truth: Truth, said: Judgements) -> str:
    """Return Markdown: error by gender, origin and age group, then who is judged worst and by how much."""
    all_faces = metrics.score(truth, said)
    rows = [(name, metrics.score(truth, said, mask)) for name, mask in _people(truth)]
    lines = [
        (name, str(s.faces), _number(s.mae_years), _number(s.bias_years, "+.2f"), *_shares(s.gender, s.decade))
        for name, s in [("all", all_faces), *rows]
        if s.faces
    ]
    table = _markdown(("faces", "age error years", "bias years", "gender %", "age in its decade %"), lines)
    worst = min((row for row in rows if row[1].faces), key=lambda row: row[1].gender)
    gap = 100 * (
        metrics.score(truth, said, truth.female == 1).gender - metrics.score(truth, said, truth.female == 0).gender
    )
    loss = 100 * (worst[1].gender - all_faces.gender)
    return f"{table}\n\nWomen against men: {gap:+.1f} points of gender. Worst group: {worst[0]}, {loss:+.1f} points."


def _people(truth: Truth) -> Iterator[tuple[str, Mask]]:
    yield "female", truth.female == 1
    yield "male", truth.female == 0
    for origin in sorted(set(truth.origins.tolist()) - {""}):
        yield f"labelled {origin}", truth.origins == origin
    exact = truth.exact.any()
    starts, names = (GROUP_STARTS, MARKET_GROUPS) if exact else (DECADE_STARTS, DECADES)
    groups, known = metrics.group_of(truth.youngest_years, starts), truth.youngest_years != UNKNOWN
    for position, name in enumerate(names):
        yield f"age {name}", known & (groups == position)


def calibration_table(truth: Truth, said: Judgements, model: OnnxModel, starts: tuple[int, ...]) -> str:
    """Return Markdown: calibration error of both outputs before and after; before is computed back from after."""
    before = uncalibrated(said, model)
    gender = [metrics.gender_calibration_error(truth, one.p_female) for one in (before, said)]
    age = [_age_error(truth, one, starts) for one in (before, said)]
    lines = [
        (name, *(f"{100 * error:.2f}" for error in errors)) for name, errors in (("gender", gender), ("age group", age))
    ]
    return _markdown(("ECE before %", "ECE after %"), lines)


def _age_error(truth: Truth, said: Judgements, starts: tuple[int, ...]) -> float:
    assert said.age_probabilities is not None
    return metrics.age_calibration_error(truth, said.age_probabilities, starts)


def uncalibrated(said: Judgements, model: OnnxModel) -> Judgements:
    """Return what `model` would have said without the calibration that its metadata tells."""
    assert said.age_probabilities is not None
    stored = json.loads(model.metadata.get("footfall.calibration", "{}"))
    fitted = replace(Calibration(), **{name: stored[name] for name in stored if name in Calibration.__slots__})
    logits = np.log(np.maximum(said.age_probabilities.astype(np.float64), 1e-12)) - bias_of_years(fitted).numpy()
    age = softmax(logits * fitted.age_temperature, axis=1).astype(np.float32)
    p = np.clip(said.p_female.astype(np.float64), 1e-7, 1 - 1e-7)
    log_odds = (np.log(p / (1 - p)) - fitted.gender_bias) / fitted.gender_scale
    years = (age @ np.arange(age.shape[1])).astype(np.float32)
    return Judgements((1.0 / (1.0 + np.exp(-log_odds))).astype(np.float32), years, age)


def _shares(*values: float) -> tuple[str, ...]:
    return tuple(_number(100 * value, ".1f") for value in values)


def _number(value: float, form: str = ".2f") -> str:
    return "–" if np.isnan(value) else format(value, form)


def _markdown(head: Sequence[str], lines: Sequence[tuple[str, ...]]) -> str:
    rows = [f"| | {' | '.join(head)} |", "| --- |" + " ---: |" * len(head)]
    return "\n".join([*rows, *(f"| {' | '.join(line)} |" for line in lines)])
