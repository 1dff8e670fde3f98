"""The life of one camera's worker: frames to visits, visits to the spool, and a heartbeat every second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from footfall.types import CameraMinute, Frame, Visit
from ingest.live.checkpoint import Checkpoint
from ingest.live.handover import Handover
from ingest.live.heartbeat import Heartbeat, WorkerState
from ingest.live.outages import OutageLog
from ingest.live.reader import LiveReader
from ingest.minutes import is_slow
from ingest.pipeline import StageTimes
from ingest.spooling.writer import SpoolWriter
from reid.types import Signature

TAKE_TIMEOUT_S = 0.5
BEAT_EVERY_S = 1.0
CHECKPOINT_EVERY_S = 1.0
EMPTY_CHECKPOINT_EVERY_S = 5.0
# A frame so much earlier than the one before it: this computer's clock was set back.
SET_BACK = timedelta(seconds=1)
# After this silence nobody is still in view: visits end and the minute is written, whenever frames come back.
IDLE_AFTER_S = 5.0


class LivePipeline(Protocol):
    """What a worker needs of ingest.pipeline.Pipeline."""

    times: StageTimes

    def process(self, frame: Frame) -> list[Visit]:
        """Take a frame; return visits that ended."""

    def note_losses(self, at: datetime, *, dropped: int = 0, damaged: int = 0) -> None:
        """Count frames that never came."""

    def minutes(self) -> list[CameraMinute]:
        """Return minutes that are over."""

    def finish(self) -> list[Visit]:
        """End the visits still open."""

    def open_visits(self) -> list[Visit]:
        """Return the visits still open without ending them."""

    def finish_minutes(self) -> list[CameraMinute]:
        """Return all minutes left."""

    def take_signatures(self) -> dict[UUID, Signature]:
        """Return what the visits that were returned looked like."""


NewPipeline = Callable[[UUID, tuple[int, int]], LivePipeline]
"""Makes a pipeline for a run of its own and frames of (width, height) pixels; models stay loaded in between."""


def tell_nobody(visit: Visit, signature: Signature | None) -> None:
    """Keep to oneself what a visit looked like: visits are not compared."""


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What a worker is made of; `beat` and `save` may fail silently, `tell` is given each visit and what it looked
    like, and overwrites that.
    """

    camera_id: str
    reader: LiveReader
    outages: OutageLog
    handover: Handover
    new_pipeline: NewPipeline
    writer: SpoolWriter
    beat: Callable[[Heartbeat], None]
    save: Callable[[Checkpoint], object]
    tell: Callable[[Visit, Signature | None], object] = tell_nobody


class LiveWorker:
    """Works on one camera until it is told to stop."""

    def __init__(self, parts: WorkerParts, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts = parts
        self._clock = clock
        self._pipeline: LivePipeline | None = None
        self._size = (0, 0)
        self._noted_dropped = 0
        self._noted_damaged = 0
        self._processed = 0
        self._stage_s: dict[str, float] = {}
        self._picture = "ok"
        self._slow = False
        self._lag_s = 0.0
        self._frame_taken_at = clock()
        self._beaten_at = float("-inf")
        self._saved_at = datetime.min.replace(tzinfo=UTC)
        self._saved_open = False
        self._looks: dict[UUID, Signature] = {}
        # The reader is up to a second ahead: what it holds is lost at a kill, and belongs to the outage.
        self._seen_at = parts.outages.last_frame_at

    def run(self, should_stop: Callable[[], bool]) -> None:
        """Process frames until `should_stop`; then write the visits still open and say goodbye."""
        self._beat(WorkerState.STARTING)
        self._parts.reader.start()
        try:
            while not should_stop():
                frame = self._parts.reader.take(TAKE_TIMEOUT_S)
                if frame is not None:
                    self._process(frame)
                elif self._clock() - self._frame_taken_at > IDLE_AFTER_S:
                    self._end_pipeline()
                    self._store(self._parts.handover.give_up(), [])
                self._hand_over()
        finally:
            self._beat(WorkerState.STOPPING)
            self._parts.reader.stop(timeout_s=0.2)
            self._end_pipeline()
            self._store(self._parts.handover.give_up(), [])
            self._parts.writer.write(self._parts.outages.take())
            self._parts.save(self._checkpoint(stopped_cleanly=True))
            self._beat(WorkerState.STOPPING)

    def _process(self, frame: Frame) -> None:
        height, width = frame.image.shape[:2]
        is_set_back = self._seen_at is not None and frame.captured_at < self._seen_at - SET_BACK
        if self._pipeline is None or (width, height) != self._size or is_set_back:
            # Lines and positions are in pixels of one size, so another size is another run; and minutes that the clock
            # shows twice belong to two.
            self._end_pipeline()
            self._size = (width, height)
            self._pipeline = self._parts.new_pipeline(uuid4(), self._size)
        self._frame_taken_at = self._clock()
        self._note_losses(frame)
        visits = self._pipeline.process(frame)
        minutes = self._pipeline.minutes()
        self._processed += 1
        is_first = self._seen_at is None
        self._seen_at = frame.captured_at
        self._lag_s = max((datetime.now(UTC) - frame.captured_at).total_seconds(), 0.0)
        visits = self._parts.handover.step(frame.captured_at, self._pipeline.open_visits(), visits)
        self._take_looks(self._pipeline)
        self._store(visits, minutes)
        # From the first frame on a killed worker leaves a gap, and the next one must know since when.
        self._save(frame.captured_at, at_once=is_first or bool(visits))

    def _note_losses(self, frame: Frame) -> None:
        counts = self._parts.reader.counts()
        if self._pipeline is not None:
            self._pipeline.note_losses(
                frame.captured_at,
                dropped=counts.frames_dropped - self._noted_dropped,
                damaged=counts.frames_damaged - self._noted_damaged,
            )
        self._noted_dropped, self._noted_damaged = counts.frames_dropped, counts.frames_damaged

    def _end_pipeline(self) -> None:
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            visits = pipeline.finish()
            if self._seen_at is not None:
                visits = self._parts.handover.step(self._seen_at, [], visits)
            self._take_looks(pipeline)
            self._store(visits, pipeline.finish_minutes())
            self._add_times(pipeline)

    def _store(self, visits: list[Visit], minutes: list[CameraMinute]) -> None:
        if minutes:
            self._picture = str(minutes[-1].picture)
            self._slow = is_slow(minutes[-1])
        if visits or minutes:
            self._parts.writer.write([*visits, *minutes])
        for visit in visits:
            self._parts.tell(visit, self._looks.pop(visit.uid, None))

    def _take_looks(self, pipeline: LivePipeline) -> None:
        looks = pipeline.take_signatures()
        self._looks |= {self._parts.handover.known_as(uid): looks[uid] for uid in looks}

    def _hand_over(self) -> None:
        """Write outages, beat and save, each when it is time."""
        self._parts.reader.notice_silence()
        self._parts.reader.require_progress()
        outages = self._parts.outages.take()
        if outages:
            if self._parts.outages.current is not None:  # known to the next worker before it is told, or it never ends
                self._save(datetime.now(UTC), at_once=True)
            self._parts.writer.write(outages)
        now = self._clock()
        if outages or now - self._beaten_at >= BEAT_EVERY_S:
            self._parts.writer.flush()
            self._beat(WorkerState.LIVE if self._parts.reader.counts().connected else WorkerState.BLIND)
            self._beaten_at = now
            if self._pipeline is None:
                self._save(datetime.now(UTC), at_once=False)

    def _save(self, at: datetime, at_once: bool) -> None:
        """Leave a checkpoint: at once when visits were written, lest the next worker believes them unfinished."""
        checkpoint = self._checkpoint(stopped_cleanly=False)
        is_open = bool(checkpoint.open_visits)
        every_s = CHECKPOINT_EVERY_S if is_open or self._saved_open else EMPTY_CHECKPOINT_EVERY_S
        if at_once or abs((at - self._saved_at).total_seconds()) >= every_s:
            self._parts.save(checkpoint)
            self._saved_at, self._saved_open = at, is_open

    def _checkpoint(self, stopped_cleanly: bool) -> Checkpoint:
        open_now = [] if self._pipeline is None else self._pipeline.open_visits()
        open_visits = self._parts.handover.unfinished(open_now)
        outages = self._parts.outages
        now = datetime.now(UTC)
        return Checkpoint(self._seen_at, outages.current, open_visits, stopped_cleanly, now, outages.detail)

    def _add_times(self, pipeline: LivePipeline) -> None:
        for name, value in _times(pipeline).items():
            self._stage_s[name] = self._stage_s.get(name, 0.0) + value

    def _beat(self, state: WorkerState) -> None:
        counts, writer, outages = self._parts.reader.counts(), self._parts.writer, self._parts.outages
        current = {} if self._pipeline is None else _times(self._pipeline)
        names = {**self._stage_s, **current}
        last_frame_at = outages.last_frame_at
        self._parts.beat(
            Heartbeat(
                camera_id=self._parts.camera_id,
                state=state,
                reason=outages.detail,
                picture=self._picture,
                slow=self._slow,
                frames_seen=counts.frames_seen,
                frames_processed=self._processed,
                frames_dropped=counts.frames_dropped,
                frames_damaged=counts.frames_damaged,
                faces=writer.faces,
                visits=writer.visits,
                reconnects=counts.reconnects,
                lag_s=self._lag_s,
                waiting=writer.waiting,
                lost=writer.lost,
                last_frame_at=last_frame_at.isoformat() if last_frame_at else None,
                stage_s={name: self._stage_s.get(name, 0.0) + current.get(name, 0.0) for name in names},
            )
        )


def _times(pipeline: LivePipeline) -> dict[str, float]:
    """Return the seconds of each stage, without the `_s` of its name."""
    names = [item.name for item in fields(pipeline.times) if item.name.endswith("_s")]
    return {name.removesuffix("_s"): float(getattr(pipeline.times, name)) for name in names}
