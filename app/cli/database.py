"""`footfall db`: bring the database to this program's migration, keep minutes by month, derive totals again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.cli.moments import parse_day
from app.cli.output import ConfigOption, JsonOption, console, print_json, settings
from footfall.errors import ConfigError

app = typer.Typer(help="Look after the database.", no_args_is_help=True)


@app.command()
def upgrade(config: ConfigOption = None) -> None:
    """Make the tables, or bring them to the migration that this program needs. Safe to run again."""
    from db.session import upgrade as upgrade_database

    upgrade_database(settings(config).database_url.get_secret_value())
    console.print("the database is at the newest migration")


@app.command()
def months(config: ConfigOption = None) -> None:
    """Keep the minutes of cameras by month, on PostgreSQL: for a chain whose retention deletes millions of them."""
    from app.opening import open_engine
    from db.store import Store

    is_new = Store(open_engine(settings(config))).keep_minutes_by_month()
    console.print(f"minutes are kept by month{'' if is_new else ', as they were before'}; the next months are made")


@app.command()
def verify(
    first: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD; today and yesterday work too.")] = "today",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Derive the totals of these days again from visits and minutes, and say where the stored ones differ."""
    from app.opening import open_engine
    from db.session import reading
    from db.store import Store
    from reports.estimates import estimate_differences

    today = datetime.now(UTC).date()
    days = parse_day(first, "--from", today), parse_day(last, "--to", today)
    if days[1] < days[0]:
        raise ConfigError(f"--to {days[1]} lies before --from {days[0]}")
    chosen = settings(config)
    engine = open_engine(chosen)
    differences = Store(engine).verify(*days)
    with reading(engine) as connection:
        differences += estimate_differences(connection, chosen, *days)
    if as_json:
        print_json([asdict(difference) for difference in differences])
    elif differences:
        table = Table("table", "camera", "day", "cell", "stored", "derived", title="these totals do not follow")
        for found in differences:
            numbers = f"{found.stored:g}", f"{found.derived:g}"
            table.add_row(found.table_name, found.camera, str(found.day), Text(found.cell), *numbers)
        console.print(table)
    else:
        console.print(f"{days[0]} to {days[1]}: every total agrees with the visits and minutes it was made of")
    if differences:
        raise typer.Exit(1)
