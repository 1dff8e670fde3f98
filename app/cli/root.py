"""Assembles the commands and turns mistakes of the user into one line and exit code 2."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.cli import (
    annotate,
    audits,
    boxes,
    cameras,
    configuration,
    dashboard,
    database,
    demo,
    figures,
    init,
    interfaces,
    mail,
    models,
    process,
    recordings,
    report,
    run,
    users,
)
from app.cli.output import print_defect, print_error
from footfall import __version__
from footfall.errors import FootfallError
from footfall.figures import KINDS

app = typer.Typer(
    name="footfall",
    help="Count the visitors of a mall at its entrances, with gender and age group, and no face stored.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"footfall {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    del version


app.command()(init.init)
app.add_typer(configuration.app, name="config")
app.add_typer(cameras.app, name="cameras")
app.add_typer(boxes.app, name="boxes")
app.command()(process.process)
app.command()(run.run)
app.command()(report.report)
app.command()(report.jobs)
app.command()(run.status)
app.command()(run.doctor)
app.command()(annotate.annotate)
app.command()(dashboard.dashboard)
app.command()(interfaces.api)
app.command()(interfaces.mqtt)
app.command()(demo.demo)
app.add_typer(mail.app, name="mail")
app.add_typer(models.app, name="models")
app.add_typer(database.app, name="db")
app.add_typer(recordings.app, name="recordings")
app.add_typer(users.app, name="users")
app.add_typer(audits.app, name="audits")
for kind in KINDS:
    app.add_typer(figures.figures_app(kind), name=kind)


def main() -> None:
    """Run the command line; a FootfallError prints one line on standard error and exits with 2."""
    sys.excepthook = print_defect
    try:
        app()
    except FootfallError as error:
        print_error(str(error))
        sys.exit(2)
