"""Counts what one camera saw in each UTC minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from footfall.types import SLOW_DROPPED_SHARE, SLOW_LIVE_S, CameraMinute, Frame, PictureState

# From docs/benchmarks/tracking.md: at 4.5 frames a second everybody is counted, at 4.2 a tenth of those who pass near
# the camera is missed, and above LONGEST_STEP_S between two looks nobody becomes a visitor (Confirmation.gap_s).
LONGEST_HOLD_S = 0.222
LONGEST_STEP_S = 0.45
MINUTE = timedelta(minutes=1)


def is_slow(minute: CameraMinute) -> bool:
    """Return whether people were missed in `minute` because the computer dropped frames (as db.reading.slowness)."""
    dropped_many = minute.frames_dropped >= SLOW_DROPPED_SHARE * minute.frames_processed
    is_short = minute.live_s < SLOW_LIVE_S and minute.frames_dropped > 0
    return minute.picture is PictureState.OK and is_short and dropped_many


@dataclass(slots=True)
class _Tally:
    """The sums of one minute while it lasts."""

    live_s: float = 0.0
    seen: int = 0
    processed: int = 0
    dropped: int = 0
    damaged: int = 0
    faces: int = 0
    faces_small: int = 0
    lag_s: float = 0.0
    picture: PictureState = PictureState.OK


class MinuteCounter:
    """Builds the CameraMinute rows of one run of one camera.

    A frame covers the time until the next one, but at most `LONGEST_HOLD_S`, for with fewer looks people are missed.
    Before a gap of more than `LONGEST_STEP_S` it covers no more than the frame before it did, and of frames that lie
    so far apart one after the other none covers anything. Time in which the picture was not usable is not covered.
    Frames are dated by their capture.
    """

    def __init__(self, camera_id: str, run: UUID, now: Callable[[], datetime] | None = None) -> None:
        """`now` gives the present of a live camera, from which its lag follows; None for recordings."""
        self._camera_id = camera_id
        self._run = run
        self._now = now
        self._open: dict[datetime, _Tally] = {}
        self._last_at: datetime | None = None
        self._last_index = -1
        self._usable = True
        self._hold_s = 0.0

    def frame(self, frame: Frame, faces: int, faces_small: int, picture: PictureState = PictureState.OK) -> None:
        """Count one processed frame with its `faces`, and the frames before it that were decoded but not wanted."""
        at = frame.captured_at
        self._cover_until(at)
        tally = self._tally(at)
        tally.seen += max(frame.index - self._last_index, 1)
        tally.processed += 1
        tally.faces += faces
        tally.faces_small += faces_small
        if picture is not PictureState.OK:
            tally.picture = picture
        if self._now is not None:
            tally.lag_s = max(tally.lag_s, (self._now() - at).total_seconds())
        self._last_at, self._last_index, self._usable = at, frame.index, picture is PictureState.OK

    def losses(self, at: datetime, *, dropped: int = 0, damaged: int = 0) -> None:
        """Count frames that were dropped because processing was late, or damaged, about the time `at`."""
        if dropped or damaged:
            tally = self._tally(at)
            tally.dropped += dropped
            tally.damaged += damaged

    def take_finished(self) -> list[CameraMinute]:
        """Return, once, the minutes before that of the last frame."""
        if self._last_at is None:
            return []
        current = _minute(self._last_at)
        return [self._close(minute) for minute in sorted(self._open) if minute < current]

    def take_all(self) -> list[CameraMinute]:
        """Return, once, all minutes, the last frame covering as long as the one before it did: the end of a run."""
        if self._last_at is not None and self._usable:
            self._cover(self._last_at, self._last_at + timedelta(seconds=self._hold_s))
        self._last_at = None
        return [self._close(minute) for minute in sorted(self._open)]

    def _cover_until(self, at: datetime) -> None:
        if self._last_at is None or at <= self._last_at:
            return
        gap_s = (at - self._last_at).total_seconds()
        if gap_s <= LONGEST_STEP_S:
            self._hold_s = min(gap_s, LONGEST_HOLD_S)
        if self._usable:
            self._cover(self._last_at, self._last_at + timedelta(seconds=self._hold_s))
        if gap_s > LONGEST_STEP_S:
            self._hold_s = 0.0

    def _cover(self, start: datetime, end: datetime) -> None:
        while start < end:
            stop = min(end, _minute(start) + MINUTE)
            self._tally(start).live_s += (stop - start).total_seconds()
            start = stop

    def _tally(self, at: datetime) -> _Tally:
        return self._open.setdefault(_minute(at), _Tally())

    def _close(self, minute: datetime) -> CameraMinute:
        tally = self._open.pop(minute)
        return CameraMinute(
            camera_id=self._camera_id,
            run=self._run,
            minute=minute,
            live_s=min(tally.live_s, 60.0),
            frames_seen=tally.seen,
            frames_processed=tally.processed,
            frames_dropped=tally.dropped,
            frames_damaged=tally.damaged,
            faces=tally.faces,
            faces_small=tally.faces_small,
            lag_s=max(tally.lag_s, 0.0),
            picture=tally.picture,
        )


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
