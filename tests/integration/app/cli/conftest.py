"""A rendered scene and a folder with settings for its camera, to run commands in."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.demo.scene import SceneOptions, SceneTruth, render, settings_text
from tests.integration.app.cli.forked import LoadedProgram
from tests.integration.app.cli.recordings import BEGIN, FILES

CAMERA = "entrance"
RunCommand = Callable[..., "Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Rendered footage and what really happened in it."""

    footage: Path
    truth: SceneTruth


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Three people walking through a small entrance, two of them out."""
    footage = tmp_path_factory.mktemp("scene") / "scene.mp4"
    options = SceneOptions(seed=4, people=3, people_per_minute=60, size=(960, 540), fps=10, backs_share=0.0)
    return Scene(footage, render(options, footage))


@pytest.fixture
def workplace(tmp_path: Path, scene: Scene) -> Path:
    """A folder with a footfall.toml for the scene's camera."""
    write_settings(tmp_path, scene)
    return tmp_path


def write_settings(folder: Path, scene: Scene) -> None:
    """Write a footfall.toml for the scene's camera into `folder`."""
    text = f'database_url = "sqlite:///footfall.db"\n\n{settings_text(scene.truth, scene.footage, CAMERA)}'
    (folder / "footfall.toml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """What commands find in their environment, besides what a test sets."""
    cleaned = {name: value for name, value in os.environ.items() if not name.startswith("FOOTFALL_")}
    return {**cleaned, "COLUMNS": "120", "NO_COLOR": "1"}


@pytest.fixture(scope="session")
def loaded(environment: dict[str, str]) -> Iterator[LoadedProgram]:
    """The program, loaded once."""
    made = LoadedProgram(environment)
    yield made
    made.close()


@pytest.fixture(scope="session")
def processed(
    tmp_path_factory: pytest.TempPathFactory, scene: Scene, loaded: LoadedProgram, environment: dict[str, str]
) -> tuple[Path, dict[str, Any]]:
    """A folder in which `footfall process` has counted the scene, and what it printed."""
    folder = tmp_path_factory.mktemp("processed")
    write_settings(folder, scene)
    started = ("--started-at", BEGIN.replace(tzinfo=None).isoformat(), "--yes")
    arguments = ("process", str(scene.footage), "--camera", CAMERA, *started, "--json")
    return folder, dict(json.loads(loaded.run(arguments, folder, environment)[1])[0])


@pytest.fixture
def counted(workplace: Path, processed: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    """What `footfall process` printed of the scene; its database is in the workplace, as if it had run there."""
    folder, row = processed
    for part in folder.glob("footfall.db*"):
        shutil.copy(part, workplace / part.name)
    return row


@pytest.fixture
def films(workplace: Path, scene: Scene) -> list[Path]:
    """The scene as recordings of three hours: a box that no reader looks into makes each another content."""
    content = scene.footage.read_bytes()
    paths = [workplace / f"{number}.mp4" for number in range(FILES)]
    for number, path in enumerate(paths):
        path.write_bytes(content + struct.pack(">I4sI", 12, b"free", number))
    lines = [f"{path.name},{CAMERA},{(BEGIN + timedelta(hours=n)).isoformat()}" for n, path in enumerate(paths)]
    (workplace / "films.csv").write_text("\n".join(["file,camera,started_at", *lines]), encoding="utf-8")
    return paths


@pytest.fixture
def footfall(workplace: Path, loaded: LoadedProgram, environment: dict[str, str]) -> RunCommand:
    """Run `footfall ARGUMENTS...` in `workplace` as a user would, in a process of its own."""

    def run(*arguments: str | Path, **more: str) -> Outcome:
        given, found = [str(argument) for argument in arguments], environment | more
        if loaded.fits(given, found):
            return Outcome(*loaded.run(given, workplace, found))
        command = [sys.executable, "-c", "from app.cli import main; main()", *given]
        done = subprocess.run(
            command, cwd=workplace, env=found, capture_output=True, text=True, timeout=300, check=False
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


def read_json(outcome: Outcome) -> object:
    """Return the JSON document that a command printed, after it ended well."""
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)
