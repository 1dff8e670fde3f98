"""Recordings: video files, dated by their own presentation times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import cast

import av
import structlog
from av.format import Flags

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from footfall.types import Frame
from ingest.sources.beginning import recorded_at
from ingest.sources.libav import Decoder
from ingest.sources.shape import ratio_of
from ingest.sources.timeline import FrameSampler, RecordingTimeline, utc_now


class FileSource:
    """A video file. Time of a frame is `started_at` plus its presentation time, so variable frame rates stay exact."""

    is_live = False

    def __init__(self, camera_id: str, camera: CameraConfig, path: Path, started_at: datetime | None = None) -> None:
        """Open the file and decode its first picture.

        Raises:
            SourceError: empty, corrupt, without video, not readable, or without a credible time and `started_at`.
        """
        self.camera_id = camera_id
        shown = str(path)
        if not path.is_file():
            raise SourceError(f"{shown}: neither a file nor a folder; give a recording or a folder of images")
        if path.stat().st_size == 0:
            raise SourceError(f"{shown}: the file is empty; copy the recording again")
        # A playlist could name other files or hosts: a recording reads itself and nothing else.
        aspect = ratio_of(camera.pixel_aspect)
        self._decoder = Decoder(shown, str(path), aspect, options={"protocol_whitelist": "file"})
        self.size = self._decoder.size
        self.fps = self._decoder.fps
        self._log = structlog.get_logger("footfall.source").bind(file=path.name)
        self.started_at = started_at or self._recorded_at(path)
        self._sampler = FrameSampler(camera.max_fps)
        self._timeline = RecordingTimeline(1.0 / self.fps)
        self._last_presented_s = 0.0
        self._misdated = 0
        self._missing = 0

    @property
    def ended_at(self) -> datetime:
        """When the newest frame decoded was over."""
        return self.started_at + timedelta(seconds=self._timeline.end_s)

    @property
    def duration_s(self) -> float | None:
        """Announced length in seconds, or None."""
        stream = self._decoder.stream
        if stream.duration and stream.time_base:
            return float(stream.duration * stream.time_base)
        whole, begins = self._decoder.container.duration, self._decoder.container.start_time or 0
        if whole and 0 < begins < whole:  # Matroska and FLV say when it ends, not how long it is
            whole -= begins
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
        frames = self._decoder.frames()
        head = list(islice(frames, 3))
        self._timeline.foresee([presented_s for presented_s, _ in head])
        for index, (presented_s, picture) in enumerate(chain(head, frames)):
            moment_s = self._timeline.seconds(presented_s)
            if moment_s is None:
                self._misdated += 1
                continue
            self._last_presented_s = max(self._last_presented_s, presented_s or moment_s)
            if self._sampler.due(moment_s):
                captured_at = self.started_at + timedelta(seconds=moment_s)
                yield Frame(self.camera_id, index, captured_at, self._decoder.to_bgr(picture))
        self._count_missing()
        self._tell_doubts()

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._decoder.close()

    def _count_missing(self) -> None:
        # A file cut at a packet's border ends without an error: only its announced length tells.
        length_s = self.duration_s
        frame_s = 1.0 / self.fps
        last_s = self._last_presented_s - self._first_presented_s()
        if length_s is not None and length_s - last_s > 2.5 * frame_s:
            lost = round((length_s - last_s) / frame_s) - 1
            self._missing = max(lost - self._decoder.damaged, 0)
        if self._decoder.failure is not None and not self._missing:
            self._missing = 1

    def _first_presented_s(self) -> float:
        stream = self._decoder.stream
        return float(stream.start_time * stream.time_base) if stream.start_time and stream.time_base else 0.0

    def _recorded_at(self, path: Path) -> datetime:
        try:
            created = recorded_at(
                path, {**self._decoder.stream.metadata, **self._decoder.container.metadata}, utc_now()
            )
        except SourceError:
            self.close()
            raise
        self._log.info("dated by its creation time, give --started-at if that is wrong", begins=created.isoformat())
        return created

    def _tell_doubts(self) -> None:
        """Say what was believed about times, once the whole file is known."""
        timeline = self._timeline
        undated = self._decoder.container.format.flags & cast(int, Flags.no_timestamps.value)
        if undated or timeline.undated:
            self._log.warning("frames without times of their own, taken to follow evenly", frames_per_s=self.fps)
        if timeline.joins:
            self._log.warning("its clock jumped, read on as if nothing lay between", times=timeline.joins)
        if timeline.pauses:
            before_s, length_s = timeline.pauses[0]
            begins = self.started_at + timedelta(seconds=before_s)
            self._log.warning(
                "a pause inside is believed: give the parts one by one if there was none",
                pauses=len(timeline.pauses),
                first_at=begins.isoformat(timespec="seconds"),
                first_lasts_s=round(length_s),
            )
