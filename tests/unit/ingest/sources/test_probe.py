"""A short look through a camera says who was followed, who would be counted and how near they came."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from footfall.config_sections import CameraConfig
from ingest.minutes import MinuteCounter
from ingest.pipeline import Pipeline
from ingest.sources.kinds import open_source
from ingest.sources.probe import CameraView, look_through
from tests.unit.ingest.footage import START, ConstantJudge, GreenSquareDetector, wall, with_faces, write_video
from tracking import JudgementOptions, Tracker, TrackerOptions, VisitBuilder, VisitOptions


def seen(video: Path, sure_score: float = 0.0) -> CameraView:
    """Look through `video` with faces of `sure_score` and more as sure ones."""
    options = VisitOptions(judgement=JudgementOptions(min_quality=0.0))
    pipeline = Pipeline(
        GreenSquareDetector(),
        Tracker(TrackerOptions(sure_score=sure_score)),
        ConstantJudge(),
        VisitBuilder("door", UUID(int=1), options, None, "squares"),
        MinuteCounter("door", UUID(int=1)),
    )
    source = open_source("door", CameraConfig(source=str(video)), START)
    try:
        return look_through(source, pipeline, 0.5, 100)
    finally:
        source.close()


def two_people(path: Path) -> Path:
    """Write footage of one who passes near and one who passes far away, with nobody between them."""
    near = [with_faces(wall(), [(20 + 9 * at, 90)], 40) for at in range(30)]
    far = [with_faces(wall(), [(20 + 6 * at, 40)], 24) for at in range(30)]
    return write_video(path, [*near, *[wall()] * 30, *far], fps=10)


def test_people_are_followed_counted_and_measured_in_the_cameras_own_pixels(tmp_path: Path) -> None:
    view = seen(two_people(tmp_path / "door.mp4"))
    assert (view.followed, view.counted) == (2, 2)
    assert view.nearest_px is not None and 30 <= view.nearest_px <= 34
    assert view.smallest_px is not None and 22 <= view.smallest_px <= 26
    assert view.sure_faces is not None and view.sure_faces >= 20


def test_people_without_a_sure_face_are_seen_and_not_counted(tmp_path: Path) -> None:
    view = seen(two_people(tmp_path / "door.mp4"), sure_score=0.999)
    assert (view.followed, view.counted, view.sure_faces) == (2, 0, 0)
