"""Imports of figures from outside: what a file holds takes the place of what was there, or nothing happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, Engine, and_, delete, insert, select, tuple_

from db.figure_models import FigureImportRow, FigureRow, WeatherRow
from db.models import SiteRow
from db.session import reading, transact
from db.writing.registry import lock_sites, storable
from footfall.errors import StoreError
from footfall.figures import WHOLE_SITE, DayWeather, Figure, Kind, Measure, Source

ROWS_AT_ONCE = 400
Stored = Figure | DayWeather


@dataclass(frozen=True, slots=True)
class Package:
    """What a file holds: figures or weather of a site, where it comes from, and which column meant what."""

    site: str
    kind: Kind
    source: Source
    columns: dict[str, str]
    figures: tuple[Figure, ...] = ()
    weather: tuple[DayWeather, ...] = ()

    @property
    def days(self) -> list[date]:
        """The days that it speaks of."""
        return sorted({one.day for one in self.figures} | {one.day for one in self.weather})


@dataclass(frozen=True, slots=True)
class Effect:
    """What an import does, or did: days that are new, days whose figures change, days that stay as they are.

    `number` is that of the stored import, None where nothing changed or nothing was stored yet.
    """

    new_days: tuple[date, ...]
    replaced_days: tuple[date, ...]
    same_days: tuple[date, ...]
    number: int | None = None


def foresee(engine: Engine, package: Package) -> Effect:
    """Return what `store_figures` would do.

    Raises:
        StoreError: as `store_figures`.
    """
    with reading(engine) as connection:
        return _effect(connection, _site_id(connection, package), package)


def store_figures(engine: Engine, package: Package, now: datetime) -> Effect:
    """Store what a file holds; figures of the same measure and day (and entrance) go. The same file changes nothing.

    Raises:
        StoreError: the site is unknown, or has amounts of another currency.
    """
    return transact(engine, _store, package, now)


def remove_import(engine: Engine, site: str, kind: Kind, number: int) -> list[date]:
    """Remove the figures that came with an import and were not replaced since; return their days.

    Raises:
        StoreError: there is no such import at the site.
    """
    return transact(engine, _remove, site, kind, number)


def _store(connection: Connection, package: Package, now: datetime) -> Effect:
    site_id = _site_id(connection, package)
    lock_sites(connection, [site_id])
    effect = _effect(connection, site_id, package)
    changed = {*effect.new_days, *effect.replaced_days}
    if not changed:
        return effect
    values = {
        "site_id": site_id,
        "kind": package.kind,
        "file": storable(package.source.file, 500),
        "sha256": package.source.sha256,
        "columns": {name: storable(column) for name, column in package.columns.items()},
        "currency": package.source.currency if package.kind == "sales" else "",
        "first_day": min(changed),
        "last_day": max(changed),
        "days": len(changed),
        "replaced_days": len(effect.replaced_days),
        "imported_by": storable(package.source.by),
        "imported_at": now,
    }
    statement = insert(FigureImportRow).values(**values).returning(FigureImportRow.id)
    number = int(connection.execute(statement).scalar_one())
    _put_figures(connection, site_id, number, [one for one in package.figures if one.day in changed])
    _put_weather(connection, site_id, number, [one for one in package.weather if one.day in changed])
    return Effect(effect.new_days, effect.replaced_days, effect.same_days, number)


def _put_figures(connection: Connection, site_id: int, number: int, figures: Sequence[Figure]) -> None:
    row, keys = FigureRow, sorted({(one.measure, one.day, one.entrance) for one in figures})
    places = {(measure, day): entrance == WHOLE_SITE for measure, day, entrance in keys}
    # One day is told by entrance or without; the other way of telling it goes as well.
    for part in _parts(sorted(places)):
        whole = [key for key in part if places[key]]
        by_entrance = [key for key in part if not places[key]]
        mine = row.site_id == site_id
        connection.execute(delete(row).where(mine, tuple_(row.measure, row.day).in_(whole)))
        others = and_(tuple_(row.measure, row.day).in_(by_entrance), row.entrance == WHOLE_SITE)
        connection.execute(delete(row).where(mine, others))
    for places_part in _parts(keys):
        match = tuple_(row.measure, row.day, row.entrance).in_(places_part)
        connection.execute(delete(row).where(row.site_id == site_id, match))
    rows: list[dict[str, Any]] = [
        {
            "site_id": site_id,
            "measure": one.measure,
            "day": one.day,
            "entrance": one.entrance,
            "hour": one.hour,
            "value": one.value,
            "import_id": number,
        }
        for one in figures
    ]
    if rows:
        connection.execute(insert(row), rows)


def _put_weather(connection: Connection, site_id: int, number: int, weather: Sequence[DayWeather]) -> None:
    for part in _parts([one.day for one in weather]):
        connection.execute(delete(WeatherRow).where(WeatherRow.site_id == site_id, WeatherRow.day.in_(part)))
    rows = [
        {
            "site_id": site_id,
            "day": one.day,
            "temperature_c": one.temperature_c,
            "rain_mm": one.rain_mm,
            "words": storable(one.words),
            "import_id": number,
        }
        for one in weather
    ]
    if rows:
        connection.execute(insert(WeatherRow), rows)


def _site_id(connection: Connection, package: Package) -> int:
    site_id = connection.execute(select(SiteRow.id).where(SiteRow.name == package.site)).scalar_one_or_none()
    if site_id is None:
        raise StoreError(f"no site {package.site!r} in the database; start the program once with its settings")
    if package.kind == "sales":
        stored = (
            select(FigureImportRow.currency)
            .where(FigureImportRow.site_id == site_id, FigureImportRow.kind == "sales")
            .order_by(FigureImportRow.id.desc())
            .limit(1)
        )
        before = connection.execute(stored).scalar_one_or_none()
        if before not in (None, package.source.currency):
            raise StoreError(
                f"the sales of {package.site} are in {before or 'a currency without a name'}, these in "
                f"{package.source.currency or 'one without a name'}; set sites.{package.site}.currency back, or remove "
                "the earlier imports"
            )
    return int(site_id)


def _effect(connection: Connection, site_id: int, package: Package) -> Effect:
    days = package.days
    if package.kind == "weather":
        before = _stored_weather(connection, site_id, days)
    else:
        before = _stored_figures(connection, site_id, days, sorted({one.measure for one in package.figures}))
    by_day: dict[date, tuple[set[Stored], set[Stored]]] = {day: (set(), set()) for day in days}
    after: list[Stored] = [*package.figures, *package.weather]
    for side, told in enumerate((before, after)):
        for one in told:
            by_day[one.day][side].add(one)
    ways: dict[tuple[str, date], set[str]] = {}
    for figure in package.figures:
        ways.setdefault((figure.measure, figure.day), set()).add(figure.entrance)
    new: list[date] = []
    replaced: list[date] = []
    same: list[date] = []
    for day, (was, becomes) in by_day.items():
        stays = becomes | {one for one in was if isinstance(one, Figure) and not _goes(one, ways)}
        (same if was == stays else replaced if was else new).append(day)
    return Effect(tuple(new), tuple(replaced), tuple(same))


def _goes(figure: Figure, ways: Mapping[tuple[str, date], set[str]]) -> bool:
    """Return whether a stored figure makes room for a file that tells its day at the entrances in `ways`."""
    told = ways.get((figure.measure, figure.day), set())
    return bool(told) and (figure.entrance in told or WHOLE_SITE in told or figure.entrance == WHOLE_SITE)


def _stored_figures(
    connection: Connection, site_id: int, days: Sequence[date], measures: Sequence[str]
) -> list[Stored]:
    row = FigureRow
    found: list[Stored] = []
    for part in _parts(days):
        query = select(row.measure, row.day, row.hour, row.entrance, row.value).where(
            row.site_id == site_id, row.day.in_(part), row.measure.in_(measures)
        )
        found += [Figure(cast(Measure, one[0]), *one[1:]) for one in connection.execute(query)]
    return found


def _stored_weather(connection: Connection, site_id: int, days: Sequence[date]) -> list[Stored]:
    row = WeatherRow
    found: list[Stored] = []
    for part in _parts(days):
        query = select(row.day, row.temperature_c, row.rain_mm, row.words)
        query = query.where(row.site_id == site_id, row.day.in_(part))
        found += [DayWeather(*one) for one in connection.execute(query)]
    return found


def _remove(connection: Connection, site: str, kind: Kind, number: int) -> list[date]:
    row = FigureImportRow
    query = select(row.id, row.site_id).join(SiteRow, SiteRow.id == row.site_id)
    found = connection.execute(query.where(row.id == number, row.kind == kind, SiteRow.name == site)).one_or_none()
    if found is None:
        raise StoreError(f"no import {number} of {kind} at {site}; `footfall {kind} list` shows them")
    lock_sites(connection, [found.site_id])
    days: set[date] = set()
    for table in (FigureRow, WeatherRow):
        days |= set(connection.execute(select(table.day).distinct().where(table.import_id == number)).scalars())
        connection.execute(delete(table).where(table.import_id == number))
    connection.execute(delete(row).where(row.id == number))
    return sorted(days)


def _parts(items: Sequence[Any]) -> list[Sequence[Any]]:
    return [items[first : first + ROWS_AT_ONCE] for first in range(0, len(items), ROWS_AT_ONCE)]
