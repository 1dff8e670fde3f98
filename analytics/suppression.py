"""Hides small counts so that they cannot be computed again from what is still shown.

For one camera and day, the table of hours by groups (gender and age group) is shown with the total of every hour and
the sum of every group over the day. Counts from 1 to `small_cell` - 1 are hidden; so are enough others that each of
them has at least two possible values for anybody who knows everything that is shown, all totals, and that counts are
whole and not negative. Totals of hours and days are never hidden: how many people came says nothing about one.

The counts are a flow through a network: from the day to its groups (the sums), from there to the hours (the counts).
A hidden count is safe exactly when a cycle of hidden edges leads through it along which one visit can be moved; the
cheapest such cycle is hidden (L. H. Cox, Network models for complementary cell suppression, JASA 90, 1995).

Everything coarser that is shown (entrances, sites, weeks) is a sum of what is shown here, so that it tells nothing
new. Direction must not be combined with gender or age when small counts are hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

FREE = 1e-6  # the cost of using what is hidden already; zero would mean "no edge" to scipy
DAY_CELL_WEIGHT = 24.0  # a sum over the day is worth as much as the hours it stands for


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is not shown: `hours` bool (H, G) by hour and group, `day` bool (G,) for the sums over the day."""

    hours: Mask
    day: Mask


def hide_small(counts: Counts, small_cell: int) -> Hidden:
    """Return what to hide of `counts`, int64 (H, G) by hour and group, with at least two groups.

    Nothing is hidden when `small_cell` is 0 or 1.
    """
    many = hide_small_of_days(counts[np.newaxis], small_cell)
    return Hidden(many.hours[0], many.day[0])


def hide_small_of_days(counts: Counts, small_cell: int) -> Hidden:
    """Return the same for many tables at once, int64 (D, H, G): `hours` bool (D, H, G) and `day` bool (D, G).

    Every table is looked at by itself; hours without visits change nothing, so that shorter days may be filled up.
    """
    if counts.shape[-1] < 2:
        raise ValueError("a single group equals its total and cannot be hidden")
    values = np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)
    hidden = (values > 0) & (values < small_cell)
    alone = hidden & ~_on_square(hidden)
    for number in np.flatnonzero(alone.any(axis=(1, 2))):
        rows = np.flatnonzero(values[number].any(axis=1))
        network = _Network(values[number][rows], hidden[number][rows])
        for row, column in np.argwhere(alone[number][rows]):
            network.protect(int(row), int(column))
        hidden[number, rows] = network.hidden
    return Hidden(hidden[:, 1:], hidden[:, 0])


def _on_square(hidden: Mask) -> Mask:
    """Return which hidden edges lie on a cycle of four hidden positive ones; the quick proof of most."""
    edges = hidden.astype(np.float32)
    walks = edges @ edges.swapaxes(-1, -2) @ edges
    walks += 1 - edges.sum(axis=-1, keepdims=True) - edges.sum(axis=-2, keepdims=True)
    found: Mask = hidden & (walks > 0.5)
    return found


class _Network:
    """Edges between groups (columns) and, as rows, the day followed by its hours."""

    def __init__(self, values: Counts, hidden: Mask) -> None:
        rows, groups = values.shape
        self.values = values
        self.hidden = hidden
        self._size = groups + rows
        self._groups = groups
        self._prices = values + 1.0
        self._prices[0] *= DAY_CELL_WEIGHT

    def protect(self, row: int, column: int) -> None:
        """Hide the cheapest cycle through an edge, along which a visit can be moved to or from it."""
        from scipy.sparse.csgraph import dijkstra  # takes long to load

        costs = self._costs()
        start, end = self._direction(row, column)
        costs[start, end] = costs[end, start] = np.inf
        distances, before = dijkstra(costs, indices=[start, end], return_predecessors=True)
        more, less = distances[1, start], distances[0, end]
        source, target, tree = (end, start, before[1]) if more <= less else (start, end, before[0])
        while target != source:
            previous = int(tree[target])
            self._hide(previous, target)
            target = previous

    def _costs(self) -> npt.NDArray[np.float64]:
        """Return what it costs to move a visit along each edge; against its direction only where there is one."""
        prices = np.where(self.hidden, FREE, self._prices)
        removable = np.where(self.values > 0, prices, np.inf)
        costs = np.full((self._size, self._size), np.inf)
        groups = self._groups
        costs[groups, :groups] = prices[0]
        costs[:groups, groups] = removable[0]
        costs[:groups, groups + 1 :] = prices[1:].T
        costs[groups + 1 :, :groups] = removable[1:]
        return costs

    def _direction(self, row: int, column: int) -> tuple[int, int]:
        """Return the nodes of an edge in the direction of the flow: day to group, group to hour."""
        return (self._groups, column) if row == 0 else (column, self._groups + row)

    def _hide(self, one: int, other: int) -> None:
        column, row = min(one, other), max(one, other) - self._groups
        self.hidden[row, column] = True
