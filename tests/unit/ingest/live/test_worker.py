"""A worker around a real reader and a real pipeline: what it writes when the computer's clock is set back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from footfall.types import Frame, Visit
from ingest.live.handover import Handover
from ingest.live.outages import OutageLog
from ingest.live.reader import LiveOptions, LiveReader
from ingest.live.worker import LiveWorker, WorkerParts
from ingest.minutes import MinuteCounter
from ingest.pipeline import Pipeline
from ingest.spooling.records import Batch
from ingest.spooling.spool import Spool
from ingest.spooling.writer import SpoolWriter
from tests.unit.ingest.footage import START, ConstantJudge, GreenSquareDetector, wall, with_faces
from tracking import JudgementOptions, Tracker, VisitBuilder, VisitOptions

HOUR = timedelta(hours=1)


class Camera:
    """A camera that sends the frames of these moments, in each somebody a step further."""

    damaged = 0

    def __init__(self, moments: list[datetime]) -> None:
        self._moments = moments

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames at once."""
        for index, moment in enumerate(self._moments):
            yield Frame("door", index, moment, with_faces(wall(), [(20 + 8 * (index % 30), 90)], 40))

    def close(self) -> None:
        """Hang up."""


class Counted(Pipeline):
    """A pipeline that counts the frames of all runs."""

    processed = 0

    def process(self, frame: Frame) -> list[Visit]:
        """Take the next frame."""
        Counted.processed += 1
        return super().process(frame)


def new_pipeline(run: UUID, size: tuple[int, int]) -> Pipeline:
    del size
    options = VisitOptions(judgement=JudgementOptions(min_quality=0.0))
    visits = VisitBuilder("door", run, options, None, "squares+constant")
    return Counted(GreenSquareDetector(), Tracker(), ConstantJudge(), visits, MinuteCounter("door", run))


def written_after(moments: list[datetime], folder: Path) -> Batch:
    """Let a worker see a frame at each of `moments` and return what it wrote."""
    outages, spool = OutageLog("door"), Spool(folder / "door.spool")
    reader = LiveReader([Camera(moments)].pop, outages, LiveOptions(max_behind_s=600.0))
    parts = WorkerParts(
        "door",
        reader,
        outages,
        Handover(),
        new_pipeline,
        SpoolWriter(spool),
        beat=lambda heartbeat: None,
        save=lambda checkpoint: None,
    )
    Counted.processed = 0
    LiveWorker(parts).run(lambda: Counted.processed >= len(moments))
    batches: list[Batch] = []
    spool.drain(batches.append)
    return batches[0]


def test_the_hour_that_a_clock_shows_twice_is_counted_in_two_runs(tmp_path: Path) -> None:
    first = [START + timedelta(seconds=index / 10) for index in range(30)]
    written = written_after([*first, *[moment - HOUR for moment in first]], tmp_path)
    assert sorted(minute.minute for minute in written.minutes) == [START - HOUR, START]
    assert [minute.frames_processed for minute in written.minutes] == [30, 30]
    assert len({minute.run for minute in written.minutes}) == 2
    assert sorted(visit.entered_at for visit in written.visits) == [START - HOUR, START]
