"""Hard scene cuts of real footage end every track."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from footfall.config_sections import CameraConfig
from footfall.types import Detections, ImageArray
from ingest.minutes import MinuteCounter
from ingest.motion import CutDetector, MotionOptions, small_grey
from ingest.pipeline import Pipeline
from ingest.sources.kinds import open_source
from tests.missing import missing
from tests.unit.ingest.footage import ConstantJudge
from tracking import Tracker, VisitBuilder, VisitOptions

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
CUTS_S = (0.67, 2.74, 7.04)
"""When the picture changes altogether, found by looking at the frames one by one; seconds after the first frame."""


class EverywhereDetector:
    """Believes to see one face that walks on through every picture: the hardest case for telling people apart."""

    def __init__(self) -> None:
        self._seen = 0

    def detect(self, image_bgr: ImageArray) -> Detections:
        """Return the same face again, 3 px further right."""
        del image_bgr
        self._seen += 1
        walked = np.array([3 * self._seen, 0], np.float32)
        landmarks = np.array([[[110, 100], [130, 100], [120, 112], [112, 125], [128, 125]]], np.float32) + walked
        box = np.array([[100, 80, 140, 130]], np.float32) + np.tile(walked, 2)
        return Detections(box, np.array([0.95], np.float32), landmarks)


def clip(name: str) -> Path:
    folder = Path(os.environ.get("FOOTFALL_DATA", Path(__file__).parents[3].parent / "shared" / "data"))
    path = folder / "clips" / name
    if not path.exists():
        missing(f"{path} is missing; put the data beside the checkout or name its folder in FOOTFALL_DATA")
    return path


@pytest.mark.parametrize("max_fps", [5, 10, 30])
def test_the_three_cuts_are_found_and_nothing_else(max_fps: int) -> None:
    source = open_source("stage", CameraConfig(source=str(clip("hamilton_cuts_360p_9s.mp4")), max_fps=max_fps), START)
    detector = CutDetector(MotionOptions())
    found = [frame.captured_at for frame in source if detector.is_cut(small_grey(frame.image))]
    seconds = [(moment - START).total_seconds() for moment in found]
    assert seconds == pytest.approx(CUTS_S, abs=1.1 / max_fps)


@pytest.mark.parametrize("name", ["crowd_street_640x360_30s.mp4", "plaza_walking_720p_14s.mp4"])
def test_a_crowd_without_cuts_has_none(name: str) -> None:
    source = open_source("street", CameraConfig(source=str(clip(name)), max_fps=5), START)
    detector = CutDetector(MotionOptions())
    assert not any(detector.is_cut(small_grey(frame.image)) for frame in source)


def test_no_track_lives_across_a_cut() -> None:
    """Every track of the pipeline ends at a cut, whatever the detector believes it saw."""
    source = open_source("stage", CameraConfig(source=str(clip("hamilton_cuts_360p_9s.mp4")), max_fps=10), START)
    run = UUID(int=1)
    pipeline = Pipeline(
        EverywhereDetector(),
        Tracker(),
        ConstantJudge(),
        VisitBuilder("stage", run, VisitOptions(), None, "m"),
        MinuteCounter("stage", run),
    )
    visits = [visit for frame in source for visit in pipeline.process(frame)] + pipeline.finish()
    assert len(visits) == 4, "one person seen without a break, cut three times"
    for cut_s in CUTS_S:
        cut_at = START + timedelta(seconds=cut_s)
        slack = timedelta(seconds=0.12)
        assert not [visit for visit in visits if visit.entered_at < cut_at - slack and visit.left_at > cut_at + slack]
