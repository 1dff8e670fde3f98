"""A file of sales, staff hours or weather: what was understood, what it would change, and the change itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Engine

from analytics.figures.reading import Asked, FigureFile, read_figures
from analytics.figures.values import DayOrder, Point
from db.reading.figures import entrances
from db.session import reading
from db.writing.figures import Effect, Package, foresee, store_figures
from footfall.errors import ConfigError
from footfall.figures import Kind, Source, money, staff_hours

SEPARATOR_NAMES = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars"}
MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to import: what kind of file, for which site, who, and what is said of the file."""

    site: str
    kind: Kind
    file: str
    by: str
    today: date
    currency: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    order: DayOrder | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A file that can be imported, and what that would do."""

    file: FigureFile
    package: Package
    effect: Effect


def understand(engine: Engine, content: bytes, wanted: Wanted) -> Understood:
    """Read a file and say what importing it would do; nothing is stored.

    Raises:
        ConfigError: the file cannot be understood, or lines of it are wrong.
        StoreError: the site is unknown, or has amounts of another currency.
    """
    with reading(engine) as connection:
        known = entrances(connection, wanted.site)
    asked = Asked(wanted.kind, known, wanted.today, wanted.columns, wanted.order, wanted.point)
    try:
        file = read_figures(content, asked)
    except ConfigError as error:
        raise ConfigError(f"{wanted.file}: {error}") from None
    source = Source(wanted.file, file.sha256, wanted.by, wanted.currency)
    package = Package(wanted.site, wanted.kind, source, file.columns, file.figures, file.weather)
    return Understood(file, package, foresee(engine, package))


def keep(engine: Engine, understood: Understood, now: datetime) -> Effect:
    """Store what was understood; the same file again changes nothing.

    Raises:
        StoreError: the database refused.
    """
    return store_figures(engine, understood.package, now)


def what_was_read(understood: Understood) -> list[str]:
    """Return in sentences how the file was understood: lines, columns, days, totals."""
    file, days = understood.file, understood.package.days
    columns = ", ".join(f"{column} is {name}" for name, column in file.columns.items())
    told = [
        f"{_many(file.lines, 'line')}, separated by {SEPARATOR_NAMES[file.separator]}: {columns}.",
        f"{_span(days)}{_holes(days)}.",
    ]
    totals = _totals(understood)
    if totals:
        told.append(f"In all {', '.join(totals)}.")
    if file.added_up:
        told.append(f"{_many(file.added_up, 'line')} of the same hour and place as another added to it.")
    if file.left_out:
        told.append(f"{_many(file.left_out, 'line')} with totals left out.")
    return told


def what_changes(effect: Effect) -> str:
    """Return in one sentence which days are new, replaced, or the same as before."""
    if not effect.new_days and not effect.replaced_days:
        return "Nothing changes: these days are known exactly like this."
    parts = []
    if effect.new_days:
        parts.append(f"{_many(len(effect.new_days), 'day')} new")
    if effect.replaced_days:
        named = ", ".join(str(day) for day in effect.replaced_days[:MOST_NAMED])
        more = ", …" if len(effect.replaced_days) > MOST_NAMED else ""
        parts.append(f"{_many(len(effect.replaced_days), 'day')} replaced ({named}{more})")
    if effect.same_days:
        parts.append(f"{_many(len(effect.same_days), 'day')} as before")
    return f"{', '.join(parts)}."


def _totals(understood: Understood) -> list[str]:
    file, currency = understood.file, understood.package.source.currency
    transactions, sales, staff = file.total("transactions"), file.total("sales"), file.total("staff")
    told = []
    if transactions is not None:
        told.append(_many(transactions, "transaction"))
    if sales is not None:
        told.append(f"sales of {money(sales, currency)}")
    if staff is not None:
        told.append(f"{staff_hours(staff)} of staff")
    wet = sum((one.rain_mm or 0) > 0 for one in file.weather)
    if file.weather:
        told.append(_many(wet, "day") + " with rain")
    return told


def _span(days: list[date]) -> str:
    return f"1 day, {days[0]}" if len(days) == 1 else f"{len(days):,} days from {days[0]} to {days[-1]}"


def _holes(days: list[date]) -> str:
    missing = (days[-1] - days[0]).days + 1 - len(days)
    return f", {_many(missing, 'day')} between them without a figure" if missing else ""


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
