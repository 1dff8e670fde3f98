"""Runs a recording through a pipeline, as fast as it decodes, and says which footage it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, thread_time
from uuid import UUID, uuid5

from footfall.errors import SourceError
from footfall.types import CameraMinute, Recording, Visit
from ingest.pipeline import Pipeline
from ingest.sources.images import list_images
from ingest.sources.kinds import Source

RECORDING_NAMESPACE = UUID("6b1d3f0a-5a44-4c0e-9b3e-0d6f6f0f7a11")

Progress = Callable[[int, int | None, float], None]
"""Called with frames decoded so far, frames in all (None when unknown) and frames a second since the start."""


@dataclass(frozen=True, slots=True)
class RecordingIdentity:
    """Which footage this is, whatever its file is called: `sha256` of the content, and the `run` that follows."""

    camera_id: str
    name: str
    sha256: str

    @property
    def run(self) -> UUID:
        """The run of this footage on this camera: the same again whenever it is processed again."""
        return uuid5(RECORDING_NAMESPACE, f"{self.camera_id}/{self.sha256}")


@dataclass(frozen=True, slots=True)
class ProcessedRecording:
    """All that one recording gave, to be stored in one transaction."""

    recording: Recording
    visits: tuple[Visit, ...]
    minutes: tuple[CameraMinute, ...]


def identify_recording(camera_id: str, path: Path) -> RecordingIdentity:
    """Return the identity of a video file, or of a folder of images (names and contents, in natural order).

    Raises:
        SourceError: it cannot be read.
    """
    try:
        if path.is_dir():
            whole = hashlib.sha256()
            for image in list_images(path):
                whole.update(f"{image.name}\0{_digest(image)}\n".encode())
            return RecordingIdentity(camera_id, path.name, whole.hexdigest())
        return RecordingIdentity(camera_id, path.name, _digest(path))
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file or folder; check the path") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None


def process_recording(
    source: Source,
    pipeline: Pipeline,
    identity: RecordingIdentity,
    model_version: str,
    progress: Progress | None = None,
) -> ProcessedRecording:
    """Process `source` from beginning to end; nothing is stored, so that a failure leaves nothing behind.

    Raises:
        SourceError: the recording breaks off in a way that leaves no picture at all.
    """
    visits: list[Visit] = []
    minutes: list[CameraMinute] = []
    began = perf_counter()
    damaged = 0
    frames = iter(source)
    while True:
        asked = thread_time()
        frame = next(frames, None)
        pipeline.times.decode_s += thread_time() - asked
        pipeline.note_losses(frame.captured_at if frame else source.ended_at, damaged=source.damaged - damaged)
        damaged = source.damaged
        if frame is None:
            break
        visits += pipeline.process(frame)
        minutes += pipeline.minutes()
        if progress is not None:
            progress(source.decoded, source.expected_frames, source.decoded / max(perf_counter() - began, 1e-6))
    visits += pipeline.finish()
    minutes += pipeline.finish_minutes()
    recording = Recording(
        camera_id=identity.camera_id,
        sha256=identity.sha256,
        name=identity.name,
        started_at=source.started_at,
        ended_at=source.ended_at,
        frames=source.decoded,
        frames_damaged=source.damaged,
        model_version=model_version,
    )
    return ProcessedRecording(recording, tuple(visits), tuple(minutes))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
