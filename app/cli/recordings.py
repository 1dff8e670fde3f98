"""`footfall recordings`: which files were counted, and taking one back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Column, Table
from rich.text import Text

from app.cli.output import ConfigOption, JsonOption, console, print_json, settings
from footfall.errors import ConfigError

if TYPE_CHECKING:
    from db.reading.recordings import CountedFile

app = typer.Typer(help="Recordings that were counted.", no_args_is_help=True)


@app.command("list")
def list_command(
    camera: Annotated[str, typer.Option("--camera", help="Only those of this camera.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the recordings that were counted, with their numbers."""
    from app.opening import open_engine
    from db.reading.recordings import counted_files
    from db.session import reading

    with reading(open_engine(settings(config))) as connection:
        files = counted_files(connection, camera)
    if as_json:
        print_json([asdict(one) for one in files])
        return
    begins, ends = Column("from", min_width=10), Column("to", min_width=8)
    table = Table("number", "camera", Column("file", overflow="fold"), begins, ends, "visits", "minutes")
    if any(one.purged for one in files):
        table.add_column("remarks")
    for one in files:
        begin, end = _local(one)
        remark = "single rows deleted after the retention time" if one.purged else ""
        cells = (str(one.number), one.camera, Text(one.name), begin, end, str(one.visits), str(one.minutes), remark)
        table.add_row(*cells[: len(table.columns)])
    console.print(table if files else "no recording was counted yet; `footfall process FILE --camera NAME`")


@app.command()
def remove(
    number: Annotated[int, typer.Argument(help="The number of `footfall recordings list`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back what a recording gave: its visits leave the totals, its minutes are unobserved again."""
    from app.opening import open_engine
    from db.reading.recordings import counted_files
    from db.session import reading
    from db.store import Store

    engine = open_engine(settings(config))
    with reading(engine) as connection:
        found = next((one for one in counted_files(connection) if one.number == number), None)
    if found is None:
        raise ConfigError(f"no recording has the number {number}; `footfall recordings list` shows them")
    if not yes and not found.purged:
        _ask(found)
    visits = Store(engine).remove_recording(number)
    if as_json:
        print_json(asdict(found) | {"visits": visits})
        return
    begin, end = _local(found)
    console.print(
        Text(
            f"removed {found.name} of camera {found.camera}, {begin} to {end}: visits {visits}, minutes "
            f"{found.minutes}; reports of these days that were written become due again"
        )
    )


def _ask(found: CountedFile) -> None:
    """Ask at a terminal; a script says --yes."""
    if not console.is_terminal:
        raise ConfigError("there is no terminal to ask whether to remove it; say --yes")
    typer.confirm(f"Remove {found.name} of camera {found.camera} with {found.visits} visits?", abort=True)


def _local(found: CountedFile) -> tuple[str, str]:
    zone = ZoneInfo(found.time_zone)
    begin, end = found.started_at.astimezone(zone), found.ended_at.astimezone(zone)
    same_day = begin.date() == end.date()
    return f"{begin:%Y-%m-%d %H:%M:%S}", f"{end:%H:%M:%S}" if same_day else f"{end:%Y-%m-%d %H:%M:%S}"
