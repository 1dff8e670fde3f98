"""Runs a recording through a pipeline, as fast as it decodes, and says which footage it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, thread_time
from uuid import UUID, uuid5

from footfall.errors import SourceError
from footfall.types import CameraMinute, Recording, Visit
from ingest.pipeline import Pipeline
from ingest.sources.images import list_images
from ingest.sources.kinds import Source
from reid.types import Signature

BLOCK_BYTES = 1 << 20
RECORDING_NAMESPACE = UUID("6b1d3f0a-5a44-4c0e-9b3e-0d6f6f0f7a11")

Progress = Callable[[int, int | None, float], None]
"""Called with frames decoded so far, frames in all (None when unknown) and frames a second since the start."""


@dataclass(frozen=True, slots=True)
class RecordingIdentity:
    """Which footage this is, whatever its file is called: `sha256` of the content, and the `run` that follows.

    `length` is bytes of a file, images of a folder; `beginnings` are SHA-256 of its first parts, of the lengths that
    were asked for and that it exceeds.
    """

    camera_id: str
    name: str
    sha256: str
    length: int
    beginnings: frozenset[str]

    @property
    def run(self) -> UUID:
        """The run of this footage on this camera: the same again whenever it is processed again."""
        return uuid5(RECORDING_NAMESPACE, f"{self.camera_id}/{self.sha256}")


@dataclass(frozen=True, slots=True)
class ProcessedRecording:
    """All that one recording gave, to be stored in one transaction; `is_cut` says that its file breaks off.

    `signatures` are what the visits looked like, by uid, and are never stored.
    """

    recording: Recording
    visits: tuple[Visit, ...]
    minutes: tuple[CameraMinute, ...]
    is_cut: bool = False
    signatures: Mapping[UUID, Signature] = field(default_factory=dict)


def identify_recording(camera_id: str, path: Path, lengths: Collection[int] = ()) -> RecordingIdentity:
    """Return the identity of a video file, or of a folder of images (names and contents, in natural order).

    `lengths` are those of recordings that may be its first part: the beginnings of these lengths come with it.

    Raises:
        SourceError: it cannot be read.
    """
    wanted, whole, length = set(lengths), hashlib.sha256(), 0
    beginnings: set[str] = set()
    try:
        pieces = _images(path) if path.is_dir() else _blocks(path, sorted(wanted))
        for piece, size in pieces:
            if length in wanted:
                beginnings.add(whole.hexdigest())
            whole.update(piece)
            length += size
        return RecordingIdentity(camera_id, path.name, whole.hexdigest(), length, frozenset(beginnings))
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
        length=identity.length,
    )
    return ProcessedRecording(recording, tuple(visits), tuple(minutes), signatures=pipeline.take_signatures())


def _images(folder: Path) -> Iterator[tuple[bytes, int]]:
    """Yield name and content of each image, as 1."""
    for image in list_images(folder):
        with image.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield f"{image.name}\0{digest}\n".encode(), 1


def _blocks(path: Path, borders: Sequence[int]) -> Iterator[tuple[bytes, int]]:
    """Yield the content of a file with its length in bytes; a block ends at each of the `borders`, ascending."""
    with path.open("rb") as file:
        for border in borders:
            while left := border - file.tell():
                block = file.read(min(left, BLOCK_BYTES))
                if not block:
                    return
                yield block, len(block)
        while block := file.read(BLOCK_BYTES):
            yield block, len(block)
