"""Visitors of a benchmark have the mix that was asked for, and an auditor errs as often as said."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.calibration import Calibration
from benchmarks.share_trials import Faces, Guess, draw, score, table_anew, taps

FACES = Faces(np.eye(3).repeat(4, axis=0), np.arange(3).repeat(4))
CALIBRATION = Calibration(("a", "b", "c"), (24,), np.eye(3)[None] * 4, np.full(3, 1 / 3))


def test_visitors_have_the_mix_that_was_asked_for() -> None:
    visitors = draw(FACES, (2, 1, 1), 4000, np.random.default_rng(1))
    assert np.bincount(visitors.true) / 4000 == pytest.approx([0.5, 0.25, 0.25], abs=0.03)
    assert (visitors.probabilities.argmax(axis=1) == visitors.true).all()


def test_errors_are_in_points_and_intervals_hold_or_not() -> None:
    day = Faces(FACES.probabilities, FACES.true)
    off = np.array([0.4, 0.3, 0.3])
    one = score(lambda *_: Guess(off, off - 0.05, off + 0.05), [CALIBRATION], [day])
    assert one.error == pytest.approx(100 * (0.0667 + 0.0333 + 0.0333) / 3, abs=0.01)
    assert one.held == pytest.approx(200 / 3) and one.width == pytest.approx(10)


def test_an_auditor_errs_as_often_as_said() -> None:
    visitors = draw(FACES, (1, 1, 1), 3000, np.random.default_rng(1))
    tapped = taps(visitors, np.array([0, 0, 1]), 0.02, np.random.default_rng(2))
    assert tapped.shape == (2, 3) and tapped.sum() == pytest.approx(3000)
    assert (tapped[0, 2] + tapped[1, :2].sum()) / 3000 == pytest.approx(0.02, abs=0.01)


def test_a_table_drawn_anew_has_as_many_faces() -> None:
    anew = table_anew(CALIBRATION, FACES, seed=1)
    assert anew.faces.sum() == 12 and (anew.faces != CALIBRATION.faces).any()
