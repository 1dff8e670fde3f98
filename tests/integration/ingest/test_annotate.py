"""Annotated footage plays everywhere, shows everybody followed and leaves nothing half-written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import av
import cv2
import numpy as np
import pytest

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from footfall.types import Gender
from ingest.annotate import annotate, label
from ingest.minutes import MinuteCounter
from ingest.pipeline import Pipeline
from ingest.sources.kinds import open_source
from tests.unit.ingest.footage import START, ConstantJudge, GreenSquareDetector, wall, with_faces, write_video
from tracking import Tracker, VisitBuilder, VisitOptions
from tracking.fusion import Judgement

RUN = UUID(int=1)
PLAIN = CameraConfig(source="0")
PINK_RGB = (220, 80, 200)


def pipeline() -> Pipeline:
    visits = VisitBuilder("door", RUN, VisitOptions(), None, "m")
    return Pipeline(GreenSquareDetector(), Tracker(), ConstantJudge(), visits, MinuteCounter("door", RUN))


def footage(folder: Path, size: tuple[int, int] = (640, 360)) -> Path:
    images = [with_faces(wall(size), [(60 + 6 * index, 180)], 60) for index in range(75)]
    return write_video(folder / "a.mp4", images, fps=25)


def test_the_result_is_h264_for_every_player_with_the_footage_s_times(tmp_path: Path) -> None:
    source = open_source("door", CameraConfig(source=str(footage(tmp_path)), max_fps=10), START)
    out = tmp_path / "seen.mp4"
    assert annotate(source, pipeline(), out, camera=PLAIN) == 1
    content = out.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat"), "it plays while it loads"
    with av.open(str(out)) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (640, 360)
        frames = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in video.decode(stream)]
    assert len(frames) == 30
    assert frames[-1][0] == pytest.approx(2.92, abs=0.05)
    last = frames[-1][1].astype(np.int16)
    pink = np.abs(last - PINK_RGB).max(axis=2) < 40
    rows, columns = np.nonzero(pink)
    face_x = 60 + 6 * 73
    assert columns.min() == pytest.approx(face_x - 30, abs=8), "the box lies on the face"
    assert rows.max() == pytest.approx(180 + 30, abs=8)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "seen.mp4"]


def test_a_failure_leaves_no_file_and_the_old_one_alone(tmp_path: Path) -> None:
    source = open_source("door", CameraConfig(source=str(footage(tmp_path))), START)
    out = tmp_path / "seen.mp4"
    out.write_text("an earlier one")
    broken = pipeline()

    def stop(frames: int, total: int | None, rate: float) -> None:
        if frames > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        annotate(source, broken, out, stop, camera=PLAIN)
    assert out.read_text() == "an earlier one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "seen.mp4"]


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    source = open_source("door", CameraConfig(source=str(footage(tmp_path))), START)
    with pytest.raises(SourceError, match="no folder"):
        annotate(source, pipeline(), tmp_path / "nowhere" / "seen.mp4", camera=PLAIN)


def test_odd_sizes_are_written(tmp_path: Path) -> None:
    images = tmp_path / "shots"
    images.mkdir()
    for index in range(4):
        cv2.imwrite(str(images / f"{index}.png"), wall((321, 181), seed=1))
    source = open_source("door", CameraConfig(source=str(images)), START)
    assert annotate(source, pipeline(), tmp_path / "seen.mp4", camera=PLAIN) == 0
    with av.open(str(tmp_path / "seen.mp4")) as video:
        assert (video.streams.video[0].width, video.streams.video[0].height) == (320, 180)


def test_labels_say_what_is_known() -> None:
    assert label(7, Judgement(Gender.MALE, "25-34", 33.6, 0.1, 3, 0.5)) == "#7 M 34"
    assert label(7, Judgement(Gender.UNKNOWN, "unknown", None, None, 0, 0.0)) == "#7 ? ?"
    assert label(7, None) == "#7 ?"


def test_frames_without_a_detection_keep_the_boxes_of_the_last(tmp_path: Path) -> None:
    still = [with_faces(wall((640, 360)), [(300, 180)], 60)] * 60
    source = open_source("door", CameraConfig(source=str(write_video(tmp_path / "b.mp4", still)), max_fps=25), START)
    seen = pipeline()
    annotate(source, seen, tmp_path / "seen.mp4", camera=PLAIN)
    assert seen.times.detected < 60
    with av.open(str(tmp_path / "seen.mp4")) as video:
        pictures = [frame.to_ndarray(format="rgb24").astype(np.int16) for frame in video.decode(video=0)]
    boxed = [bool((np.abs(picture - PINK_RGB).max(axis=2) < 40).sum() > 100) for picture in pictures]
    assert all(boxed[20:])
    assert timedelta(seconds=len(pictures) / 25) == timedelta(seconds=2.4)
