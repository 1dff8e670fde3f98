"""`footfall models`: which networks there are, whether they are intact, and a user's own in place of a built-in one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from app.cli.output import ConfigOption, JsonOption, config_path, console, print_error, print_json, settings
from footfall.config_sections import CameraConfig
from footfall.errors import ConfigError, ModelError
from footfall.settings_file import change_settings, set_value

if TYPE_CHECKING:
    import tomlkit

    from inference.manifest import Kind, ModelEntry

app = typer.Typer(help="List, verify, add and choose the networks.", no_args_is_help=True)
SECTION: dict[Kind, str] = {"detector": "detector", "demographics": "attributes", "embedding": "reid"}


@app.command("list")
def list_command(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the built-in networks and those you added; the ones in use are marked."""
    from inference.manifest import list_models

    chosen = settings(config)
    used: dict[Kind, str] = {kind: getattr(chosen, section).model for kind, section in SECTION.items()}
    entries = list_models()
    if as_json:
        print_json(
            [
                {"name": e.name, "kind": e.kind, "path": e.path, "sha256": e.sha256, "in_use": used[e.kind] == e.name}
                for e in entries
            ]
        )
        return
    table = Table("", "name", "kind", "size", "sha256", Column("file", overflow="fold"))
    for entry in entries:
        size = f"{entry.path.stat().st_size / 1e6:.2f} MB" if entry.path.is_file() else "gone"
        mark = "●" if used[entry.kind] == entry.name else ""
        table.add_row(mark, entry.name, entry.kind, size, entry.sha256[:12], str(entry.path))
    console.print(table)
    _say_strays()


@app.command()
def verify(config: ConfigOption = None) -> None:
    """Check every model file against its checksum and its stored answers, and load those that are in use."""
    from app.compose import load_networks
    from inference.manifest import list_models
    from inference.processor import processor_name
    from inference.selfcheck import require_agreement
    from inference.session import RUNTIME

    chosen = settings(config)
    console.print(f"{RUNTIME} on {processor_name()}", style="dim")
    failed = False
    for entry in list_models():
        try:
            entry.verify()
            agreement = require_agreement(entry.path)
        except ModelError as error:
            print_error(f"{entry.kind} {entry.name}: {error}")
            failed = True
        else:
            console.print(f"{entry.kind} {entry.name}: checksum ok, computed as its reference says; {agreement}")
    if failed:
        raise typer.Exit(2)
    _say_strays()
    networks = load_networks(chosen, CameraConfig(source="0"))  # they may be files that are in no list
    third = f" and {networks.embedding.model_version}, which compares faces" if networks.embedding else ""
    console.print(f"in use: {networks.version}{third}; they load")


@app.command()
def add(
    file: Annotated[
        Path, typer.Argument(help="An ONNX file: a YuNet detector, a demographics or an embedding export.")
    ],
    name: Annotated[str, typer.Option("--name", help="Its name for the settings: a-z, 0-9, '-' and '_'.")] = "",
    config: ConfigOption = None,
) -> None:
    """Copy your own network beside the settings file, and store what it says of the self-check's pictures."""
    from inference.manifest import add_model

    del config  # says where the settings are, for every part of the program
    kind = _kind_of(file)
    entry = add_model(file, name or file.stem.lower().replace(".", "-"), kind)
    console.print(
        f"added {entry.kind} {entry.name} as {entry.path}; `footfall models use {entry.name}` makes the program use it"
    )


@app.command()
def use(
    name: Annotated[str, typer.Argument(help="A name of `footfall models list`; built-in goes back.")],
    config: ConfigOption = None,
    kind: Annotated[
        str, typer.Option("--kind", help="detector, demographics or embedding, where only one of that name is meant.")
    ] = "",
) -> None:
    """Choose networks that the settings file names, all of that name; comments and order of the file stay."""
    import tomlkit

    from inference.manifest import resolve_model
    from inference.selfcheck import require_agreement

    chosen = _named(name, kind)
    for entry in chosen:
        require_agreement(resolve_model(entry.name, entry.kind))
    path = config_path(config)
    if path is None:
        raise ConfigError("there is no settings file to write the choice to; `footfall init` makes one")

    def choose(document: tomlkit.TOMLDocument) -> None:
        for section in (SECTION[entry.kind] for entry in chosen):
            if section not in document:
                document[section] = tomlkit.table()
            set_value(document[section], "model", name)

    change_settings(path, choose, check=lambda config: None)
    for entry in chosen:
        console.print(f"{path}: [{SECTION[entry.kind]}] model = {entry.name!r}", markup=False)
    console.print("running workers take it at their next start")


def _say_strays() -> None:
    """Say which networks only this user sees."""
    from inference.manifest import strays, user_models_directory

    for entry in strays():
        console.print(
            f"{entry.name} lies in your own home ({entry.path}), where a service of another user does not see it: "
            f"`footfall models add {entry.path} --name {entry.name}` puts it into {user_models_directory()}"
        )


def _named(name: str, kind: str) -> list[ModelEntry]:
    from inference.manifest import list_models

    found = [entry for entry in list_models() if entry.name == name and kind in ("", entry.kind)]
    if not found:
        known = ", ".join(sorted({entry.name for entry in list_models()}))
        raise ModelError(f"no model {name!r}{f' of kind {kind}' if kind else ''}; there are: {known}")
    return found


def _kind_of(file: Path) -> Kind:
    from inference import load_attributes, load_detector, load_embedding

    if not file.is_file():
        raise ModelError(f"{file}: no such file")
    problems: list[str] = []
    loaders: tuple[tuple[Kind, Callable[[Path], object]], ...] = (
        ("detector", load_detector),
        ("demographics", load_attributes),
        ("embedding", load_embedding),
    )
    for kind, load in loaders:
        try:
            load(file)
        except ModelError as error:
            problems.append(str(error))
        else:
            return kind
    raise ModelError("; ".join(dict.fromkeys(problems)))
