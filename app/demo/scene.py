"""The sample scene: `render` makes footage of a mall entrance and returns what really happened in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.demo.faces import load_faces
from app.demo.options import SceneOptions
from app.demo.render import Renderer, encode, frames_of
from app.demo.settings import COUNTING_LINE, poster_polygon, settings_text
from app.demo.truth import Occlusion, PersonTruth, SceneTruth, derive_truth, people_who_came_in
from app.demo.walks import plan_walkers
from footfall.types import ImageArray

__all__ = [
    "COUNTING_LINE",
    "Occlusion",
    "PersonTruth",
    "SceneOptions",
    "SceneTruth",
    "people_who_came_in",
    "plan",
    "poster_polygon",
    "render",
    "render_frames",
    "settings_text",
]


def plan(options: SceneOptions) -> SceneTruth:
    """Return the truth of the scene without drawing it."""
    return derive_truth(options, plan_walkers(options, load_faces().labels))


def render(options: SceneOptions, path: Path) -> SceneTruth:
    """Render the scene to `path` (the suffix names the container, .mp4 is usual) and return its truth.

    The file appears under its name only when it is complete.

    Raises:
        SourceError: the file cannot be written.
    """
    truth = plan(options)
    encode(render_frames(options, truth.frames), options, path)
    return truth


def render_frames(options: SceneOptions, count: int) -> Iterator[ImageArray]:
    """Yield the first `count` frames as planar YUV 4:2:0, uint8 (H * 3 / 2, W)."""
    atlas = load_faces()
    yield from frames_of(Renderer(options, plan_walkers(options, atlas.labels), atlas), count)
