"""Recordings: video files, dated by their own presentation times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av

from footfall.config import CameraConfig
from footfall.errors import SourceError
from footfall.types import Frame
from ingest.sources.libav import Decoder
from ingest.sources.timeline import FrameSampler, RecordingTimeline

EARLIEST_YEAR = 1990  # recorders without a clock write 1904 or 1970


class FileSource:
    """A video file. Time of a frame is `started_at` plus its presentation time, so variable frame rates stay exact."""

    is_live = False

    def __init__(self, camera_id: str, camera: CameraConfig, path: Path, started_at: datetime | None = None) -> None:
        """Open the file and decode its first picture.

        Raises:
            SourceError: empty, corrupt, without video, or not readable.
        """
        self.camera_id = camera_id
        shown = str(path)
        if not path.is_file():
            raise SourceError(f"{shown}: neither a file nor a folder; give a recording or a folder of images")
        if path.stat().st_size == 0:
            raise SourceError(f"{shown}: the file is empty; copy the recording again")
        # A playlist could name other files or hosts: a recording reads itself and nothing else.
        self._decoder = Decoder(shown, str(path), options={"protocol_whitelist": "file"})
        self.size = self._decoder.size
        self.fps = self._decoder.fps
        self.started_at = started_at or self._recorded_at(path)
        self._sampler = FrameSampler(camera.max_fps)
        self._timeline = RecordingTimeline(1.0 / self.fps)
        self._misdated = 0
        self._missing = 0

    @property
    def duration_s(self) -> float | None:
        """Announced length in seconds, or None."""
        stream = self._decoder.stream
        if stream.duration and stream.time_base:
            return float(stream.duration * stream.time_base)
        whole = self._decoder.container.duration
        return whole / av.time_base if whole else None

    @property
    def expected_frames(self) -> int | None:
        """Announced number of frames: the container's own, else from its length, else None."""
        if self._decoder.stream.frames:
            return self._decoder.stream.frames
        length_s = self.duration_s
        return round(length_s * self.fps) if length_s else None

    @property
    def decoded(self) -> int:
        """Frames decoded so far, whether wanted at this rate or not."""
        return self._decoder.decoded - self._misdated

    @property
    def damaged(self) -> int:
        """Frames that could not be decoded or dated, and those that the file promises but does not hold."""
        return self._decoder.damaged + self._misdated + self._missing

    @property
    def breaks_off(self) -> bool:
        """Whether the file, once it was read, held less than it promises."""
        return self._missing > 0

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames at most `max_fps` a second."""
        moment_s = 0.0
        for index, (presented_s, picture) in enumerate(self._decoder.frames()):
            dated_s = self._timeline.seconds(presented_s)
            if dated_s is None:
                self._misdated += 1
                continue
            moment_s = dated_s
            if self._sampler.due(moment_s):
                captured_at = self.started_at + timedelta(seconds=moment_s)
                yield Frame(self.camera_id, index, captured_at, self._decoder.to_bgr(picture))
        self._count_missing(moment_s)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._decoder.close()

    def _count_missing(self, last_s: float) -> None:
        # A file cut at a packet's border ends without an error: only its announced length tells.
        length_s = self.duration_s
        frame_s = 1.0 / self.fps
        if length_s is not None and length_s - last_s > 2.5 * frame_s:
            lost = round((length_s - last_s) / frame_s) - 1
            self._missing = max(lost - self._decoder.damaged, 0)
        if self._decoder.failure is not None and not self._missing:
            self._missing = 1

    def _recorded_at(self, path: Path) -> datetime:
        metadata = {**self._decoder.stream.metadata, **self._decoder.container.metadata}
        with suppress(KeyError, ValueError):
            created = datetime.fromisoformat(metadata["creation_time"])
            if created.year >= EARLIEST_YEAR:
                return created.replace(tzinfo=UTC) if created.tzinfo is None else created.astimezone(UTC)
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return modified - timedelta(seconds=min(self.duration_s or 0.0, 7 * 86_400.0))
