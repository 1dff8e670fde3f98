"""Time of frames: the steady clock of a recording, the wall clock of a live stream, and sampling by time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

GLITCH_S = 1.0
LARGEST_GAP_S = 6 * 3600.0
PAUSE_S = 60.0
APART = 10.0
STEPS_KEPT = 999
# No burst is this late, for a stream that is silent so long is connected to anew: its clock must have stood still.
LARGEST_DELAY_S = 90.0
CATCH_UP = 0.001
DUE_TOLERANCE_S = 0.002


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


class RecordingTimeline:
    """Turns presentation times of a file into seconds that only go forward, starting at 0.

    A frame without a time follows its predecessor by one frame period; one that lies less than a second back is
    damaged; a longer step back or a step ahead of more than six hours is a new beginning (files joined end to
    end), which continues where the old one stopped. `last_s` is the time of the newest frame, `end_s` that at which
    it is over; `undated` frames had no time of their own, `joins` counts new beginnings, and `pauses` are the steps
    ahead of more than a minute that are believed, as (seconds before, seconds long).
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._offset_s: float | None = None
        self._steps_s: deque[float] = deque(maxlen=STEPS_KEPT)
        self._begins_anew = False
        self.last_s = 0.0
        self.undated = self.joins = 0
        self.pauses: list[tuple[float, float]] = []

    @property
    def end_s(self) -> float:
        """Seconds at which the newest frame is over: it lasts as long as frames usually do."""
        return self.last_s + (median(self._steps_s) if self._steps_s else self._period_s)

    def foresee(self, presented_s: Sequence[float | None]) -> None:
        """Look at the times of the first three frames: a first one that stands apart from the others is not true.

        Cameras stamp the first frame 0 and the others with the time since they were switched on.
        """
        known = [moment for moment in presented_s[:3] if moment is not None]
        if len(known) == 3:
            first_step_s, step_s = known[1] - known[0], known[2] - known[1]
            self._begins_anew = first_step_s > max(GLITCH_S, APART * step_s) and step_s > 0

    def seconds(self, presented_s: float | None) -> float | None:
        """Return the seconds since the first frame, or None when the time of this frame cannot be right."""
        if self._offset_s is None:
            self._offset_s = -(presented_s or 0.0)
            self.undated += presented_s is None
            return self.last_s
        if presented_s is None:
            self.undated += 1
            self.last_s += self._period_s
            return self.last_s
        step_s = presented_s + self._offset_s - self.last_s
        if -GLITCH_S < step_s <= 0:
            return None
        if step_s <= -GLITCH_S or step_s > LARGEST_GAP_S or self._begins_anew:
            self._begins_anew = False
            self.joins += 1
            step_s = self._period_s
            self._offset_s = self.last_s + step_s - presented_s
        elif step_s > PAUSE_S:
            self.pauses.append((self.last_s, step_s))
        self._steps_s.append(step_s)
        self.last_s += step_s
        return self.last_s


class LiveTimeline:
    """Dates frames of a live stream by its own clock, tied to the wall clock.

    The stream's clock keeps the distances between frames exact although they arrive in bursts. It is tied to the
    earliest arrival seen, so that no frame comes from the future, follows a camera clock that runs slow, and is
    tied anew when that clock stood still or began again, or when the wall clock was set back.
    Streams without usable times (`trusted` False, such as MJPEG over HTTP) are dated by arrival.
    """

    def __init__(self, trusted: bool, now: Callable[[], datetime] = utc_now) -> None:
        self._trusted = trusted
        self._now = now
        self._anchor: datetime | None = None
        self._last: datetime | None = None
        self._last_presented_s = 0.0

    def moment(self, presented_s: float | None) -> datetime:
        """Return when the frame was taken; never earlier than the frame before it, unless the wall clock was set back.

        Only then is a frame of this moment dated over a second before the last one.
        """
        arrival = self._now()
        moment = arrival if presented_s is None or not self._trusted else self._dated(presented_s, arrival)
        if self._last is not None and self._last - moment <= timedelta(seconds=GLITCH_S):
            moment = max(moment, self._last)
        self._last = moment
        return moment

    def _dated(self, presented_s: float, arrival: datetime) -> datetime:
        step_s = presented_s - self._last_presented_s
        self._last_presented_s = presented_s
        if self._anchor is None or not -GLITCH_S < step_s < LARGEST_GAP_S:
            self._anchor = arrival - timedelta(seconds=presented_s)
            return arrival
        moment = self._anchor + timedelta(seconds=presented_s)
        late = arrival - moment
        if late > timedelta(seconds=LARGEST_DELAY_S):
            self._anchor += late
            return arrival
        correction = late if late < timedelta(0) else min(late, timedelta(seconds=max(step_s, 0.0) * CATCH_UP))
        self._anchor += correction
        return moment + correction


class FrameSampler:
    """Lets at most `max_fps` frames a second through, by their time, on an even grid.

    The grid keeps the average right when the source's rate is no multiple of `max_fps` (25 and 10 give 10, not 8.3).
    It begins anew when time goes back, as the wall clock's does that was set back.
    """

    def __init__(self, max_fps: float) -> None:
        self._period_s = 1.0 / max_fps
        self._due_s: float | None = None

    def due(self, time_s: float) -> bool:
        """Tell whether the frame at `time_s` is wanted."""
        if self._due_s is None or time_s < self._due_s - self._period_s - GLITCH_S:
            self._due_s = time_s + self._period_s
            return True
        if time_s < self._due_s - DUE_TOLERANCE_S:
            return False
        missed = int((time_s - self._due_s + DUE_TOLERANCE_S) / self._period_s)
        self._due_s += (missed + 1) * self._period_s
        return True
