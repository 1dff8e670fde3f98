"""The settings that fit the scene's camera."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from app.demo.truth import CENTRE_LINE, SceneTruth

Point = tuple[float, float]

BEGINS_AT = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)
"""When the first frame of every rendered scene was taken."""
COUNTING_LINE: tuple[Point, Point] = ((CENTRE_LINE, 0.0), (CENTRE_LINE, 1.0))
"""Downwards through the middle, shares of width and height: who crosses it to the left of the picture comes in."""

SITE_TEXT = """# Settings for the sample scene.
[sites.demo]
label = "Sample mall"
time_zone = "UTC"
"""
POSTER_MARGIN = 0.25  # of the face on the poster, on each side


def poster_polygon(truth: SceneTruth) -> tuple[Point, ...]:
    """Return the polygon to ignore around the face on the poster, shares of width and height; empty without one."""
    if truth.poster is None:
        return ()
    (width, height), (x1, y1, x2, y2) = truth.size, truth.poster
    wider, taller = POSTER_MARGIN * (x2 - x1), POSTER_MARGIN * (y2 - y1)
    left, right = round((x1 - wider) / width, 4), round((x2 + wider) / width, 4)
    top, bottom = round((y1 - taller) / height, 4), round((y2 + taller) / height, 4)
    return (left, top), (right, top), (right, bottom), (left, bottom)


def settings_text(truth: SceneTruth, footage: Path, camera_id: str = "entrance") -> str:
    """Return a whole footfall.toml for one camera that films the scene."""
    return SITE_TEXT + camera_text(truth, footage, camera_id)


def camera_text(
    truth: SceneTruth,
    footage: Path,
    camera_id: str,
    label: str = "Main entrance",
    begins_at: datetime = BEGINS_AT,
) -> str:
    """Return the part of a footfall.toml that is about one camera that films a scene from `begins_at` on."""
    polygon = poster_polygon(truth)
    return f"""
[cameras.{camera_id}]
site = "demo"
label = {json.dumps(label)}
entrance = {json.dumps(label)}
source = {json.dumps(str(footage))}
started_at = {begins_at.isoformat()}
max_fps = {float(truth.fps)}
# Who crosses the middle of the picture from right to left comes in.
line = {_points(COUNTING_LINE)}
# The face on the poster is not a visitor.
ignore = [{_points(polygon) if polygon else ""}]
"""


def _points(points: tuple[Point, ...]) -> str:
    return json.dumps([list(point) for point in points])
