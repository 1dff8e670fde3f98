"""`footfall db`: bring the database to this program's migration, and derive its totals again."""

from __future__ import annotations

import typer

from footfall.cli.output import ConfigOption, console, settings

app = typer.Typer(help="Look after the database.", no_args_is_help=True)


@app.command()
def upgrade(config: ConfigOption = None) -> None:
    """Make the tables, or bring them to the migration that this program needs. Safe to run again."""
    from db.session import upgrade as upgrade_database

    upgrade_database(settings(config).database_url.get_secret_value())
    console.print("the database is at the newest migration")
