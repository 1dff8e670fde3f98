"""Pairs each tap of a hand with the visit of a camera that is the same person.

A tap and a visit can be the same person when the tap falls into the visit or lies within seconds of it. Of all ways to
pair them, the one with the least distance in time is taken (H. W. Kuhn, The Hungarian method, 1955), where leaving a
pair apart has a price: otherwise a person who was missed and a false count minutes later would be joined by a chain of
wrong pairs in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

MATCH_WITHIN_S = 6.0  # a face leaves the picture before its owner reaches the door, and a thumb is slow
OTHER_DIRECTION_S = 3.0  # a pair of different directions has to be so much nearer
MIDDLE_WEIGHT = 0.1  # among visits that all hold the tap, the one whose middle is nearest
APART_S = 12.0

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Words = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class ByHand:
    """N people who were tapped: `begin` float64 (N,) in seconds, `kinds` (N,) in or out.

    A tap lies within `spread_s` seconds from its moment on.
    """

    begin: Floats
    kinds: Words
    spread_s: float

    def __len__(self) -> int:
        return len(self.begin)


@dataclass(frozen=True, slots=True)
class ByCamera:
    """V visits: `entered` and `left` float64 (V,) in seconds, `directions` (V,) in, out or none."""

    entered: Floats
    left: Floats
    directions: Words

    def __len__(self) -> int:
        return len(self.entered)

    def select(self, rows: Places | npt.NDArray[np.bool_]) -> ByCamera:
        """Return the visits at `rows`."""
        return ByCamera(self.entered[rows], self.left[rows], self.directions[rows])

    def moved(self, seconds: Floats) -> ByCamera:
        """Return the visits so many seconds later, each by its own."""
        return ByCamera(self.entered + seconds, self.left + seconds, self.directions)

    def __add__(self, other: ByCamera) -> ByCamera:
        return ByCamera(
            np.concatenate([self.entered, other.entered]),
            np.concatenate([self.left, other.left]),
            np.concatenate([self.directions, other.directions]),
        )


def by_hand(people: pd.DataFrame, precision_s: int) -> ByHand:
    """Return taps, a table with tapped_at and kind, as numbers."""
    return ByHand(seconds_of(people["tapped_at"]), people["kind"].to_numpy(object), precision_s - 1.0)


def by_camera(visits: pd.DataFrame) -> ByCamera:
    """Return visits, a table with entered_at, left_at and direction, as numbers."""
    directions = visits["direction"].to_numpy(object)
    return ByCamera(seconds_of(visits["entered_at"]), seconds_of(visits["left_at"]), directions)


def paired(hand: ByHand, camera: ByCamera) -> Places:
    """Return for each tap the position of the visit that is the same person, -1 where it was missed; intp (N,)."""
    from scipy.optimize import linear_sum_assignment  # takes long to load

    found = np.full(len(hand), -1, dtype=np.intp)
    if not len(hand) or not len(camera):
        return found
    within_s = MATCH_WITHIN_S + hand.spread_s
    for taps, seen in _parts(hand, camera, within_s):
        costs = _costs((hand.begin[taps], hand.spread_s), (camera.entered[seen], camera.left[seen]), within_s)
        other = hand.kinds[taps, None] != camera.directions[seen]
        costs = np.where(costs < APART_S, np.minimum(costs + OTHER_DIRECTION_S * other, APART_S - 1e-6), costs)
        rows, columns = linear_sum_assignment(costs)
        near = costs[rows, columns] < APART_S
        found[taps[rows[near]]] = seen[columns[near]]
    return found


def seconds_of(moments: pd.Series) -> Floats:
    """Return moments as seconds, float64 (N,)."""
    times: Floats = pd.to_datetime(moments, utc=True).to_numpy("datetime64[us]").astype(np.int64) / 1e6
    return times


def _costs(taps: tuple[Floats, float], seen: tuple[Floats, Floats], within_s: float) -> Floats:
    """Return seconds between taps and visits, float64 (T, V); APART_S where they cannot be the same person."""
    begin, length_s = taps
    entered, left = seen
    gap = np.maximum(entered[None] - begin[:, None] - length_s, begin[:, None] - left[None]).clip(min=0)
    middle = np.abs((entered + left)[None] / 2 - begin[:, None] - length_s / 2)
    # A tap that stands for a whole minute says nothing of seconds: the scale is that of a tap by phone.
    costs = (gap + MIDDLE_WEIGHT * middle.clip(max=within_s)) * MATCH_WITHIN_S / within_s
    return np.where(gap <= within_s, costs, APART_S)


def _parts(hand: ByHand, camera: ByCamera, within_s: float) -> list[tuple[Places, Places]]:
    """Split taps and visits where nothing on one side can belong to anything on the other: small tables are quick."""
    starts = np.concatenate([hand.begin, camera.entered])
    ends = np.concatenate([hand.begin + hand.spread_s, camera.left])
    order = np.argsort(starts, kind="stable")
    reach = np.maximum.accumulate(ends[order])
    cuts = np.flatnonzero(starts[order][1:] - reach[:-1] > within_s) + 1
    parts = []
    for part in np.split(order, cuts):
        taps, seen = part[part < len(hand)], part[part >= len(hand)] - len(hand)
        if len(taps) and len(seen):
            parts.append((taps, seen))
    return parts
