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
from scipy.sparse.csgraph import dijkstra

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

FREE = 1e-6  # the cost of using what is hidden already; zero would mean "no edge" to scipy
DAY_CELL_WEIGHT = 24.0  # a sum over the day is worth as much as the hours it stands for


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is not shown. `hours` bool (H, G) by hour and group, `day` bool (G,) for the sums over the day."""

    hours: Mask
    day: Mask


def hide_small(counts: Counts, small_cell: int) -> Hidden:
    """Return what to hide of `counts`, int64 (H, G) by hour and group, with at least two groups.

    Nothing is hidden when `small_cell` is 0 or 1.
    """
    network = _Network(counts)
    network.hidden = (network.values > 0) & (network.values < small_cell)
    for row, column in np.argwhere(network.hidden & ~network.on_square()):
        network.protect(int(row), int(column))
    return Hidden(network.hidden[1:], network.hidden[0])


class _Network:
    """Edges between groups (columns) and, as rows, the day followed by its hours."""

    def __init__(self, counts: Counts) -> None:
        hours, groups = counts.shape
        if groups < 2:
            raise ValueError("a single group equals its total and cannot be hidden")
        self.values = np.vstack([counts.sum(axis=0), counts])
        self.hidden: Mask = np.zeros(self.values.shape, bool)
        self._size = groups + hours + 1
        self._groups = groups
        self._prices = self.values + 1.0
        self._prices[0] *= DAY_CELL_WEIGHT

    def on_square(self) -> Mask:
        """Return which hidden edges lie on a cycle of four hidden positive ones; the quick proof of most."""
        edges = (self.hidden & (self.values > 0)).astype(np.int64)
        walks = edges @ edges.T @ edges - edges.sum(axis=1, keepdims=True) - edges.sum(axis=0, keepdims=True) + 1
        found: Mask = (edges > 0) & (walks > 0)
        return found

    def protect(self, row: int, column: int) -> None:
        """Hide the cheapest cycle through an edge, along which a visit can be moved to or from it."""
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
