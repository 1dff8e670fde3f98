"""`footfall run`, `status` and `doctor`: the live program, what it says of itself, and what to mend before it runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from app.cli.output import ConfigOption, JsonOption, config_path, console, hidden, print_json, settings


def run(
    config: ConfigOption = None,
    camera: Annotated[str, typer.Option("--camera", help="Only this camera.")] = "",
) -> None:
    """Watch the live cameras until told to end: one worker each, restarted when it fails, nothing counted twice."""
    from app.service import run_service

    run_service(config_path(config), camera)


def status(
    config: ConfigOption = None,
    site: Annotated[
        str, typer.Option("--site", help="All machines of this site, as the database knows them, not this one alone.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show the cameras of the running program: state, last frame, visits, lag, what waits for the database."""
    if site:
        _status_of_site(config, site, as_json=as_json)
        return
    from app.status import Status, collect_status, remarks, status_table

    found = Status(hidden(collect_status(settings(config)).document))  # older workers left reasons as they were told
    if as_json:
        print_json(found.document)
    else:
        console.print(status_table(found))
        for remark in remarks(found):
            console.print(Text(remark))
    if not found.is_good:
        raise typer.Exit(1)


def _status_of_site(config: Path | None, site: str, *, as_json: bool) -> None:
    from app.fleet import fleet_status, fleet_tables
    from db.session import open_database

    engine = open_database(settings(config).database_url.get_secret_value())
    try:
        found = fleet_status(engine, site)
    finally:
        engine.dispose()
    if as_json:
        print_json(found.document)
    else:
        for table in fleet_tables(found):
            console.print(table)
        for told in found.document["troubles"]:
            console.print(Text(told, style="yellow"))
    if not found.is_good:
        raise typer.Exit(1)


def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check settings, disk, clock, database, machines, models and cameras, and say what to fix."""
    from app.doctor import Finding, doctor_table, run_doctor
    from footfall.logs import log_as_set

    chosen = settings(config)
    log_as_set(chosen)
    checks = [replace(c, found=hidden(c.found), advice=hidden(c.advice)) for c in run_doctor(chosen)]
    if as_json:
        print_json([check.document() for check in checks])
    else:
        console.print(doctor_table(checks))
    if any(check.finding is Finding.BAD for check in checks):
        raise typer.Exit(1)
