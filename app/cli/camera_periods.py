"""`footfall cameras list | retire | resume`: which cameras the database knows, and until when each is to watch."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from app.cli.moments import parse_day
from app.cli.output import ConfigOption, JsonOption, console, print_json, problems, settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

CameraArgument = Annotated[str, typer.Argument(help="The camera's name, as `footfall cameras list` says.")]


def list_cameras(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the cameras that the database knows: since when, retired from when, last seen, named by which machine."""
    from db.reading.machines import listed_cameras
    from db.session import reading

    now = datetime.now(UTC)
    engine = _engine(config)
    with reading(engine) as connection:
        cameras = listed_cameras(connection, now)
    if as_json:
        print_json([asdict(camera) | {"trouble": camera.trouble(now)} for camera in cameras])
        return
    days = (Column(heading, no_wrap=True) for heading in ("expected\nsince", "retired\nfrom", "last seen\n(UTC)"))
    table = Table("camera", "site", "entrance", *days, Column("settings of", overflow="fold"))
    for camera in cameras:
        seen = f"{camera.last_seen:%Y-%m-%d\n%H:%M}" if camera.last_seen else "never"
        named = [*camera.named_by, *(f"{name} (disabled)" for name in camera.disabled_by)]
        period = (str(camera.since or "never"), str(camera.retired_from or ""))
        table.add_row(
            *(Text(cell) for cell in (camera.camera, camera.site, camera.entrance, *period, seen, ", ".join(named)))
        )
    console.print(table if cameras else "no camera yet: describe one in the settings and start `footfall run`")
    for camera in cameras:
        if told := camera.trouble(now):
            console.print(Text(told, style="yellow"))


def retire(
    camera: CameraArgument,
    first: Annotated[str, typer.Option("--from", help="First day without it, YYYY-MM-DD; today works too.")],
    config: ConfigOption = None,
) -> None:
    """Expect a camera no more from a day on. Its numbers stay, and days on which it watches all the same count."""
    from db.reading.machines import listed_cameras
    from db.session import reading
    from db.store import Store

    engine = _engine(config)
    done = Store(engine).retire_camera(camera, _day(engine, camera, first))
    console.print(Text(f"{camera} is not expected from {first} on; `footfall cameras resume {camera}` takes it back"))
    with reading(engine) as connection:
        named = [one.named_by for one in listed_cameras(connection, datetime.now(UTC)) if one.camera == done.camera]
    for box in named[0]:
        problems.print(Text(f"the settings of {box} still name it; take it out there, or it goes on counting"))


def resume(
    camera: CameraArgument,
    first: Annotated[
        str, typer.Option("--from", help="First day with it again. Default: as if it had never been retired.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Expect a retired camera again."""
    from db.store import Store

    engine = _engine(config)
    done = Store(engine).resume_camera(camera, _day(engine, camera, first) if first else None)
    console.print(Text(f"{camera} is expected to watch since {done.first_day}"))


def _engine(config: Path | None) -> Engine:
    """Open the database without telling it what the settings say: these commands are about what it knows."""
    from db.session import open_database

    return open_database(settings(config).database_url.get_secret_value())


def _day(engine: Engine, camera: str, text: str) -> date:
    """Return the day that `text` names; "today" is that of the camera's site."""
    from db.reading.selection import Selection, selected_cameras
    from db.session import reading

    with reading(engine) as connection:
        found = selected_cameras(connection, Selection(date.min, date.max, cameras=(camera,)))
    now = datetime.now(UTC)
    return parse_day(text, "--from", (now.astimezone(found[0].zone) if found else now).date())
