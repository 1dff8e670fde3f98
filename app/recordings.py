"""Counts recordings into the database: each file whole or not at all, and never twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter

from app.compose import Footage, Networks, count_recording
from db.store import Store
from footfall.config import Config
from footfall.errors import SourceError
from footfall.types import Recording, Visit
from ingest.pipeline import StageTimes
from ingest.recording import Progress, identify_recording


@dataclass(frozen=True, slots=True)
class CountedRecording:
    """What one file gave. `replaced` says that the same content had been processed before; `times` where time went."""

    video: Path
    started_at: datetime
    ended_at: datetime
    visits: tuple[Visit, ...]
    frames: int
    frames_damaged: int
    elapsed_s: float
    replaced: bool
    times: StageTimes


class RecordingCounter:
    """Counts the recordings of one camera with networks and database opened once."""

    def __init__(self, config: Config, camera_id: str, networks: Networks, store: Store) -> None:
        self._config = config
        self._camera_id = camera_id
        self._camera = config.camera(camera_id)
        self._networks = networks
        self._store = store

    def count(
        self, video: Path, started_at: datetime | None = None, progress: Progress | None = None
    ) -> CountedRecording:
        """Process `video`, a file or a folder of pictures, and store what it gave in one transaction.

        Raises:
            SourceError: it cannot be opened, holds no picture, or shows a time that another recording of this camera
                has shown already; nothing was stored.
            StoreError: the database refused; nothing was stored.
        """
        began = perf_counter()
        identity = identify_recording(self._camera_id, video)
        known = self._store.find_recording(self._camera_id, identity.sha256)
        footage = Footage(identity, self._camera, video, started_at)
        processed, pipeline = count_recording(self._config, footage, self._networks, progress)
        self._refuse_overlap(processed.recording)
        storing = perf_counter()
        self._store.save_recording(processed.recording, processed.visits, processed.minutes)
        pipeline.times.store_s += perf_counter() - storing
        recording = processed.recording
        return CountedRecording(
            video=video,
            started_at=recording.started_at,
            ended_at=recording.ended_at,
            visits=processed.visits,
            frames=recording.frames,
            frames_damaged=recording.frames_damaged,
            elapsed_s=perf_counter() - began,
            replaced=known is not None,
            times=pipeline.times,
        )

    def _refuse_overlap(self, recording: Recording) -> None:
        """Two different files of one camera and the same time would count the same people twice."""
        others = self._store.overlapping_recordings(recording.camera_id, recording.started_at, recording.ended_at)
        for other in others:
            if other.sha256 != recording.sha256:
                raise SourceError(
                    f"{recording.name}: begins {recording.started_at:%Y-%m-%d %H:%M:%S} UTC and shows time that "
                    f"{other.name} of camera {recording.camera_id} has shown already, visitors would count twice; "
                    "say when it begins with --started-at, or give it to the camera that took it"
                )
