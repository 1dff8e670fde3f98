"""`footfall config`: the settings as the program reads them, from all files and the environment together."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
from rich.text import Text

from app.cli.output import ConfigOption, JsonOption, config_path, console, hidden, print_json, settings
from footfall.config import Config
from footfall.environment_names import PREFIX, environment_name, names_outside
from footfall.included import Written, read_settings

app = typer.Typer(help="The settings, of all files and the environment together.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that somebody wrote, what counts of it (secrets masked), and where that stands."""

    setting: str
    value: Any
    stands_in: str


@app.command()
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the settings file, what it includes and the environment as one, and say what was read."""
    from db.writing.boxes import box_name

    chosen, written = settings(config), _written(config)
    found = {
        "files": [str(file) for file in written.files],
        "box": box_name(chosen),
        "sites": sorted(chosen.sites),
        "cameras": sorted(name for name, camera in chosen.cameras.items() if camera.enabled),
    }
    if as_json:
        print_json(found)
        return
    files = " with ".join(found["files"]) or "no file, defaults and the environment"
    parts = [f"{kind}: {', '.join(found[kind]) or 'none'}" for kind in ("sites", "cameras")]
    console.print(Text(f"good: {files}; box: {found['box']}, {', '.join(parts)}"))


@app.command()
def show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every setting that somebody wrote, and where the one that counts stands; secrets are masked."""
    rows = list(_settings(settings(config), _written(config)))
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    for place in dict.fromkeys(row.stands_in for row in rows):
        console.print(Text(f"# {place}", style="dim"))
        for row in rows:
            if row.stands_in == place:
                console.print(Text(f"{row.setting} = {json.dumps(row.value, ensure_ascii=False)}"))
    if not rows:
        console.print("nothing is set: every setting is the default")


def _written(given: Path | None) -> Written:
    path = config_path(given)
    return Written({}) if path is None else read_settings(path)


def _settings(config: Config, written: Written) -> Iterator[Setting]:
    outside = {name.upper() for name in names_outside(os.environ.get("FOOTFALL_SECRETS_DIR"))}
    for key, value in _leaves(config.model_dump(mode="json", exclude_unset=True), ()):
        names = [_environment_name(key[:length]) for length in range(1, len(key) + 1)]
        home = written.home(key)
        place = "environment" if outside.intersection(names) else str(home) if home else "environment"
        yield Setting(".".join(key), hidden(value), place)


def _leaves(values: Mapping[str, Any], at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*at, name))
        else:
            yield (*at, name), value


def _environment_name(key: tuple[str, ...]) -> str:
    return PREFIX + "__".join(environment_name(part).upper() for part in key)
