"""The questions of `footfall init`: each answer is checked at once, a camera by opening it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer
import tzlocal
from pydantic import SecretStr, TypeAdapter, ValidationError
from rich.text import Text

from app.cli.output import console, hidden
from app.cli.settings_text import CameraAnswers, SiteAnswers, password_variable
from footfall.config import KEY_PATTERN
from footfall.config_sections import CameraConfig
from footfall.config_values import Hours, TimeZone
from footfall.environment_names import environment_name
from footfall.errors import SourceError
from footfall.secrets import secrets_in

GOOD, BAD = "green", "red"


def ask_site() -> SiteAnswers:
    """Ask for the mall's name, time zone and opening hours."""
    label = typer.prompt("Name of the mall", default="My mall")
    zone = _asked_until(TypeAdapter(TimeZone), "Time zone", tzlocal.get_localzone_name() or "Europe/Berlin")
    hours = _asked_until(TypeAdapter(Hours), "Opening hours, of every day (closed days: in the file)", "09:00-21:00")
    return SiteAnswers(label, zone, hours)


def ask_cameras() -> list[CameraAnswers]:
    """Ask for cameras, one after the other, and look through each; an empty address ends it."""
    cameras: list[CameraAnswers] = []
    console.print(
        "A camera is an rtsp:// or http:// address, a webcam's number, a file or a folder of pictures. "
        "Nothing, and there are no more.",
        style="dim",
    )
    while source := _ask_source(first=not cameras):
        name = _ask_name(cameras)
        entrance = typer.prompt("Which entrance does it watch", default=name.replace("-", " ").capitalize())
        username, password = _ask_user(source)
        answers = CameraAnswers(name, source, entrance, username)
        if _answers(answers, password) or typer.confirm("Keep it all the same?", default=False):
            cameras.append(answers)
            if username:
                told = f"its password does not belong into the file: set {password_variable(name)} for the program"
                console.print(Text(told, style="dim"))
    return cameras


def _ask_source(*, first: bool) -> str:
    words = "Address of the first camera" if first else "Address of the next camera (nothing: no more)"
    while True:
        source = str(typer.prompt(words, default="", show_default=False)).strip()
        if not _has_password(source):
            return source
        console.print(Text("Give it without user and password: they are asked for next.", style=BAD))


def _has_password(source: str) -> bool:
    return "://" in source and "@" in source.partition("://")[2].partition("/")[0] and bool(secrets_in(source))


def _ask_name(cameras: Sequence[CameraAnswers]) -> str:
    taken = {environment_name(camera.name) for camera in cameras}
    suggested = ("north", "south", "east", "west")[len(cameras) % 4]
    while True:
        name = str(typer.prompt("A short name for it", default=suggested)).strip()
        if not KEY_PATTERN.fullmatch(name):
            console.print(Text("A name is made of a-z, 0-9, '-' and '_', like north or gate-2.", style=BAD))
        elif environment_name(name) in taken:
            console.print(Text("There is a camera of that name already.", style=BAD))
        else:
            return name


def _ask_user(source: str) -> tuple[str, str]:
    if "://" not in source or source.startswith("file://"):
        return "", ""
    username = str(typer.prompt("User name (nothing: none is needed)", default="", show_default=False)).strip()
    password = typer.prompt("Password", hide_input=True, default="", show_default=False) if username else ""
    return username, str(password)


def _answers(answers: CameraAnswers, password: str) -> bool:
    """Look through the camera once and say what it shows."""
    from ingest.sources.kinds import open_source
    from ingest.sources.timeline import utc_now

    camera = CameraConfig(source=answers.source, username=answers.username, password=SecretStr(password))
    try:
        source = open_source(answers.name, camera, utc_now())
    except SourceError as error:
        console.print(Text(_without(str(error), password), style=BAD))
        return False
    try:
        width, height = source.size
        console.print(Text(f"it answers: {width}x{height}, {source.fps:.0f} pictures a second", style=GOOD))
    finally:
        source.close()
    return True


def _without(told: str, password: str) -> str:
    shown = str(hidden(told))
    return shown.replace(password, "***") if password else shown


def _asked_until(kind: TypeAdapter[str], words: str, default: str) -> str:
    """Ask until the answer is one that the settings take."""

    def check(answer: str) -> str:
        try:
            return kind.validate_python(answer.strip())
        except ValidationError as error:
            message = str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
            raise typer.BadParameter(message) from None

    ask: Callable[..., str] = typer.prompt
    return ask(words, default=default, value_proc=check)
