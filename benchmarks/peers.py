"""Trackers to compare with, behind one function each: detections and the frame rate in, labelled boxes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.baseline_sort import SortTracker
from benchmarks.track_scores import LabelledBoxes
from footfall.types import Detections
from tracking import Tracker, TrackerOptions

RunTracker = Callable[[Sequence[Detections], float], list[LabelledBoxes]]
_START = datetime(2026, 1, 1, tzinfo=UTC)


def run_footfall(
    frames: Sequence[Detections], fps: float, options: TrackerOptions | None = None
) -> list[LabelledBoxes]:
    """Run the project's tracker and return the boxes it matched in each frame."""
    tracker = Tracker(options)
    output = []
    for index, detections in enumerate(frames):
        tracks = tracker.update(detections, _START + timedelta(seconds=index / fps)).active
        matched = [track for track in tracks if track.detection is not None]
        output.append(_labelled([track.id for track in matched], [track.box for track in matched]))
    return output


def run_published_sort(frames: Sequence[Detections], fps: float) -> list[LabelledBoxes]:
    """Run SORT as its authors published it; it counts frames, so `fps` means nothing to it."""
    del fps
    tracker = SortTracker()
    reported = [tracker.update(detections.boxes) for detections in frames]
    return [_labelled([item.id for item in boxes], [item.box for item in boxes]) for boxes in reported]


def run_library_sort(frames: Sequence[Detections], fps: float) -> list[LabelledBoxes]:
    """Run SORT of the `trackers` package with its own defaults."""
    from trackers import SORTTracker

    return _run_library(SORTTracker(frame_rate=fps), frames)


def run_library_bytetrack(frames: Sequence[Detections], fps: float) -> list[LabelledBoxes]:
    """Run ByteTrack of the `trackers` package with its own defaults."""
    from trackers import ByteTrackTracker

    return _run_library(ByteTrackTracker(frame_rate=fps), frames)


def _run_library(tracker: Any, frames: Sequence[Detections]) -> list[LabelledBoxes]:
    import supervision

    output = []
    for detections in frames:
        given = supervision.Detections(xyxy=detections.boxes.astype(np.float64), confidence=detections.scores)
        result = tracker.update(given)
        named = [(int(i), box) for i, box in zip(result.tracker_id, result.xyxy, strict=True) if i >= 0]
        output.append(_labelled([identity for identity, _ in named], [box for _, box in named]))
    return output


def _labelled(ids: list[int], boxes: Sequence[Any]) -> LabelledBoxes:
    return LabelledBoxes(ids, np.array(boxes, np.float64).reshape(-1, 4))
