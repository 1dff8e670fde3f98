"""Draws what the program sees onto footage, for a person who asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from time import perf_counter

import av
import av.error
import cv2
import numpy as np

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from footfall.types import Frame, Gender, ImageArray
from ingest.pipeline import Pipeline
from ingest.recording import Progress
from ingest.setup_drawing import draw_setup
from ingest.sources.kinds import Source
from tracking.fusion import Judgement
from tracking.tracks import Track

TIME_BASE = Fraction(1, 90_000)
FONT = cv2.FONT_HERSHEY_SIMPLEX
COLOURS_BGR = {Gender.FEMALE: (200, 80, 220), Gender.MALE: (230, 140, 30), Gender.UNKNOWN: (150, 150, 150)}
INK_BGR = (255, 255, 255)
PANEL_BGR = (40, 40, 40)
LETTERS = {Gender.FEMALE: "F", Gender.MALE: "M", Gender.UNKNOWN: "?"}


def annotate(
    source: Source, pipeline: Pipeline, out: Path, progress: Progress | None = None, *, camera: CameraConfig
) -> int:
    """Write `source` as H.264 MP4 to `out` with everybody followed drawn on; return the number of visits.

    The counting line of `camera`, with an arrow to the inside, and what it ignores are drawn on, too.

    The pictures written show faces, so this runs only when somebody asks for it. `out` appears when it is complete.

    Raises:
        SourceError: `out` cannot be written, or would replace the footage itself.
    """
    began = perf_counter()
    visits = 0
    with _replacing(out) as temporary, VideoWriter(temporary, source.size, source.fps) as writer:
        for frame in source:
            visits += len(pipeline.process(frame))
            writer.write(frame, draw(frame.image, pipeline, camera, visits))
            if progress is not None:
                elapsed_s = max(perf_counter() - began, 1e-6)
                progress(source.decoded, source.expected_frames, source.decoded / elapsed_s)
        visits += len(pipeline.finish())
    return visits


def draw(image_bgr: ImageArray, pipeline: Pipeline, camera: CameraConfig, visits: int) -> ImageArray:
    """Return a copy of uint8 (H, W, 3) BGR with line, boxes, ids, gender, age and counts as of the last look."""
    picture = image_bgr.copy()
    draw_setup(picture, camera)
    scale = max(image_bgr.shape[0] / 1080, 0.42)
    # Somebody who is only awaited back is nowhere to be seen, so has no box.
    tracks = [track for track in pipeline.observation.tracks.active if track.detection is not None]
    for track in tracks:
        _draw_track(picture, track, pipeline.judgement(track.id), scale)
    _write(picture, f"in view {len(tracks)}   visits ended {visits}", (0, 0), PANEL_BGR, scale * 1.2)
    return picture


def label(track_id: int, judgement: Judgement | None) -> str:
    """Return a short text such as '#12 F 34', with '?' for what is not known."""
    if judgement is None:
        return f"#{track_id} ?"
    age = "?" if judgement.age_years is None else f"{judgement.age_years:.0f}"
    return f"#{track_id} {LETTERS[judgement.gender]} {age}"


class VideoWriter:
    """Encodes frames with their own times as H.264 in MP4, readable everywhere and playable while it loads."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        """`size` is (width, height), px; an odd last column or row is left out, as yuv420p needs."""
        self._width, self._height = size[0] // 2 * 2, size[1] // 2 * 2
        options = {"movflags": "+faststart"}
        self._container = av.open(str(path), "w", format="mp4", options=options)
        rate = Fraction(fps).limit_denominator(1001)
        self._stream = self._container.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "21"})
        self._stream.width, self._stream.height, self._stream.pix_fmt = self._width, self._height, "yuv420p"
        self._stream.codec_context.time_base = TIME_BASE
        self._first: Frame | None = None

    def write(self, frame: Frame, picture: ImageArray) -> None:
        """Add `picture`, uint8 (H, W, 3) BGR, at the time of `frame`."""
        self._first = self._first or frame
        image = np.ascontiguousarray(picture[: self._height, : self._width])
        encoded = av.VideoFrame.from_ndarray(image, format="bgr24")
        elapsed_s = (frame.captured_at - self._first.captured_at).total_seconds()
        encoded.pts, encoded.time_base = round(elapsed_s / TIME_BASE), TIME_BASE
        self._container.mux(self._stream.encode(encoded))

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """Give a temporary name beside `out`; it becomes `out` when all went well and vanishes otherwise."""
    if not out.parent.is_dir():
        raise SourceError(f"{out}: there is no folder {out.parent}; make it first or choose another")
    temporary = out.with_name(f".{out.name}.part")
    try:
        yield temporary
        temporary.replace(out)
    except (OSError, av.error.FFmpegError) as error:
        raise SourceError(f"{out}: cannot be written ({error.strerror}); check permissions and free space") from None
    finally:
        temporary.unlink(missing_ok=True)


def _draw_track(picture: ImageArray, track: Track, judgement: Judgement | None, scale: float) -> None:
    left, top, right, bottom = (round(float(value)) for value in track.box)
    colour = COLOURS_BGR[judgement.gender if judgement is not None else Gender.UNKNOWN]
    thickness = max(2, round(3 * scale))
    cv2.rectangle(picture, (left, top), (right, bottom), colour, thickness, cv2.LINE_AA)
    _write(picture, label(track.id, judgement), (left, top), colour, scale, above=True)


def _write(
    picture: ImageArray,
    text: str,
    corner: tuple[int, int],
    panel_bgr: tuple[int, int, int],
    scale: float,
    *,
    above: bool = False,
) -> None:
    """Write on a filled panel that begins at `corner` (its lower left one if `above`), kept inside the picture."""
    (width, height), baseline = cv2.getTextSize(text, FONT, scale, max(1, round(1.6 * scale)))
    margin = max(2, round(4 * scale))
    panel = (width + 2 * margin, height + baseline + 2 * margin)
    x = int(np.clip(corner[0], 0, max(picture.shape[1] - panel[0], 0)))
    y = int(np.clip(corner[1] - (panel[1] if above else 0), 0, max(picture.shape[0] - panel[1], 0)))
    cv2.rectangle(picture, (x, y), (x + panel[0], y + panel[1]), panel_bgr, -1)
    origin = (x + margin, y + margin + height)
    cv2.putText(picture, text, origin, FONT, scale, INK_BGR, max(1, round(1.6 * scale)), cv2.LINE_AA)
