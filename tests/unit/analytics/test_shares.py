"""Corrected shares of visitors, and how sure they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.calibration import Calibration
from analytics.mixing import Evidence
from analytics.shares import ShareOptions, corrected, plainly
from tests.unit.analytics.visitors import LABELS, calibration, judged

SENIORS = (0.05, 0.15, 0.8)
BY_EM = ShareOptions(by_table=False)


def error(estimate: np.ndarray, truth: np.ndarray) -> float:
    return float(np.abs(estimate - truth).mean())


@pytest.mark.parametrize("options", [ShareOptions(), BY_EM])
@pytest.mark.parametrize("mix", [SENIORS, (0.7, 0.2, 0.1), (0.1, 0.8, 0.1)])
def test_corrected_shares_are_nearer_the_truth_than_labels_added_up(
    mix: tuple[float, float, float], options: ShareOptions
) -> None:
    errors = []
    for seed in range(3):
        day = judged(mix, 3000, seed)
        shares = corrected(day.probabilities, None, calibration(), options, seed)
        errors.append((error(shares.estimate, day.shares), error(day.counted, day.shares)))
        assert shares.estimate.sum() == pytest.approx(1)
        assert (shares.low <= shares.estimate).all() and (shares.estimate <= shares.high).all()
    by_estimate, by_labels = np.mean(errors, axis=0)
    assert by_estimate < 0.03 and by_estimate < 0.6 * by_labels


@pytest.mark.parametrize("options", [ShareOptions(), BY_EM])
def test_intervals_hold_the_truth_nearly_always(options: ShareOptions) -> None:
    held = []
    for seed in range(25):
        day = judged((0.25, 0.35, 0.4), 400, seed)
        shares = corrected(day.probabilities, None, calibration(seed=1000 + seed), options, seed)
        held.append((shares.low <= day.shares) & (day.shares <= shares.high))
    assert np.mean(held) >= 0.9


def test_more_visitors_and_more_known_faces_make_surer() -> None:
    def width(visitors: int, faces: int) -> float:
        shares = corrected(judged(SENIORS, visitors, 1).probabilities, None, calibration(faces))
        return float((shares.high - shares.low).mean())

    assert width(4000, 6000) < width(100, 6000)
    assert width(4000, 6000) < width(4000, 60)


def test_what_is_too_wide_is_too_few_to_say() -> None:
    few = corrected(judged(SENIORS, 20, 1).probabilities, None, calibration())
    many = corrected(judged(SENIORS, 5000, 1).probabilities, None, calibration(9000))
    assert not few.told.any() and many.told.all()
    strict = corrected(judged(SENIORS, 5000, 1).probabilities, None, calibration(9000), ShareOptions(widest=0.001))
    assert not strict.told.any()


def test_the_same_visits_and_seed_give_the_same_numbers() -> None:
    day = judged(SENIORS, 500, 1)
    one, again, other = (corrected(day.probabilities, None, calibration(), seed=seed) for seed in (7, 7, 8))
    assert (one.low == again.low).all() and (one.own == again.own).all()
    assert (one.estimate == other.estimate).all() and (one.low != other.low).any()


def test_nobody_judged_says_nothing() -> None:
    shares = corrected(np.zeros((0, 3)), None, calibration())
    assert shares.judged == 0 and not shares.told.any()
    assert np.isnan(shares.estimate).all() and (shares.low == 0).all() and (shares.high == 1).all()


def test_one_visitor_is_no_crash_and_nothing_to_tell() -> None:
    shares = corrected(np.array([[0.0, 0.0, 1.0]]), None, calibration())
    assert shares.judged == 1 and not shares.told.any()


def test_small_faces_are_corrected_by_the_table_of_small_faces() -> None:
    good, blind = np.eye(3) * 1000, np.full((3, 3), 1000 / 3) + np.diag([10.0, 10.0, 10.0])
    table = Calibration(LABELS, (24, 64), np.stack([blind, good]), np.full(3, 1 / 3))
    probabilities = np.tile([0.1, 0.2, 0.7], (200, 1))
    large = corrected(probabilities, np.full(200, 80.0), table)
    small = corrected(probabilities, np.full(200, 30.0), table)
    assert large.estimate == pytest.approx([0.1, 0.2, 0.7], abs=0.02)
    assert small.high[2] - small.low[2] > 2 * (large.high[2] - large.low[2])


def test_probabilities_of_other_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="3 classes"):
        corrected(np.ones((4, 2)) / 2, None, calibration())


@pytest.mark.parametrize(
    ("by_table", "theirs"),
    [(False, (0.06000846, 0.12603053, 0.81396101)), (True, (0.06260439, 0.11202968, 0.82536593))],
    ids=["EMQ", "PACC"],
)
def test_after_many_rounds_both_ways_say_what_quapy_says(by_table: bool, theirs: tuple[float, ...]) -> None:
    day, table = judged(SENIORS, 800, 3), calibration()  # of which QuaPy 0.2.3 said `theirs`
    evidence = Evidence(day.probabilities, None, table, by_table)
    ours = evidence.mixes(plainly(table.priors[0], 10**9), None, 3000)[0]
    assert ours == pytest.approx(theirs, abs=2e-3)


def test_adjusted_count_solves_the_tables_equations() -> None:
    table = replace(calibration(), start=np.array([0.2, 0.6, 0.2]))
    mix = np.array([0.1, 0.3, 0.6])
    evidence = Evidence((mix @ table.rows[0])[None], None, table, by_table=True)
    assert evidence.mixes(plainly(table.start, 10**9), None, 3000)[0] == pytest.approx(mix, abs=5e-3)
