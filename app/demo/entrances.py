"""The sample mall of `footfall demo`: two entrances filmed one after the other, and some people who use both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from app.demo.options import SceneOptions
from app.demo.scene import render
from app.demo.settings import BEGINS_AT, SITE_TEXT, camera_text
from app.demo.truth import SceneTruth

SIDE_BEGINS_AT = BEGINS_AT + timedelta(hours=1)
SIDE_PEOPLE_SHARE = 0.5
AGAIN_SHARE = 0.4
"""Of the people at the side entrance, those who were at the main entrance an hour before."""


@dataclass(frozen=True, slots=True)
class FilmedEntrance:
    """One entrance: its camera, what happens there, the file that shows it, and when that begins."""

    camera_id: str
    label: str
    options: SceneOptions
    footage: Path
    begins_at: datetime

    def render(self) -> SceneTruth:
        """Render the footage and return its truth, which is written beside it."""
        truth = render(self.options, self.footage)
        truth.save(self.footage.with_name(f"{self.camera_id}-truth.json"))
        return truth


def two_entrances(folder: Path, main: SceneOptions) -> tuple[FilmedEntrance, FilmedEntrance]:
    """Return the main entrance, where `main` happens, and the side entrance, where some of its people come again."""
    people = max(1, round(main.people * SIDE_PEOPLE_SHARE))
    side = replace(main, seed=main.seed + 1, people=people, earlier=main, again_share=AGAIN_SHARE)
    return (
        FilmedEntrance("entrance", "Main entrance", main, folder / "scene.mp4", BEGINS_AT),
        FilmedEntrance("side", "Side entrance", side, folder / "side-entrance.mp4", SIDE_BEGINS_AT),
    )


def mall_settings(folder: Path, entrances: Sequence[FilmedEntrance], truths: Sequence[SceneTruth]) -> str:
    """Return a whole footfall.toml for the sample mall; visits are compared by faces, which are nobody's."""
    cameras = (
        camera_text(truth, one.footage, one.camera_id, one.label, one.begins_at)
        for one, truth in zip(entrances, truths, strict=True)
    )
    return (
        f'database_url = "sqlite:///{(folder / "footfall.db").absolute()}"\n\n'
        f"{SITE_TEXT}{''.join(cameras)}"
        "\n# Faces are biometric data, the operator's own choice; those of the sample scene are averages, nobody's.\n"
        '[reid]\nmode = "faces"\n'
        f'\n[report]\ndirectory = "{(folder / "reports").absolute()}"\n'
    )
