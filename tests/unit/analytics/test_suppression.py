"""Small counts cannot be computed again: an attacker with a linear solver tries."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from analytics.suppression import Hidden, hide_small

Counts = npt.NDArray[np.int64]


def possible_range(counts: Counts, hidden: Hidden, row: int, column: int) -> tuple[int, int]:
    """Return the least and greatest value of a cell for one who knows everything shown; row -1 is the day.

    The unknowns are the hidden cells; hours and the day keep their totals, a group's hours sum up to its day. The
    constraints are those of a flow, so that the solver's corners are whole numbers.
    """
    cells = [(-1, int(j)) for j in np.flatnonzero(hidden.day)]
    cells += [(int(h), int(j)) for h, j in np.argwhere(hidden.hours)]
    hours, groups = counts.shape
    equations = np.zeros((1 + hours + groups, len(cells)))
    for index, (h, j) in enumerate(cells):
        equations[0 if h < 0 else 1 + h, index] = 1
        equations[1 + hours + j, index] = -1 if h < 0 else 1
    day = counts.sum(axis=0)
    truth = np.array([day[j] if h < 0 else counts[h, j] for h, j in cells], float)
    wanted = np.zeros(len(cells))
    wanted[cells.index((row, column))] = 1
    ends = [linprog(sign * wanted, A_eq=equations, b_eq=equations @ truth, method="highs") for sign in (1, -1)]
    assert all(end.success for end in ends)
    return round(float(ends[0].fun or 0.0)), round(-float(ends[1].fun or 0.0))


tables = st.tuples(st.integers(1, 4), st.integers(2, 5)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 9, 60]))
)


@settings(max_examples=150, deadline=None)
@given(counts=tables, small_cell=st.integers(2, 6))
def test_no_small_count_has_a_single_possible_value(counts: Counts, small_cell: int) -> None:
    hidden = hide_small(counts, small_cell)
    day = counts.sum(axis=0)
    small = [(h, j) for h, j in itertools.product(*map(range, counts.shape)) if 0 < counts[h, j] < small_cell]
    small += [(-1, j) for j in range(counts.shape[1]) if 0 < day[j] < small_cell]
    for h, j in small:
        assert hidden.day[j] if h < 0 else hidden.hours[h, j]
        low, high = possible_range(counts, hidden, h, j)
        assert low < high


def test_the_attacker_wins_without_complementary_suppression() -> None:
    """The attack is real: hiding only the small cell gives it away."""
    counts = np.array([[3, 40], [50, 60]])
    careless = Hidden(np.array([[True, False], [False, False]]), np.array([False, False]))
    assert possible_range(counts, careless, 0, 0) == (3, 3)


def test_a_single_visitor_of_the_day_is_hidden_among_the_groups() -> None:
    counts = np.zeros((2, 4), np.int64)
    counts[1, 2] = 1
    hidden = hide_small(counts, 5)
    assert hidden.day[2] and hidden.day.sum() == 2
    assert possible_range(counts, hidden, 1, 2) == (0, 1)


@pytest.mark.parametrize("small_cell", [0, 1])
def test_nothing_is_hidden_unless_asked_for(small_cell: int) -> None:
    hidden = hide_small(np.array([[1, 0], [2, 3]]), small_cell)
    assert not hidden.hours.any() and not hidden.day.any()


def test_large_counts_stay_visible() -> None:
    counts = np.array([[2, 40, 50, 60], [3, 70, 80, 90], [30, 20, 90, 80]])
    hidden = hide_small(counts, 5)
    assert hidden.hours[:2, 0].all() and not hidden.hours[:, 2:].any()
    assert not hidden.day.any()


def test_a_table_of_one_group_cannot_be_hidden() -> None:
    with pytest.raises(ValueError, match="single group"):
        hide_small(np.array([[3], [4]]), 5)
