"""Reads a live stream in its own thread: reconnects, records outages, and never lets a slow worker fall behind.

The worker takes frames from a short buffer. When it is slow, the oldest frames are dropped and counted, so that what
it works on is at most `max_behind_s` old when it is done. Frames carry the moment they arrived: the clock of a camera
is nobody's to trust.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from footfall.errors import SourceError
from footfall.types import Frame, OutageReason
from ingest.live.backoff import doubled_pause_s
from ingest.live.outages import OutageLog, Trouble
from ingest.live.silence import SilenceWatch

BUFFER_BYTES = 96 * 1024 * 1024


class Connection(Protocol):
    """An open stream: gives frames until it ends; see ingest.source."""

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames as they arrive; ending without an exception means that the other side hung up."""

    @property
    def decoded(self) -> int:
        """Frames decoded so far, whether given or not: too many of them, or one that shows what the last one did."""

    @property
    def damaged(self) -> int:
        """Frames skipped so far because they were damaged."""

    def close(self) -> None:
        """Free the stream; safe to call twice."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How patiently a stream is read, and how far the worker may be behind (all in seconds).

    `stuck_after_s` is longer than connecting and waiting for a frame may take (`open_timeout_s`, `read_timeout_s`).
    """

    max_behind_s: float = 1.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 3.0
    silent_after_s: float = 2.5
    silent_after_gaps: float = 4.0
    stuck_after_s: float = 300.0


@dataclass(frozen=True, slots=True)
class LiveCounts:
    """Running totals since the reader began, and whether frames are arriving now."""

    frames_seen: int = 0
    frames_dropped: int = 0
    frames_damaged: int = 0
    reconnects: int = 0
    connected: bool = False


class FrameBuffer:
    """A short queue of frames between one reader and one worker that drops the oldest when the worker is slow."""

    def __init__(self, max_behind_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_behind_s = max_behind_s
        self._clock = clock
        self._frames: deque[tuple[float, Frame]] = deque()
        self._bytes = 0
        self._taken_at: float | None = None
        self._changed = threading.Condition()
        self.dropped = 0

    def put(self, frame: Frame) -> None:
        """Add the newest frame; drop those too old or too many to be worth keeping."""
        with self._changed:
            self._frames.append((self._clock(), frame))
            self._bytes += frame.image.nbytes
            while len(self._frames) > 1 and (self._bytes > BUFFER_BYTES or self._oldest_age() > self._max_behind_s):
                self._drop_oldest()
            self._changed.notify()

    def take(self, timeout_s: float) -> Frame | None:
        """Return the oldest frame that can be done in time, or None when none arrives within `timeout_s`.

        The time the worker needed since its last call is what it will need again: a frame that would then be older
        than the limit is dropped now.
        """
        with self._changed:
            busy_s = 0.0 if self._taken_at is None else self._clock() - self._taken_at
            while len(self._frames) > 1 and self._oldest_age() > max(self._max_behind_s - busy_s, 0.0):
                self._drop_oldest()
            if not self._frames:
                self._changed.wait(timeout_s)
            if not self._frames:
                self._taken_at = None
                return None
            self._taken_at = self._clock()
            _, frame = self._frames.popleft()
            self._bytes -= frame.image.nbytes
            return frame

    def _oldest_age(self) -> float:
        return self._clock() - self._frames[0][0]

    def _drop_oldest(self) -> None:
        _, frame = self._frames.popleft()
        self._bytes -= frame.image.nbytes
        self.dropped += 1


class LiveReader:
    """Keeps one stream open and its frames coming, until `stop`.

    `connect` opens the stream or raises SourceError within its own timeout; `outages` is told about every silence.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        outages: OutageLog,
        options: LiveOptions = LiveOptions(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._outages = outages
        self._options = options
        self._buffer = FrameBuffer(options.max_behind_s)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live-reader", daemon=True)
        self._stream: Connection | None = None
        self._frames_seen = 0
        self._frames_damaged = 0
        self._next_index = 0
        self._connections = 0
        self._connected = False
        self._silence = SilenceWatch(options.silent_after_s, options.silent_after_gaps, clock)
        self._clock = clock
        self._moved_at = clock()
        self._decoded = 0

    def start(self) -> None:
        """Begin to read."""
        self._moved_at = self._clock()
        self._thread.start()

    def take(self, timeout_s: float) -> Frame | None:
        """Return the next frame for the worker, or None when none arrives within `timeout_s`."""
        return self._buffer.take(timeout_s)

    def notice_silence(self) -> None:
        """Begin an outage when no frame came for longer than is usual, before libav's own timeouts say so.

        Called by the worker: the reader's thread itself waits for data, or for a frozen server to say goodbye.
        """
        if self._connected and (silent_s := self._silence.silent_s()):
            self._connected = False
            detail = f"connected, but no frame for {silent_s:.0f} s"
            self._outages.begin(datetime.now(UTC), Trouble(OutageReason.SILENT, detail))

    def counts(self) -> LiveCounts:
        """Return the running totals."""
        return LiveCounts(
            self._frames_seen,
            self._buffer.dropped,
            self._frames_damaged,
            max(self._connections - 1, 0),
            self._connected,
        )

    def require_progress(self) -> None:
        """Make sure that the stream is still being read or reached for.

        Called by the worker, which ends without it and is started anew: a device driver may hold a read for ever, and a
        defect may end the thread.

        Raises:
            RuntimeError: the reader's thread ended, or did nothing for `stuck_after_s`.
        """
        if self._stopping.is_set():
            return
        decoded = 0 if self._stream is None else self._stream.decoded
        if decoded != self._decoded:
            self._decoded, self._moved_at = decoded, self._clock()
        idle_s = self._clock() - self._moved_at
        if not self._thread.is_alive() or idle_s > self._options.stuck_after_s:
            raise RuntimeError(f"the stream's reader does nothing any more, for {idle_s:.0f} s")

    def stop(self, timeout_s: float = 1.0) -> bool:
        """End reading; return whether the thread ended in time (a read in progress ends by its own timeout)."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            self._moved_at = self._clock()
            seen_before = self._frames_seen
            trouble = self._read_until_it_ends()
            if self._stopping.is_set():
                return
            self._connected = False
            self._outages.begin(datetime.now(UTC), trouble)
            self._close()
            failures = 1 if self._frames_seen > seen_before else failures + 1
            self._stopping.wait(doubled_pause_s(failures, self._options.first_pause_s, self._options.longest_pause_s))

    def _read_until_it_ends(self) -> Trouble:
        """Open the stream, pass its frames on, and return why it ended; it is closed by `_close`."""
        why = OutageReason.NO_CONNECTION
        try:
            self._stream = stream = self._connect()
            why = OutageReason.STREAM_ENDED
            self._connections += 1
            self._silence.connected()
            damaged_before, first_index = self._frames_damaged, self._next_index
            for frame in stream:
                if self._stopping.is_set():
                    return Trouble(why, "stopped")
                self._frames_damaged = damaged_before + stream.damaged
                # Every connection counts its frames from 0; the worker sees one series.
                self._note_frame(replace(frame, index=first_index + frame.index))
            return Trouble(why, "the stream ended: the camera or its server hung up")
        except SourceError as error:
            return Trouble(why, str(error))
        except Exception as error:  # a library's surprise must not end the thread that reconnects
            return Trouble(why, f"the stream broke: {type(error).__name__}: {error}")

    def _close(self) -> None:
        """Hang up, after the outage was noted: a frozen server keeps this waiting for seconds."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(Exception):
                stream.close()

    def _note_frame(self, frame: Frame) -> None:
        self._moved_at = self._clock()
        last_at = self._outages.last_frame_at
        if self._connected and last_at and (frame.captured_at - last_at).total_seconds() > self._silence.limit_s:
            detail = "no frames while the computer was asleep or too busy"
            self._outages.begin(frame.captured_at, Trouble(OutageReason.ASLEEP, detail))
        self._connected = self._silence.frame_arrived(follows=self._connected)
        self._frames_seen += 1
        self._next_index = frame.index + 1
        if self._connected:
            self._outages.frame_seen(frame.captured_at)
        self._buffer.put(frame)
