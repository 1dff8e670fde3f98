"""Tells a silent stream from a computer that was too busy to listen."""

from __future__ import annotations

import time
from collections.abc import Callable

# The worker asks several times a second; when it did not, the whole process may not have run, and frames may wait.
ASLEEP_AFTER_S = 1.0
# A decoder that gives up hands out what it still held, all at once: that is no stream that flows again.
FLOWS_AFTER_S = 0.1


class SilenceWatch:
    """Knows how far apart the frames of a stream usually are; told by its reader, asked by the worker.

    A stream is silent after `after_s`, or after `after_gaps` times the usual gap between frames where that is longer.
    """

    def __init__(self, after_s: float, after_gaps: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._after_s = after_s
        self._after_gaps = after_gaps
        self._clock = clock
        self._arrived_at = 0.0
        self._asked_at = 0.0
        self._awake_since = 0.0
        self._usual_gap_s = 0.0
        self._silent = False
        self._resumed_at: float | None = None

    @property
    def limit_s(self) -> float:
        """The longest time without a frame that is usual for this stream, in seconds."""
        return max(self._after_s, self._after_gaps * self._usual_gap_s)

    def connected(self) -> None:
        """Note a new connection, whose first frame ends a silence."""
        self._silent = False

    def frame_arrived(self, *, follows: bool) -> bool:
        """Note a frame and return whether the stream flows; `follows` tells whether it was not interrupted before."""
        now = self._clock()
        if follows:
            self._usual_gap_s += 0.1 * (now - self._arrived_at - self._usual_gap_s)
        self._arrived_at = now
        if self._silent:
            self._resumed_at = now if self._resumed_at is None else self._resumed_at
            self._silent = now - self._resumed_at < FLOWS_AFTER_S
        return not self._silent

    def silent_s(self) -> float:
        """Return for how many seconds nothing arrived although this process ran, 0 while that is usual.

        After an answer other than 0 one frame alone does not make the stream flow again.
        """
        now = self._clock()
        if now - self._asked_at > ASLEEP_AFTER_S:
            self._awake_since = now
        self._asked_at = now
        silent_s = now - max(self._arrived_at, self._awake_since)
        if silent_s <= self.limit_s:
            return 0.0
        self._silent, self._resumed_at = True, None
        return silent_s
