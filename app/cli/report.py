"""`footfall report` and `footfall jobs`: the daily CSV, once by hand or every day by itself."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from app.cli.moments import parse_day
from app.cli.output import ConfigOption, JsonOption, console, print_json, settings
from footfall.config import Config
from footfall.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from reports.writer import Outcome


class Detail(StrEnum):
    """How finely a report is cut."""

    DAY = "day"
    HOUR = "hour"


def report(
    day: Annotated[str, typer.Option("--day", help="The mall's local day: YYYY-MM-DD, yesterday or today.")] = "",
    by: Annotated[Detail, typer.Option("--by", help="One row a group and day, or a group and hour.")] = Detail.DAY,
    out: Annotated[
        str,
        typer.Option(
            "--out",
            help="A file, by its ending .xlsx, .parquet, .pdf or CSV; - for standard output. Default: report folder.",
        ),
    ] = "",
    pdf: Annotated[bool, typer.Option("--pdf", help="Write the page of the day as PDF instead of the CSV.")] = False,
    site: Annotated[str, typer.Option("--site", help="The site, when there are several.")] = "",
    derive: Annotated[
        str, typer.Option("--derive", help="Make the written report with this SHA-256 again, and compare the bytes.")
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the CSV of one day (visits by entrance, gender and age group, and how much was observed), or its page."""
    from app.calibrations import keep_calibration
    from app.opening import open_engine
    from db.store import Store
    from reports.files import as_named, form_of
    from reports.writer import ReportWriter

    chosen = settings(config)
    engine = open_engine(chosen)
    if derive:
        _derive(engine, chosen, (derive, by), out, as_json=as_json)
        return
    if not day:
        raise ConfigError("say --day, or --derive with the SHA-256 of a written report")
    chosen = Store(engine).completed(chosen)
    name = chosen_site(chosen, site)
    keep_calibration(engine, chosen)
    today = datetime.now(UTC).astimezone(chosen.sites[name].zone).date()
    moment = parse_day(day, "--day", today)
    if moment > today:
        raise ConfigError(f"--day {moment} has not begun at {name}, where it is {today}; give a day up to today")
    if pdf or Path(out).suffix.lower() == ".pdf":
        _write_pdf(engine, chosen, (name, moment), out, by_hour=by is Detail.HOUR, as_json=as_json)
        return
    writer = ReportWriter(engine, chosen.report, reid=chosen.reid)
    if not out and by is Detail.DAY and not writer.is_over(name, moment):
        path = writer.write_so_far(name, moment)
        if as_json:
            print_json({"path": path, "site": name, "day": moment, "revision": None})
        else:
            console.print(f"wrote {path}; the day is not over, its report follows")
        return
    if not out and by is Detail.DAY:
        outcome = writer.write(name, moment)
        if as_json:
            print_json({**asdict(outcome.report), "written": outcome.written, "fault": outcome.fault})
        else:
            print_outcome(outcome)
            _print_slow(engine, name, moment)
        return
    content = as_named(writer.table(name, moment, by_hour=by is Detail.HOUR), out, form_of(chosen.report))
    usual = chosen.report.directory / f"{name}_{moment.isoformat()}_by_hour.csv"
    _put(content, out, usual, (name, moment), as_json=as_json)


def _write_pdf(
    engine: Engine, config: Config, which: tuple[str, date], out: str, *, by_hour: bool, as_json: bool
) -> None:
    """Write the page of a site's day, to the report folder unless `out` says where."""
    from notices.pages import day_pdf

    if by_hour:
        raise ConfigError("the page as PDF shows the hours anyway; leave out --by hour, or write another format")
    site, day = which
    _told, content = day_pdf(config, engine, which, lambda: datetime.now(UTC))
    _put(content, out, config.report.directory / f"{site}_{day.isoformat()}.pdf", which, as_json=as_json)


def _put(content: bytes, out: str, usual: Path, which: tuple[str, date], *, as_json: bool) -> None:
    """Write a file of a site's day to standard output ("-"), to `out`, or where it `usual`ly lies, and say so."""
    from reports.files import write_atomically

    if out == "-":
        sys.stdout.buffer.write(content)
        return
    path = Path(out) if out else usual
    write_atomically(path, content)
    if as_json:
        print_json({"path": path, "site": which[0], "day": which[1]})
    else:
        console.print(f"wrote {path}")


def _derive(engine: Engine, config: Config, wanted: tuple[str, Detail], out: str, *, as_json: bool) -> None:
    """Make a written report again, in the detail that is wanted; exits 1 when by day it has not the bytes of then."""
    from reports.derive import derive
    from reports.files import write_atomically

    digest, by = wanted
    derived = derive(engine, digest, (config.report, config.reid), datetime.now(UTC), by_hour=by is Detail.HOUR)
    written, sentence = derived.report, "the same bytes" if derived.is_same else "not the bytes that were written"
    if out == "-":
        sys.stdout.buffer.write(derived.content)
    elif out:
        write_atomically(Path(out), derived.content)
    if as_json and out != "-":
        print_json({**asdict(written), "same": derived.is_same, "notes": derived.notes})
    elif out != "-":
        console.print(Text(f"{written.site} {written.day}, revision {written.revision}: {sentence}"))
        for note in derived.notes:
            console.print(Text(note))
    if not derived.is_same:
        raise typer.Exit(1)


def print_outcome(outcome: Outcome) -> None:
    """Say in one line what became of a report."""
    report = outcome.report
    if not outcome.written:
        console.print(f"{report.path} is up to date (revision {report.revision})")
    elif outcome.fault:
        console.print(f"wrote {report.path} again, revision {report.revision}: {outcome.fault}")
    elif report.reason:
        console.print(f"wrote {report.path}, revision {report.revision}: {report.reason}")
    else:
        console.print(f"wrote {report.path}")


def _print_slow(engine: Engine, site: str, day: date) -> None:
    """Say for which cameras the computer was too slow on that day."""
    from analytics.slowness import too_slow
    from db.reading.selection import Selection
    from db.reading.slowness import slow_minutes
    from db.session import reading

    with reading(engine) as connection:
        minutes = slow_minutes(connection, Selection(day, day, sites=(site,)))
    if minutes:
        console.print(too_slow([f"{camera} ({count} min)" for camera, count in minutes.items()]))


def jobs(
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")] = False,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="With --once: report and delete by the clock, whatever was seen.")
    ] = False,
) -> None:
    """Write yesterday's report every day at the configured time, catch up missing days, delete what is too old."""
    from app.calibrations import keep_calibration
    from app.jobs import DailyJobs, run_jobs
    from app.opening import open_engine
    from db.store import Store
    from footfall.logs import log_as_set

    if clock_is_right and not once:
        raise ConfigError("--clock-is-right goes with --once: it is said of the clock as it is now")
    chosen = settings(config)
    engine = open_engine(chosen)
    chosen = Store(engine).completed(chosen)
    log_as_set(chosen)
    if not once:
        run_jobs(chosen, engine)
        return
    keep_calibration(engine, chosen)
    daily = DailyJobs(chosen, engine, clock_is_right=clock_is_right)
    outcomes, believed = daily.run_once(), daily.belief()
    for outcome in outcomes:
        print_outcome(outcome)
    if not outcomes:
        console.print("no report is due")
    if believed.sentence:
        console.print(believed.sentence)
    if believed.stops:
        raise typer.Exit(1)


def chosen_site(config: Config, given: str) -> str:
    """Return the name of the site that was given, or of the only one."""
    from footfall.config_errors import nearest

    if not given and len(config.sites) == 1:
        return next(iter(config.sites))
    if given not in config.sites:
        known = ", ".join(sorted(config.sites))
        asked = f"no site {given!r}{nearest(given, config.sites)}" if given else "there are several sites, say --site"
        raise ConfigError(f"{asked}; configured: {known}")
    return given
