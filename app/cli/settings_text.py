"""The commented settings file as text: the template, with what somebody answered put into it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import tomlkit
from pydantic import ValidationError

from footfall.config import Config
from footfall.config_errors import explain
from footfall.environment_names import environment_name
from footfall.errors import ConfigError

EXAMPLE_CAMERA = "north"


@dataclass(frozen=True, slots=True)
class SiteAnswers:
    """What was said of the mall."""

    label: str
    time_zone: str
    opening_hours: str


@dataclass(frozen=True, slots=True)
class CameraAnswers:
    """What was said of one camera; its password is not among it, for it does not belong into the file."""

    name: str
    source: str
    entrance: str
    username: str = ""


def template() -> str:
    """Return the commented file with an example of everything."""
    return files("app.cli").joinpath("footfall.template.toml").read_text(encoding="utf-8")


def password_variable(camera: str) -> str:
    """Return the name of the environment variable that holds the password of `camera`."""
    return f"FOOTFALL_CAMERAS__{environment_name(camera).upper()}__PASSWORD"


def answered(site: SiteAnswers, cameras: Sequence[CameraAnswers]) -> str:
    """Return the commented file for this mall; without a camera the example stays, switched off."""
    text = template()
    for key, value in (("label", site.label), ("time_zone", site.time_zone), ("opening_hours", site.opening_hours)):
        text = _set(text, "sites.main", key, value)
    first = cameras[0] if cameras else None
    if first is None:
        return text.replace("# enabled = true", "enabled = false                             # an example", 1)
    text = text.replace(f"[cameras.{EXAMPLE_CAMERA}]", f"[cameras.{first.name}]", 1)
    text = text.replace(password_variable(EXAMPLE_CAMERA), password_variable(first.name))
    table = f"cameras.{first.name}"
    for key, value in (("source", first.source), ("label", first.entrance), ("entrance", first.entrance)):
        text = _set(text, table, key, value)
    if first.username:
        text = _set(text, table, "# username", first.username).replace("# username = ", "username = ", 1)
    others = "".join(_table(camera) for camera in cameras[1:])
    return text.replace("[detector]", f"{others}[detector]", 1)


def checked(text: str, where: str) -> str:
    """Return `text` if it is a settings file that the program takes.

    Raises:
        ConfigError: it is not; says why.
    """
    try:
        Config.model_validate(tomllib.loads(text))
    except ValidationError as error:
        raise ConfigError(explain(error, Config, where)) from None
    return text


def _set(text: str, table: str, key: str, value: str) -> str:
    """Return `text` with `key` of `table` set to `value`; what follows on its line stays."""
    lines = text.splitlines(keepends=True)
    begin = lines.index(f"[{table}]\n")
    number = next(number for number, line in enumerate(lines) if number > begin and line.startswith(f"{key} = "))
    comment = re.search(r"\s+#[^\"]*$", lines[number].removeprefix(key))
    lines[number] = f"{key} = {_quoted(value)}{comment[0] if comment else chr(10)}"
    return "".join(lines)


def _table(camera: CameraAnswers) -> str:
    user = f"username = {_quoted(camera.username)}\n" if camera.username else ""
    source, entrance = _quoted(camera.source), _quoted(camera.entrance)
    return f"[cameras.{camera.name}]\nsource = {source}\nentrance = {entrance}\n{user}\n"


def _quoted(value: str) -> str:
    return tomlkit.item(value).as_string()
