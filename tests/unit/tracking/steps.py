"""Faces at chosen places and times, for the tracker and the visits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from footfall.types import Detections
from tracking import Tracker
from tracking.tracks import Track, Tracks

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
Face = tuple[float, float]


def at(seconds: float) -> datetime:
    """Return the moment `seconds` after the start."""
    return START + timedelta(seconds=seconds)


def faces(centres: Iterable[Face], side_px: float = 40.0, score: float = 0.95) -> Detections:
    """Return square faces with these centres."""
    boxes = [(x - side_px / 2, y - side_px / 2, x + side_px / 2, y + side_px / 2) for x, y in centres]
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(count, score, np.float32),
        np.zeros((count, 5, 2), np.float32),
    )


def follow(tracker: Tracker, frames: Sequence[Iterable[Face]], fps: float = 10.0, from_s: float = 0.0) -> list[Tracks]:
    """Feed `frames` of face centres at `fps` and return what the tracker knew after each."""
    return [tracker.update(faces(frame), at(from_s + index / fps)) for index, frame in enumerate(frames)]


def ids_seen(results: Iterable[Tracks]) -> set[int]:
    """Return the ids of all tracks that were active at some time."""
    return {track.id for tracks in results for track in tracks.active}


def a_track(
    centre: Face,
    seconds: float,
    identity: int = 1,
    side_px: float = 40.0,
    detection: int | None = 0,
    since_s: float = 0.0,
    hits: int = 10,
) -> Track:
    """Return a track of a square face, sure in every frame, last seen at `seconds`."""
    (x, y), half = centre, side_px / 2
    box = np.array([x - half, y - half, x + half, y + half], np.float32)
    return Track(identity, box, 0.95, at(since_s), at(seconds), hits, hits, detection)
