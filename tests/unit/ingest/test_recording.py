"""A recording is processed whole and identified by its content."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import cv2
import pytest

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from footfall.types import ImageArray
from ingest.minutes import MinuteCounter
from ingest.pipeline import Pipeline
from ingest.recording import ProcessedRecording, identify_recording, process_recording
from ingest.sources.kinds import open_source
from tests.unit.ingest.footage import START, ConstantJudge, GreenSquareDetector, wall, with_faces, write_video
from tracking import Tracker, VisitBuilder, VisitOptions


def build(run: UUID) -> Pipeline:
    return Pipeline(
        GreenSquareDetector(),
        Tracker(),
        ConstantJudge(),
        VisitBuilder("door", run, VisitOptions(), None, "squares+constant"),
        MinuteCounter("door", run),
    )


def walkers(count: int) -> list[ImageArray]:
    hall = wall()
    empty = [hall] * 60
    crossing = [with_faces(hall, [(20 + 6 * index, 90)], 40) for index in range(45)]
    return (crossing + empty) * count


def process(path: Path) -> ProcessedRecording:
    identity = identify_recording("door", path)
    source = open_source("door", CameraConfig(source=str(path)), START)
    return process_recording(source, build(identity.run), identity, "squares+constant")


def test_a_recording_gives_its_visits_minutes_and_facts(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", walkers(2), fps=25)
    seen: list[tuple[int, int | None, float]] = []
    identity = identify_recording("door", path)
    source = open_source("door", CameraConfig(source=str(path)), START)
    result = process_recording(source, build(identity.run), identity, "m", lambda *progress: seen.append(progress))
    assert len(result.visits) == 2
    assert sum(minute.live_s for minute in result.minutes) == pytest.approx(8.4, abs=0.15)
    recording = result.recording
    assert (recording.camera_id, recording.name, recording.frames, recording.frames_damaged) == (
        "door",
        "a.mp4",
        210,
        0,
    )
    assert recording.started_at == START
    assert recording.ended_at - START == pytest.approx(timedelta(seconds=8.4), abs=timedelta(seconds=0.11))
    assert seen[-1][0] > 200
    assert seen[-1][1] == 210


def test_the_same_content_gives_the_same_visits_under_another_name(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", walkers(1), fps=25)
    copy = Path(shutil.copy(path, tmp_path / "copy.mp4"))
    first, second = process(path), process(copy)
    assert first.recording.sha256 == second.recording.sha256
    assert first.visits == second.visits
    assert len(first.visits) == 1


def test_identity_depends_on_camera_and_content(tmp_path: Path) -> None:
    for name, text in (("a.mp4", "one"), ("b.mp4", "two")):
        (tmp_path / name).write_text(text)
    a, b = identify_recording("door", tmp_path / "a.mp4"), identify_recording("door", tmp_path / "b.mp4")
    assert a.run != b.run
    assert identify_recording("gate", tmp_path / "a.mp4").run != a.run
    with pytest.raises(SourceError, match="no such file"):
        identify_recording("door", tmp_path / "c.mp4")


def test_a_folder_is_identified_by_its_images(tmp_path: Path) -> None:
    for name in ("1.png", "2.png"):
        cv2.imwrite(str(tmp_path / name), wall())
    before = identify_recording("door", tmp_path)
    (tmp_path / "notes.txt").write_text("not an image")
    assert identify_recording("door", tmp_path) == before
    cv2.imwrite(str(tmp_path / "2.png"), wall(seed=4))
    assert identify_recording("door", tmp_path).sha256 != before.sha256


def test_damaged_frames_reach_recording_and_minutes(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts", walkers(1), fps=25)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 3000] = bytes(3000)
    path.write_bytes(content)
    result = process(path)
    assert result.recording.frames_damaged >= 1
    assert sum(minute.frames_damaged for minute in result.minutes) == result.recording.frames_damaged
