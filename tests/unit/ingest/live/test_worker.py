"""A worker around a real reader and a real pipeline: what it writes when the computer's clock is set back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from footfall.types import Frame, Outage, PictureState
from ingest.live.checkpoint import Checkpoint
from ingest.live.handover import Handover
from ingest.live.outages import OutageLog
from ingest.live.reader import LiveOptions, LiveReader
from ingest.live.worker import LiveWorker, WorkerParts
from ingest.minutes import MinuteCounter
from ingest.pipeline import Pipeline
from ingest.spooling.records import Batch, Record
from ingest.spooling.spool import Spool
from ingest.spooling.writer import SpoolWriter
from tests.unit.ingest.footage import START, ConstantJudge, GreenSquareDetector, wall, with_faces
from tracking import JudgementOptions, Tracker, VisitBuilder, VisitOptions

HOUR = timedelta(hours=1)


class Camera:
    """A camera that sends the frames of these moments, in each somebody a step further, and goes when all are seen."""

    decoded = damaged = 0

    def __init__(self, moments: list[datetime]) -> None:
        self._moments = moments
        self.all_seen = threading.Event()
        self._seen = 0

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames at once, and hang up when the worker is done with them."""
        for index, moment in enumerate(self._moments):
            yield Frame("door", index, moment, with_faces(wall(), [(20 + 8 * (index % 30), 90)], 40))
        self.all_seen.wait()

    def close(self) -> None:
        """Hang up."""

    def pipeline(self, run: UUID, size: tuple[int, int]) -> Pipeline:
        """Return a pipeline that says when the last frame was seen."""
        del size
        options = VisitOptions(judgement=JudgementOptions(min_quality=0.0))
        visits = VisitBuilder("door", run, options, None, "squares+constant")
        judge = self._judge_picture
        minutes = MinuteCounter("door", run)
        return Pipeline(GreenSquareDetector(), Tracker(), ConstantJudge(), visits, minutes, judge_picture=judge)

    def _judge_picture(self, frame: Frame) -> PictureState:
        self._seen += 1
        if self._seen == len(self._moments):
            self.all_seen.set()
        return PictureState.OK


def written_by(
    moments: list[datetime],
    spool: Spool,
    save: Callable[[Checkpoint], object] = lambda checkpoint: None,
) -> Batch:
    """Let a worker see a frame at each of `moments`, until it told that the camera went, and return what it wrote."""
    outages, camera = OutageLog("door"), Camera(moments)
    reader = LiveReader([camera].pop, outages, LiveOptions(max_behind_s=600.0))
    told = threading.Event()

    class Writer(SpoolWriter):
        """A writer that notes when an outage was written."""

        def write(self, records: Iterable[Record]) -> bool:
            """Write and note."""
            kept = list(records)
            done = super().write(kept)
            if any(isinstance(record, Outage) for record in kept):
                told.set()
            return done

    parts = WorkerParts(
        "door", reader, outages, Handover(), camera.pipeline, Writer(spool), beat=lambda heartbeat: None, save=save
    )
    LiveWorker(parts).run(told.is_set)
    batches: list[Batch] = []
    spool.drain(batches.append)
    return batches[0]


def test_the_hour_that_a_clock_shows_twice_is_counted_in_two_runs(tmp_path: Path) -> None:
    first = [START + timedelta(seconds=index / 10) for index in range(30)]
    written = written_by([*first, *[moment - HOUR for moment in first]], Spool(tmp_path / "door.spool"))
    assert sorted(minute.minute for minute in written.minutes) == [START - HOUR, START]
    assert [minute.frames_processed for minute in written.minutes] == [30, 30]
    assert len({minute.run for minute in written.minutes}) == 2
    assert sorted(visit.entered_at for visit in written.visits) == [START - HOUR, START]


def test_an_outage_is_in_the_checkpoint_before_it_is_told_so_that_a_power_cut_leaves_none_open(tmp_path: Path) -> None:
    spool, known = Spool(tmp_path / "door.spool"), list[tuple[Checkpoint, int]]()
    moments = [START + timedelta(seconds=index / 10) for index in range(10)]
    written = written_by(moments, spool, lambda checkpoint: known.append((checkpoint, spool.depth())))
    first, written_before = next((one, depth) for one, depth in known if one.outage is not None)
    assert first.outage is not None and written_before == 0
    assert first.outage.uid in {outage.uid for outage in written.outages}
