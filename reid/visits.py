"""When and where each visit was, in columns, and what two visits can be to each other by time and place alone."""

from __future__ import annotations

from enum import IntEnum
from uuid import UUID

import numpy as np
import numpy.typing as npt

from footfall.types import Direction
from reid.types import Sighting

TWIN_S = 5.0  # between the ends of two views of one entrance that show one passage, clocks a little apart
BROKEN_S = 10.0  # after which a person who was lost comes back into the same view at the latest
WALK_S = 5.0  # nobody gets from one entrance to another sooner
GROW = 1024

Mask = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.int8]


class Kind(IntEnum):
    """What an earlier visit can be to a later one: NEVER one person's, or one of three ways of coming again."""

    NEVER = -1
    RETURN = 0
    TWIN = 1
    BROKEN = 2


WAYS = 3

_COLUMNS = np.dtype(
    [
        ("used", np.bool_),
        ("entered_s", np.float64),
        ("left_s", np.float64),
        ("order", np.uint64),
        ("camera", np.int32),
        ("entrance", np.int32),
        ("arrival", np.bool_),
        ("out", np.bool_),
        ("open", np.bool_),
        ("face", np.bool_),
        ("clothes", np.bool_),
        ("own", np.bool_),
    ]
)


class Visits:
    """Rows of visits; a row that was taken back is used again."""

    def __init__(self) -> None:
        self._rows = np.zeros(GROW, _COLUMNS)
        self._free: list[int] = []
        self._names: dict[str, int] = {}
        self.count = 0
        self.row_of: dict[UUID, int] = {}
        self.sighting_of: dict[int, tuple[UUID, str]] = {}

    def flags(self, column: str) -> Mask:
        """Return the column bool (N,) of that name up to the last row in use."""
        return np.asarray(self._rows[column][: self.count], np.bool_)

    def seconds(self, column: str) -> npt.NDArray[np.float64]:
        """Return the column float64 (N,) of that name, seconds since 1970, up to the last row in use."""
        return np.asarray(self._rows[column][: self.count], np.float64)

    def add(self, sighting: Sighting, is_open: bool, face: bool, clothes: bool) -> int:
        """Take a visit's time and place and return its row."""
        row = self._free.pop() if self._free else self.count
        if row == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros(GROW, _COLUMNS)])
        self.count = max(self.count, row + 1)
        self._rows[row] = (
            True,
            sighting.entered_at.timestamp(),
            sighting.left_at.timestamp(),
            sighting.uid.int & 0xFFFF_FFFF_FFFF_FFFF,
            self._number(f"camera {sighting.camera_id}"),
            self._number(f"entrance {sighting.entrance}"),
            sighting.is_arrival,
            sighting.direction is Direction.OUT,
            is_open,
            face,
            clothes,
            sighting.is_own,
        )
        self.row_of[sighting.uid] = row
        self.sighting_of[row] = sighting.uid, sighting.camera_id
        return row

    def remove(self, uid: UUID) -> int:
        """Forget a visit and return the row that is free now."""
        row = self.row_of.pop(uid)
        del self.sighting_of[row]
        self._rows[row] = 0
        self._free.append(row)
        return row

    def _number(self, name: str) -> int:
        return self._names.setdefault(name, len(self._names))

    def earlier(self, rows: slice) -> Mask:
        """Return bool (R, N): whether each of N visits began before those in `rows`; the uid decides between equals."""
        ranks = np.empty(self.count, np.int32)
        ranks[np.lexsort((self._rows["order"][: self.count], self.seconds("entered_s")))] = np.arange(self.count)
        return np.asarray(ranks < ranks[rows, None], np.bool_)

    def kinds(self, rows: slice) -> Kinds:
        """Return int8 (R, N): what each of N visits and each of those in `rows` can be to each other, as a Kind.

        Two faces in one view at one moment are two people, and so are two at different entrances within seconds; at
        one entrance two cameras may see one person at once, from two sides.
        """
        kinds = np.zeros((rows.stop - rows.start, self.count), np.int8)
        kinds[:, ~self.flags("used")] = Kind.NEVER
        own, other = self._near(rows)
        entered, left = self.seconds("entered_s"), self.seconds("left_s")
        cameras, entrances = self._rows["camera"], self._rows["entrance"]
        apart_s = np.maximum(entered[own], entered[other]) - np.minimum(left[own], left[other])
        same_camera, same_entrance = cameras[own] == cameras[other], entrances[own] == entrances[other]
        near = kinds[own - rows.start, other]
        near[same_camera & (apart_s <= BROKEN_S)] = Kind.BROKEN
        near[~same_camera & same_entrance & (apart_s <= TWIN_S)] = Kind.TWIN
        near[same_camera & (apart_s < 0.0)] = Kind.NEVER
        near[~same_entrance & (apart_s < WALK_S)] = Kind.NEVER
        near[(own == other) | ~self.flags("used")[other]] = Kind.NEVER
        kinds[own - rows.start, other] = near
        return kinds

    def _near(self, rows: slice) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Return the pairs (one of `rows`, any other) that may lie within BROKEN_S of each other; all others do not."""
        entered, left = self.seconds("entered_s"), self.seconds("left_s")
        order = np.argsort(entered)
        longest_s = float((left - entered).max(initial=0.0))
        first = np.searchsorted(entered, entered[rows] - longest_s - BROKEN_S, "left", order)
        number = np.searchsorted(entered, left[rows] + BROKEN_S, "right", order) - first
        own = np.repeat(np.arange(rows.start, rows.stop), number)
        within = np.arange(len(own)) - np.repeat(np.cumsum(number) - number, number)
        return own, order[np.repeat(first, number) + within]
