"""The files about a day: its page as PDF and its table as CSV, by the functions of page and report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Engine

from dashboard.numbers.ground import Ground, lay
from dashboard.numbers.kept import forget_kept
from footfall.config import Config
from notices.day import DayTold, day_told
from notices.letters import Attachment
from notices.paper import paper
from reports.files import form_of, to_csv
from reports.writer import ReportWriter


def day_page(
    config: Config, engine: Engine, site: str, day: date, clock: Callable[[], datetime]
) -> tuple[DayTold, list[Attachment]]:
    """Return what is told of a day, and its PDF and CSV, as the database has it now.

    Raises:
        ConfigError: the packages for PDF are missing.
        StoreError: there is no such site, or the database is away.
    """
    told, pdf = day_pdf(config, engine, (site, day), clock)
    files = [Attachment(f"{site}_{day}.pdf", "application/pdf", pdf)]
    if config.mail.attach_csv:
        table = ReportWriter(engine, config.report, now=clock, reid=config.reid).table(site, day)
        files.append(Attachment(f"{site}_{day}.csv", "text/csv", to_csv(table, form_of(config.report))))
    return told, files


def day_pdf(
    config: Config, engine: Engine, which: tuple[str, date], clock: Callable[[], datetime]
) -> tuple[DayTold, bytes]:
    """Return what is told of (site, day), and its page as PDF.

    Raises:
        ConfigError: the packages for PDF are missing.
        StoreError: there is no such site, or the database is away.
    """
    lay(Ground(config, engine, clock))
    forget_kept()  # what is told once must not be what was read a minute ago
    told = day_told(*which)
    return told, paper(told, config.report.pdf_fonts)
