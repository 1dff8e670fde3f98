"""`footfall audits`: what people counted by hand, and what it says about the cameras."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column, Table
from rich.text import Text

from app.cli.output import ConfigOption, JsonOption, console, print_json, settings
from footfall.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from reports.audits import CheckedAudit

app = typer.Typer(help="Counts by hand beside the cameras.", no_args_is_help=True)
SHORT = 8  # signs of an audit's name that tell it from the others
AuditArgument = Annotated[str, typer.Argument(help="The audit of `footfall audits list`; its beginning is enough.")]


@app.command("list")
def list_command(
    site: Annotated[str, typer.Option("--site", help="Only those of this site.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the audits: who counted where and when, what the cameras counted, and whether the audit holds."""
    found = _checked(_engine(config), site)
    if as_json:
        print_json([_document(one) for one in found])
        return
    several = len({one.audit.site for one in found}) > 1
    name, when, rate = Column("audit", no_wrap=True), Column("when", min_width=11), Column("of 100", min_width=8)
    table = Table(name, Column("where", overflow="fold"), "by", when, "by hand", "by camera", rate, "counts")
    for one in found:
        table.add_row(*_cells(one, with_site=several))
    console.print(table if found else "nobody has counted by hand yet; docs/audits.md says how")
    for one in found:  # too long for a column
        if one.void:
            left_open = "; `footfall audits end` ends one that was left open" if one.audit.ended_at is None else ""
            console.print(Text(f"{str(one.audit.uid)[:SHORT]} does not count: {one.void}{left_open}"))


@app.command()
def export(
    audit: Annotated[str, typer.Argument(help="The audit of `footfall audits list`; without one, all of them.")] = "",
    out: Annotated[str, typer.Option("--out", help="A file, or - for standard output.")] = "-",
    config: ConfigOption = None,
) -> None:
    """Write a CSV with every tap, what became of it, the comparison, and the settings that it rests on."""
    from reports.audit_files import audit_rows
    from reports.files import to_csv, write_atomically

    engine = _engine(config)
    found = _checked(engine, "")
    content = to_csv(audit_rows(engine, [_one(found, audit)] if audit else found))
    if out == "-":
        sys.stdout.buffer.write(content)
        return
    write_atomically(Path(out), content)
    console.print(Text(f"wrote {out}"))


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV with the columns time, direction, gender and age.")],
    entrance: Annotated[str, typer.Option("--entrance", help="Where was counted.")],
    day: Annotated[str, typer.Option("--day", help="The mall's local day: YYYY-MM-DD, yesterday or today.")],
    begin: Annotated[str, typer.Option("--from", help="When counting began, like 10:00.")],
    end: Annotated[str, typer.Option("--to", help="When it ended, like 10:15.")],
    auditor: Annotated[str, typer.Option("--auditor", help="Who counted.")],
    camera: Annotated[str, typer.Option("--camera", help="Only this camera of the entrance.")] = "",
    site: Annotated[str, typer.Option("--site", help="The site, when there are several.")] = "",
    config: ConfigOption = None,
) -> None:
    """Read a printed sheet that was typed into a CSV; nothing of it is stored while a line is wrong."""
    from app.cli.report import chosen_site
    from app.sheets import Sheet, read_sheet
    from db.store import Store
    from db.writing.audits import save_audit

    chosen = settings(config)
    engine = _engine(config)
    chosen = Store(engine).completed(chosen)
    name = chosen_site(chosen, site)
    sheet = Sheet(name, entrance, camera, auditor.strip(), day, (begin, end))
    audit, taps = read_sheet(file, sheet, chosen.sites[name].zone, datetime.now(UTC))
    save_audit(engine, audit, taps)
    one = _one(_checked(engine, name), str(audit.uid))
    people = "1 person" if len(taps) == 1 else f"{len(taps)} people"
    console.print(Text(f"read {people} into audit {str(audit.uid)[:SHORT]}"))
    _print_words(one)


@app.command()
def void(
    audit: AuditArgument,
    why: Annotated[str, typer.Option("--why", help="What was wrong with it; empty takes that back.")],
    config: ConfigOption = None,
) -> None:
    """Say that an audit does not count, as when somebody was called away, and why."""
    from db.writing.audits import void_audit

    engine = _engine(config)
    one = _one(_checked(engine, ""), audit)
    void_audit(engine, one.audit.uid, why)
    console.print(Text(f"audit {str(one.audit.uid)[:SHORT]} " + (f"does not count: {why}" if why else "counts again")))


@app.command()
def end(audit: AuditArgument, config: ConfigOption = None) -> None:
    """End an audit that was left open: a second after its last tap, as nobody knows who stood there later."""
    from db.writing.audits import end_audit

    engine = _engine(config)
    one = _one(_checked(engine, ""), audit)
    ended_at = end_audit(engine, one.audit.uid, datetime.now(UTC)).astimezone(one.stored.zone)
    console.print(Text(f"audit {str(one.audit.uid)[:SHORT]} ended at {ended_at:%Y-%m-%d %H:%M:%S}, with its last tap"))
    _print_words(_one(_checked(engine, ""), str(one.audit.uid)))


def _engine(config: Path | None) -> Engine:
    from app.opening import open_engine

    return open_engine(settings(config))


def _checked(engine: Engine, site: str) -> list[CheckedAudit]:
    from reports.audits import checked_audits

    return checked_audits(engine, [site] if site else None, datetime.now(UTC))


def _one(found: list[CheckedAudit], name: str) -> CheckedAudit:
    fitting = [one for one in found if str(one.audit.uid).startswith(name.lower())]
    if len(fitting) == 1:
        return fitting[0]
    problem = "several audits begin" if fitting else "no audit begins"
    raise ConfigError(f"{problem} with {name!r}; `footfall audits list` shows them")


def _cells(one: CheckedAudit, *, with_site: bool) -> tuple[str | Text, ...]:
    audit, zone = one.audit, one.stored.zone
    start, total = audit.started_at.astimezone(zone), one.comparison.total if one.comparison else None
    end = "…" if audit.ended_at is None else f"{audit.ended_at.astimezone(zone):%H:%M}"
    place = (f"{audit.site}: " if with_site else "") + audit.entrance + (f" ({audit.camera})" if audit.camera else "")
    rate = _rate(one)
    return (
        str(audit.uid)[:SHORT],
        Text(place),
        Text(audit.auditor),
        f"{start:%Y-%m-%d} {start:%H:%M}-{end}",
        str(one.stored.taps if total is None else total.tapped),
        "" if total is None else str(total.counted),
        "" if rate is None else f"{rate[0]:.0f} ({rate[1]:.0f}-{rate[2]:.0f})",
        "no" if one.void else "yes" if one.is_final else "not yet final",
    )


def _rate(one: CheckedAudit) -> tuple[float, float, float] | None:
    from analytics.audits import recall_of

    rate = None if one.comparison is None else recall_of(one.comparison.total)
    return None if rate is None else (100 * rate.estimate, 100 * rate.low, 100 * rate.high)


def _document(one: CheckedAudit) -> dict[str, Any]:
    from reports.audit_words import told

    audit, rate = one.audit, _rate(one)
    return {
        "uid": audit.uid,
        "site": audit.site,
        "entrance": audit.entrance,
        "camera": audit.camera,
        "auditor": audit.auditor,
        "source": audit.source,
        "started_at": audit.started_at,
        "ended_at": audit.ended_at,
        "by_hand": one.stored.taps,
        "by_camera": None if one.comparison is None else one.comparison.total.counted,
        "matched": None if one.comparison is None else one.comparison.total.matched,
        "recall": None if rate is None else [round(part / 100, 4) for part in rate],
        "final": one.is_final,
        "void": one.void,
        "words": told(one),
    }


def _print_words(one: CheckedAudit) -> None:
    from reports.audit_words import told

    words = told(one)
    for sentence in (words["headline"], *words["sentences"]):
        console.print(Text(sentence))
    if one.void:
        console.print(Text(f"it does not count: {one.void}"))
