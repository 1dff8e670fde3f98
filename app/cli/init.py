"""`footfall init`: a commented settings file to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import console
from footfall.errors import ConfigError


def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("footfall.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a commented settings file to start from."""
    text = files("app.cli").joinpath("footfall.template.toml").read_text(encoding="utf-8")
    try:
        with path.open("w" if force else "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise ConfigError(f"{path} is there already; choose another name, or --force to replace it") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
    console.print(f"wrote {path}: put your cameras into it, then `footfall cameras check`")
