"""The outages of one camera: when it was not observed, and why, from the last frame before to the first one after."""

from __future__ import annotations

import threading
from datetime import datetime
from uuid import UUID, uuid4

from footfall.types import Outage
from ingest.spooling.records import MAX_REASON_CHARACTERS, plain_reason


class OutageLog:
    """Turns silences and frames into Outage records; told by the reader's thread, emptied by the worker's.

    `unseen_since` is the last moment at which an earlier run saw the camera, or None when there was none; `reason`
    says why nothing was seen since. `open_outage` is an outage that the earlier run could not end.
    """

    def __init__(
        self,
        camera_id: str,
        open_outage: Outage | None = None,
        unseen_since: datetime | None = None,
        reason: str = "the program was not running",
    ) -> None:
        self._camera_id = camera_id
        self._guard = threading.Lock()
        self._waiting: list[Outage] = []
        self._current = open_outage
        self._last_frame_at = unseen_since
        if open_outage is None and unseen_since is not None:
            self._open(unseen_since, reason)
        elif open_outage is not None:
            self._add_reason(reason)

    def begin(self, noticed_at: datetime, reason: str) -> None:
        """Note that frames stopped; the outage began with the last frame, not when it was noticed."""
        with self._guard:
            if self._current is None:
                self._open(self._last_frame_at or noticed_at, reason)
            else:
                self._add_reason(reason)

    def frame_seen(self, captured_at: datetime) -> None:
        """Note a frame; it ends the outage that was open."""
        with self._guard:
            self._last_frame_at = captured_at
            if self._current is not None:
                ended_at = max(captured_at, self._current.started_at)
                self._waiting.append(_changed(self._current, ended_at=ended_at))
                self._current = None

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
    def last_frame_at(self) -> datetime | None:
        """When the newest frame was captured, or None before the first."""
        return self._last_frame_at

    def _open(self, started_at: datetime, reason: str) -> None:
        self._current = Outage(uuid4(), self._camera_id, started_at, None, plain_reason(reason))
        self._waiting.append(self._current)

    def _add_reason(self, reason: str) -> None:
        """Keep what was said first and append what is new, so that 'killed, then refused the password' can be read."""
        current, text = self._current, plain_reason(reason)
        if current is None or text in current.reason:
            return
        joined = f"{current.reason}; then {text}"
        if len(joined) <= MAX_REASON_CHARACTERS:
            self._current = _changed(current, reason=joined)
            self._waiting.append(self._current)


def _changed(outage: Outage, *, ended_at: datetime | None = None, reason: str | None = None) -> Outage:
    uid: UUID = outage.uid
    return Outage(uid, outage.camera_id, outage.started_at, ended_at, reason or outage.reason)
