"""Corrected shares of several days, of coarser groups, and with those who stayed unknown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.share_sums import coarser, combined, of_everybody, runs_that_can_be_told
from analytics.shares import Shares, corrected
from tests.unit.analytics.visitors import calibration, judged

MIX = (0.2, 0.5, 0.3)


def day(count: int, seed: int, faces: int = 3000) -> Shares:
    return corrected(judged(MIX, count, seed).probabilities, None, calibration(faces), seed=seed)


def test_a_week_is_the_mean_of_its_days_by_visits_and_surer_than_one_of_them() -> None:
    days = [day(100, 1), day(900, 2)]
    week = combined(days)
    assert week.judged == 1000
    assert week.estimate == pytest.approx(0.1 * days[0].estimate + 0.9 * days[1].estimate)
    many = combined([day(300, seed) for seed in range(12)])
    assert (many.high - many.low).mean() < (days[0].high - days[0].low).mean()


def test_what_is_not_known_about_the_network_does_not_average_out() -> None:
    days = [day(300, seed, faces=60) for seed in range(12)]
    together = combined(days)
    smallest = np.min([np.diag(one.shared) for one in days], axis=0)
    assert (np.diag(together.shared) >= 0.999 * smallest).all()
    assert (np.diag(together.own) < 0.5 * np.diag(days[0].own)).all()


def test_a_closed_day_changes_nothing_and_only_closed_days_are_refused() -> None:
    closed = corrected(np.zeros((0, 3)), None, calibration())
    open_day = day(500, 1)
    assert combined([closed, open_day]).estimate == pytest.approx(open_day.estimate)
    with pytest.raises(ValueError, match="somebody judged"):
        combined([closed])
    with pytest.raises(ValueError, match="same groups"):
        combined([open_day, replace(open_day, groups=("a", "b", "c"))])


def test_the_coarser_grouping_can_be_told_where_the_finer_one_cannot() -> None:
    shares = day(250, 4)
    assert not shares.told.all()
    wider = replace(shares, widest=0.13)
    runs = runs_that_can_be_told(wider)
    assert runs is not None and 1 < len(runs) < 3
    labels = ["younger", "older"]
    told = coarser(wider, labels, runs)
    assert told.groups == ("younger", "older") and told.told.all()
    assert told.estimate.sum() == pytest.approx(1)
    assert runs_that_can_be_told(day(20, 1)) is None
    assert runs_that_can_be_told(day(20000, 1, 30000)) == [range(0, 1), range(1, 2), range(2, 3)]


def test_nothing_is_assumed_about_the_unknown() -> None:
    shares = day(750, 1)
    least, most = of_everybody(shares, unknown=250)
    assert least == pytest.approx(0.75 * shares.low)
    assert most == pytest.approx(0.75 * shares.high + 0.25)
    assert of_everybody(shares, 0)[1] == pytest.approx(shares.high)
