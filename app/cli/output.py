"""What every command shares: the configuration option, tables and progress for people, JSON for scripts."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from footfall.config import Config, load_config
from footfall.logs import SecretMasker, secrets_of

DEFAULT_CONFIG_PATH = Path("footfall.toml")


def config_path(given: Path | None) -> Path | None:
    """Return the file to read: `given`, else FOOTFALL_CONFIG, else footfall.toml if there is one, else None."""
    if given is not None:
        return given
    if named := os.environ.get("FOOTFALL_CONFIG"):
        return Path(named)
    return DEFAULT_CONFIG_PATH if DEFAULT_CONFIG_PATH.exists() else None


def _named_for_all(given: Path | None) -> Path | None:
    """Name the settings file for every process of this command: what lies beside it, the user's networks, is theirs."""
    if (path := config_path(given)) is not None:
        os.environ["FOOTFALL_CONFIG"] = str(path.absolute())
    return given


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        callback=_named_for_all,
        help="Settings file (TOML). Default: $FOOTFALL_CONFIG, else footfall.toml.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]

# Lines are broken by the terminal alone: a broken command cannot be copied, a broken line in a file not be searched.
console = Console(highlight=False, soft_wrap=True)
problems = Console(stderr=True, highlight=False)

_secrets: list[str] = []  # of the settings that this process read last


def settings(path: Path | None) -> Config:
    """Read the settings from `path`, else from where the environment says, else defaults."""
    chosen = load_config(config_path(path))
    _secrets[:] = secrets_of(chosen)
    return chosen


def hidden(told: Any) -> Any:
    """Return a text or a document with every address in it masked, and whatever the settings keep secret."""
    return SecretMasker(_secrets).masked(told)


def print_json(document: Any) -> None:
    """Print `document` as JSON on standard output; dates and paths become text."""
    sys.stdout.write(json.dumps(document, indent=2, default=str, ensure_ascii=False) + "\n")


def print_error(message: str) -> None:
    """Print one line on standard error, whatever line breaks a library put into it."""
    problems.print(Text("error: ", style="bold red") + Text(" ".join(hidden(message).split())), soft_wrap=True)


def print_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print the traceback of a defect of the program, masked, which the interpreter's own last words are not."""
    sys.stderr.write(hidden("".join(traceback.format_exception(kind, error, trace))))


class _RateColumn(ProgressColumn):
    """Frames a second since the start."""

    def render(self, task: Task) -> Text:
        rate = task.fields.get("rate")
        return Text(f"{rate:5.0f} frames/s" if rate else "", style="cyan")


@contextmanager
def frame_progress(label: str, *, quiet: bool) -> Iterator[Callable[[int, int | None, float], None]]:
    """Yield a callable (frames done, frames in all, frames/s) that moves a bar with frames/s and time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
    )
    hidden_bar = quiet or not problems.is_terminal  # elsewhere it would leave an empty line
    with Progress(*columns, console=problems, transient=True, disable=hidden_bar) as progress:
        task = progress.add_task(label, total=None)

        def move(done: int, total: int | None, frames_per_s: float) -> None:
            progress.update(task, completed=done, total=total, rate=frames_per_s)

        yield move
