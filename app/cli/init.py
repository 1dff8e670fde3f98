"""`footfall init`: a commented settings file to start from, by questions in a terminal."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import console
from app.cli.settings_text import answered, checked, template
from footfall.errors import ConfigError
from footfall.included import read_settings


def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("footfall.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    ask: Annotated[
        bool | None,
        typer.Option("--ask/--no-ask", help="Ask for mall and cameras; by default in a terminal.", show_default=False),
    ] = None,
) -> None:
    """Write a commented settings file: ask for the mall and its cameras, looking through each at once."""
    from app.cli.init_questions import ask_cameras, ask_site

    if path.exists() and not force:
        raise ConfigError(f"{path} is there already; choose another name, or --force to replace it")
    if path.exists() and (included := _included(path)):
        raise ConfigError(
            f"{path} includes {included}, which a new file would not; choose another name, or change the file by hand"
        )
    if not path.parent.is_dir():
        raise ConfigError(f"{path.parent}: no such folder; make it first")
    if ask or (ask is None and sys.stdin.isatty() and sys.stdout.isatty()):
        site, cameras = ask_site(), ask_cameras()
        _write(path, checked(answered(site, cameras), str(path)))
        console.print(f"wrote {path}; next: `footfall cameras check` while people walk in, then `footfall run`")
    else:
        _write(path, template())
        console.print(f"wrote {path}: put your cameras into it, then `footfall cameras check`")


def _included(path: Path) -> str:
    """Return what the file includes, in words; nothing when it cannot be read, for then there is nothing to keep."""
    try:
        return " and ".join(str(file) for file in read_settings(path).files[1:])
    except ConfigError:
        return ""


def _write(path: Path, text: str) -> None:
    """Write `text` whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as stream:
            stream.write(text)
        Path(stream.name).chmod(0o666 & ~_umask())
        Path(stream.name).replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
