"""Counts recordings into the database: each file whole or not at all, and no minute twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter

from app.compose import Footage, Networks, announced, count_recording
from app.registers import Registers
from db.store import Store
from db.writing.recordings import Taking
from footfall.config import Config
from footfall.errors import SourceError
from footfall.local_time import Interval
from footfall.types import Recording, Visit
from ingest.pipeline import StageTimes
from ingest.recording import ProcessedRecording, Progress, RecordingIdentity, identify_recording
from ingest.sightings import sighting_of
from ingest.signatures import overwrite
from ingest.wholeness import require_unchanged, stamp_of

# Less than this at the ends of a file is no gap: the joint at which two files of a recorder may share time.
LEAST_GAP_S = 1.0


@dataclass(frozen=True, slots=True)
class CountedRecording:
    """What one file gave: `visits` of these `stretches` of time were stored; what is `left_out` had been counted by
    another source. `replaced` says that the same content, or its first part, had been processed before;
    `is_cut` that the file breaks off; `times` where time went. `sha256` is that of its content.
    """

    video: Path
    sha256: str
    started_at: datetime
    ended_at: datetime
    visits: tuple[Visit, ...]
    visits_left_out: int
    stretches: tuple[Interval, ...]
    minutes_left_out: int
    frames: int
    frames_damaged: int
    is_cut: bool
    elapsed_s: float
    replaced: bool
    times: StageTimes


class RecordingCounter:
    """Counts the recordings of one camera with networks and database opened once.

    `registers` are told of every visit that was stored; counters of several cameras may share them.
    """

    def __init__(
        self,
        config: Config,
        camera_id: str,
        networks: Networks,
        store: Store,
        registers: Registers | None = None,
    ) -> None:
        self._config = config
        self._camera_id = camera_id
        self._camera = config.camera(camera_id)
        self._networks = networks
        self._store = store
        self._registers = registers
        self._counted: dict[str, Path] = {}

    def count(
        self,
        video: Path,
        started_at: datetime | None = None,
        progress: Progress | None = None,
        *,
        fill_gaps: bool = False,
    ) -> CountedRecording:
        """Process `video`, a file or a folder of pictures, and store what it gave in one transaction.

        Without `fill_gaps` it is refused when another source has counted time that it shows; with it, only the time
        that nobody counted is taken. Whether it is refused is known, and said, before it is counted.

        Raises:
            SourceError: it cannot be opened, holds no picture, is being written to, or was given twice; nothing was
                stored.
            StoreError: the database refused, or the time was counted by another source; nothing was stored.
        """
        began = perf_counter()
        before = stamp_of(video)
        identity = identify_recording(self._camera_id, video, self._store.recording_lengths(self._camera_id))
        self._require_new(identity, video)
        footage = Footage(identity, self._camera, video, started_at)
        expected = announced(footage)
        taking = Taking(fill_gaps, identity.beginnings)
        uncounted_s = self._store.uncounted_s(expected, taking)
        says_its_length = (expected.ended_at - expected.started_at).total_seconds() > LEAST_GAP_S
        if fill_gaps and says_its_length and uncounted_s <= LEAST_GAP_S:
            return _nothing_to_fill(video, expected, perf_counter() - began)
        processed, pipeline = count_recording(self._config, footage, self._networks, progress)
        try:
            require_unchanged(video, before)
            storing = perf_counter()
            taken = self._store.save_recording(processed.recording, processed.visits, processed.minutes, taking)
            pipeline.times.store_s += perf_counter() - storing
            self._compare(taken.visits, processed)
        finally:
            for signature in processed.signatures.values():
                overwrite(signature)
        self._counted[identity.sha256] = video
        recording = processed.recording
        return CountedRecording(
            video=video,
            sha256=identity.sha256,
            started_at=recording.started_at,
            ended_at=recording.ended_at,
            visits=taken.visits,
            visits_left_out=taken.visits_left_out,
            stretches=taken.stretches,
            minutes_left_out=taken.minutes_left_out,
            frames=recording.frames,
            frames_damaged=recording.frames_damaged,
            is_cut=processed.is_cut,
            elapsed_s=perf_counter() - began,
            replaced=taken.replaced,
            times=pipeline.times,
        )

    def _compare(self, visits: Iterable[Visit], processed: ProcessedRecording) -> None:
        if self._registers is not None:
            for visit in visits:
                self._registers.see(sighting_of(visit, self._camera, processed.signatures.get(visit.uid)))

    def _require_new(self, identity: RecordingIdentity, video: Path) -> None:
        """The same content twice in one call, file after file, would move to where the second one begins."""
        if first := self._counted.get(identity.sha256):
            raise SourceError(f"{video}: is the same footage as {first}, which was counted just now; give it once")


def _nothing_to_fill(video: Path, expected: Recording, elapsed_s: float) -> CountedRecording:
    return CountedRecording(
        video=video,
        sha256=expected.sha256,
        started_at=expected.started_at,
        ended_at=expected.ended_at,
        visits=(),
        visits_left_out=0,
        stretches=(),
        minutes_left_out=0,
        frames=0,
        frames_damaged=0,
        is_cut=False,
        elapsed_s=elapsed_s,
        replaced=False,
        times=StageTimes(),
    )
