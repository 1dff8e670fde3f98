"""`footfall boxes`: the machines that share the database, and what their settings said last."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.cli.output import ConfigOption, JsonOption, console, print_json, settings

app = typer.Typer(help="The machines that share the database.", no_args_is_help=True)


@app.command("list")
def list_command(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the machines: which cameras and sites their settings name, and when each was heard of last."""
    from db.reading.fleet import clock_in_words
    from db.reading.machines import boxes, disagreements
    from db.session import open_database, reading

    with reading(open_database(settings(config).database_url.get_secret_value())) as connection:
        known, differing = boxes(connection), disagreements(connection)
    if as_json:
        print_json({"boxes": [asdict(box) for box in known], "disagreements": differing})
        return
    table = Table("machine", "cameras", "sites", "settings read (UTC)", "last heard (UTC)", "clock")
    for box in known:
        heard = f"{box.heard_at:%Y-%m-%d %H:%M}" if box.heard_at else "never"
        named = (", ".join(sorted(box.cameras)), ", ".join(sorted(box.sites)))
        clock = clock_in_words(box.clock_ahead_s)
        table.add_row(*(Text(cell) for cell in (box.name, *named, f"{box.said_at:%Y-%m-%d %H:%M}", heard, clock)))
    console.print(table if known else "no machine yet: each one names itself when `footfall run` starts on it")
    for told in differing:
        console.print(Text(told, style="yellow"))


@app.command()
def forget(
    name: Annotated[str, typer.Argument(help="The name of `footfall boxes list`.")], config: ConfigOption = None
) -> None:
    """Forget a machine that is gone. Its cameras and their numbers stay."""
    from db.session import open_database
    from db.store import Store

    Store(open_database(settings(config).database_url.get_secret_value())).forget_box(name)
    console.print(Text(f"forgot {name}; cameras that only it named wait to be named again or retired"))
