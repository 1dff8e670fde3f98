"""The outages of one camera: when it was not observed, and why, from the last frame before to the first one after.

Each stretch of blindness has a reason of its own: a camera that broke off for a minute before the program was stopped
for an hour gives two outages, one behind the other.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from footfall.types import Outage, OutageReason
from ingest.live.checkpoint import Checkpoint
from ingest.spooling.records import plain_reason

# A connection that fails now this way, now that way begins no new stretch each time.
ALTERNATES_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing is seen: `reason` for the database, `detail` in words for the log and the technician."""

    reason: OutageReason
    detail: str


NOT_RUNNING = Trouble(OutageReason.NOT_RUNNING, "the program was not running")
NOTHING_LEFT = Checkpoint()


class OutageLog:
    """Turns silences and frames into Outage records; told by the reader's thread, emptied by the worker's.

    `left` is what an earlier run of this camera left; `since_then` says why nothing was seen after its end.
    """

    def __init__(self, camera_id: str, left: Checkpoint = NOTHING_LEFT, since_then: Trouble = NOT_RUNNING) -> None:
        self._camera_id = camera_id
        self._guard = threading.Lock()
        self._log = structlog.get_logger("footfall.outages").bind(camera=camera_id)
        self._waiting: list[Outage] = []
        self._last_frame_at = left.last_frame_at
        self._current = left.outage
        self._detail = left.detail
        self._told: set[str] = set()
        if left.outage is not None and left.saved_at is not None:
            self._follow(max(left.saved_at, left.outage.started_at), since_then)
        elif left.outage is None and left.last_frame_at is not None:
            self._open(left.last_frame_at, since_then)

    def begin(self, noticed_at: datetime, trouble: Trouble) -> None:
        """Note that frames stopped, or do not come for another reason than before.

        The outage began with the last frame, not when it was noticed; another reason holds from `noticed_at` on.
        """
        with self._guard:
            if self._current is None:
                self._open(self._last_frame_at or noticed_at, trouble)
            elif self._is_another(self._current, noticed_at, trouble.reason):
                self._follow(max(noticed_at, self._current.started_at), trouble)
            else:
                self._detail = plain_reason(trouble.detail)

    def frame_seen(self, captured_at: datetime) -> None:
        """Note a frame; it ends the outage that was open."""
        with self._guard:
            self._last_frame_at = captured_at
            if self._current is not None:
                ended_at = max(captured_at, self._current.started_at)
                self._waiting.append(replace(self._current, ended_at=ended_at))
                self._log.info("observed again", since=str(ended_at))
                self._current, self._detail = None, ""
                self._told.clear()

    def take(self) -> tuple[Outage, ...]:
        """Return what changed since the last call, in order, and forget it."""
        with self._guard:
            taken, self._waiting = tuple(self._waiting), []
            return taken

    @property
    def current(self) -> Outage | None:
        """The outage that lasts now, or None."""
        return self._current

    @property
    def detail(self) -> str:
        """What the technician should know of the outage that lasts now, without credentials; empty without one."""
        return self._detail

    @property
    def last_frame_at(self) -> datetime | None:
        """When the newest frame was captured, or None before the first."""
        return self._last_frame_at

    def _is_another(self, current: Outage, at: datetime, reason: OutageReason) -> bool:
        if reason == current.reason:
            return False
        if current.reason == OutageReason.SILENT and reason is OutageReason.STREAM_ENDED:
            return False  # the library gave up waiting for what was silent already
        return reason not in self._told or at - current.started_at >= ALTERNATES_WITHIN

    def _follow(self, at: datetime, trouble: Trouble) -> None:
        """End the open stretch and begin another one behind it."""
        if self._current is not None:
            self._waiting.append(replace(self._current, ended_at=at))
        self._open(at, trouble)

    def _open(self, started_at: datetime, trouble: Trouble) -> None:
        self._current = Outage(uuid4(), self._camera_id, started_at, None, trouble.reason.value)
        self._detail = plain_reason(trouble.detail)
        self._told.add(trouble.reason.value)
        self._waiting.append(self._current)
        self._log.warning("not observed", since=str(started_at), reason=trouble.reason.value, detail=self._detail)
