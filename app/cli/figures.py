"""`footfall sales`, `footfall staff-hours` and `footfall weather`: figures of other programs beside the counts."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from app.cli.output import ConfigOption, JsonOption, console, print_json, settings
from footfall.config import Config
from footfall.errors import ConfigError
from footfall.figures import Kind

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from reports.figure_import import Understood

HELP: dict[Kind, str] = {
    "sales": "Sales and transactions of the tills, beside the counts.",
    "staff-hours": "Hours of staff, beside the counts.",
    "weather": "The weather of days, to explain the counts.",
}
HOLDS: dict[Kind, str] = {
    "sales": "day, hour (may be left out), transactions and sales (one is enough), entrance (may be left out)",
    "staff-hours": "day, hour (may be left out), hours, entrance (may be left out)",
    "weather": "day, and temperature, rain or text",
}
SiteOption = Annotated[str, typer.Option("--site", help="The site, when there are several.")]
DECIMALS = (".", ",")


class Order(StrEnum):
    """Which of two numbers of a date like 03/04/2026 is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Grain(StrEnum):
    """How finely sales are exported."""

    DAY = "day"
    HOUR = "hour"


def figures_app(kind: Kind) -> typer.Typer:
    """Return the commands of one kind of figures."""
    app = typer.Typer(help=HELP[kind], no_args_is_help=True)
    _add_import(app, kind)
    _add_list(app, kind)
    _add_remove(app, kind)
    if kind == "sales":
        app.command("export")(export)
    return app


def _add_import(app: typer.Typer, kind: Kind) -> None:
    @app.command("import", help=f"Read a CSV with the columns {HOLDS[kind]}; days it holds take the place of earlier.")
    def import_command(
        file: Annotated[Path, typer.Argument(help="The CSV, as the other program exports it.")],
        site: SiteOption = "",
        columns: Annotated[
            str, typer.Option("--map", help='Which column means what, like "Date=day,Net=sales"; "Store=" leaves out.')
        ] = "",
        dates: Annotated[Order | None, typer.Option("--dates", help="How 03/04/2026 is meant.")] = None,
        decimal: Annotated[str, typer.Option("--decimal", help="What stands before decimals: . or ,")] = "",
        check: Annotated[bool, typer.Option("--check", help="Say what would happen; store nothing.")] = False,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from analytics.figures.columns import parse_map
        from reports.figure_import import Wanted, keep, understand

        if decimal not in ("", *DECIMALS):
            raise ConfigError(f"--decimal {decimal!r} is neither . nor ,")
        chosen, engine, name = _at(config, site)
        now = datetime.now(UTC)
        wanted = Wanted(
            site=name,
            kind=kind,
            file=file.name,
            by=f"{getpass.getuser()} (command line)",
            today=now.astimezone(chosen.sites[name].zone).date(),
            currency=chosen.sites[name].currency,
            columns=parse_map(columns, kind),
            order=None if dates is None else dates.value,
            point=decimal or None,  # type: ignore[arg-type]
        )
        understood = understand(engine, _content(file), wanted)
        effect = understood.effect if check else keep(engine, understood, now)
        _say(understood, effect.number, check=check, as_json=as_json)


def _add_list(app: typer.Typer, kind: Kind) -> None:
    @app.command("list", help="List the imports: which file, which days, by whom and when.")
    def list_command(
        site: Annotated[str, typer.Option("--site", help="Only those of this site.")] = "",
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from app.opening import open_engine
        from db.reading.figures import imports
        from db.session import reading

        with reading(open_engine(settings(config))) as connection:
            found = imports(connection, kind, [site] if site else None).to_dict("records")
        if as_json:
            print_json(found)
            return
        site_column, file_column = (Column(name, overflow="fold") for name in ("site", "file"))
        span, by = Column("from, to", no_wrap=True), Column("by, when (UTC)", overflow="fold")
        table = Table(Column("no.", no_wrap=True), site_column, file_column, span, "days", "stand", by)
        for one in found:
            days = f"{one['first_day']}\n{one['last_day']}"
            told = (str(one[name]) for name in ("days", "days_left"))
            who = Text(f"{one['imported_by']}\n{one['imported_at']:%Y-%m-%d %H:%M}")
            table.add_row(str(one["number"]), Text(one["site"]), Text(one["file"]), days, *told, who)
        console.print(table if found else f"no {kind} were imported yet; docs/sales.md says how")


def _add_remove(app: typer.Typer, kind: Kind) -> None:
    @app.command("remove", help="Remove what an import brought, as far as nothing took its place since.")
    def remove(
        number: Annotated[int, typer.Argument(help="The number that the list shows.")],
        site: SiteOption = "",
        config: ConfigOption = None,
    ) -> None:
        from db.writing.figures import remove_import

        _, engine, name = _at(config, site)
        days = remove_import(engine, name, kind, number)
        between = f", {days[0]} to {days[-1]}" if days else ""
        what = "1 day" if len(days) == 1 else f"{len(days)} days"
        console.print(f"removed import {number}: {what}{between}; what it had replaced does not come back")


def export(
    first: Annotated[str, typer.Option("--from", help="The first day: YYYY-MM-DD, yesterday or today.")],
    last: Annotated[str, typer.Option("--to", help="The last day, included.")],
    by: Annotated[Grain, typer.Option("--by", help="One row a day, or a clock hour of a day.")] = Grain.DAY,
    out: Annotated[str, typer.Option("--out", help="A file (.csv, .xlsx, .parquet), or - for standard output.")] = "-",
    site: SiteOption = "",
    config: ConfigOption = None,
) -> None:
    """Write came in, transactions, sales, conversion and the others of a range of days, by entrance where told."""
    from app.cli.moments import parse_day
    from reports.files import as_named, write_atomically
    from reports.sales import sales_table

    chosen, engine, name = _at(config, site)
    today = datetime.now(UTC).astimezone(chosen.sites[name].zone).date()
    days = parse_day(first, "--from", today), parse_day(last, "--to", today)
    if not days[0] <= days[1] <= days[0] + timedelta(days=3660):
        raise ConfigError("--to must not come before --from, nor more than ten years after it")
    with_staff = chosen.reid.staff_in_visits
    content = as_named(sales_table(engine, name, days, by_hour=by is Grain.HOUR, with_staff=with_staff), out)
    if out == "-":
        sys.stdout.buffer.write(content)
        return
    write_atomically(Path(out), content)
    console.print(Text(f"wrote {out}"))


def _at(config: Path | None, site: str) -> tuple[Config, Engine, str]:
    """Return the settings, the database and the site that is meant."""
    from app.cli.report import chosen_site
    from app.opening import open_engine
    from db.store import Store

    chosen = settings(config)
    engine = open_engine(chosen)
    chosen = Store(engine).completed(chosen)
    return chosen, engine, chosen_site(chosen, site)


def _content(file: Path) -> bytes:
    from analytics.figures.text import LARGEST_BYTES

    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None


def _say(understood: Understood, number: int | None, *, check: bool, as_json: bool) -> None:
    from reports.figure_import import what_changes, what_was_read

    effect, days = understood.effect, understood.package.days
    if as_json:
        file = understood.file
        document: dict[str, object] = {
            "import": number,
            "stored": number is not None,
            "columns": file.columns,
            "lines": file.lines,
            "first_day": days[0],
            "last_day": days[-1],
            "new_days": _dates(effect.new_days),
            "replaced_days": _dates(effect.replaced_days),
            "same_days": len(effect.same_days),
        }
        print_json(document)
        return
    for sentence in what_was_read(understood):
        console.print(Text(sentence))
    stored = "nothing was stored (--check)" if check else "" if number is None else f"stored as import {number}"
    console.print(Text(" ".join(filter(None, [what_changes(effect), stored]))))


def _dates(days: tuple[date, ...]) -> list[str]:
    return [day.isoformat() for day in days]
