"""Figures from outside, as tidy DataFrames, and the imports they came with."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection, exists, func, select

from db.figure_models import FigureImportRow, FigureRow, WeatherRow
from db.models import CameraRow, SiteRow
from db.reading.queries import table_of
from db.reading.selection import Selection
from footfall.figures import Kind

FIGURE_COLUMNS = ("site", "measure", "day", "hour", "entrance", "value")
WEATHER_COLUMNS = ("site", "day", "temperature_c", "rain_mm", "words")
IMPORT_COLUMNS = ("number", "site", "kind", "file", "first_day", "last_day", "days", "replaced_days")


def figures(connection: Connection, selection: Selection) -> pd.DataFrame:
    """Return FIGURE_COLUMNS: `hour` is -1 for a whole day, `entrance` empty for the whole site, `value` int64."""
    row = FigureRow
    query = (
        select(SiteRow.name, row.measure, row.day, row.hour, row.entrance, row.value)
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(row.day.between(selection.first_day, selection.last_day))
    )
    if selection.sites is not None:
        query = query.where(SiteRow.name.in_(selection.sites))
    return table_of(connection.execute(query).all(), FIGURE_COLUMNS).astype({"value": "int64", "hour": "int64"})


def weather(connection: Connection, selection: Selection) -> pd.DataFrame:
    """Return site, day, temperature_c and rain_mm (NaN where not known), words, in the order of days."""
    row = WeatherRow
    query = (
        select(SiteRow.name, row.day, row.temperature_c, row.rain_mm, row.words)
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(row.day.between(selection.first_day, selection.last_day))
        .order_by(row.day, SiteRow.name)
    )
    if selection.sites is not None:
        query = query.where(SiteRow.name.in_(selection.sites))
    return table_of(connection.execute(query).all(), WEATHER_COLUMNS).astype(
        {"temperature_c": "float64", "rain_mm": "float64"}
    )


def imports(connection: Connection, kind: Kind | None = None, sites: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the imports, newest first: IMPORT_COLUMNS, currency, imported_by, imported_at, days_left.

    `days_left` is on how many days figures of this import still stand, the others having been replaced.
    """
    row = FigureImportRow
    left = [
        select(func.count(table.day.distinct())).where(table.import_id == row.id).correlate(row).scalar_subquery()
        for table in (FigureRow, WeatherRow)
    ]
    query = (
        select(row.id, SiteRow.name, row.kind, row.file, row.first_day, row.last_day, row.days, row.replaced_days)
        .add_columns(row.currency, row.imported_by, row.imported_at, left[0] + left[1])
        .join(SiteRow, SiteRow.id == row.site_id)
        .order_by(row.id.desc())
    )
    if kind is not None:
        query = query.where(row.kind == kind)
    if sites is not None:
        query = query.where(SiteRow.name.in_(sites))
    columns = (*IMPORT_COLUMNS, "currency", "imported_by", "imported_at", "days_left")
    return table_of(connection.execute(query).all(), columns)


def has_figures(connection: Connection, sites: Sequence[str]) -> bool:
    """Return whether sales or hours of staff of one of `sites` were imported."""
    ids = select(SiteRow.id).where(SiteRow.name.in_(sites))
    return bool(connection.execute(select(exists().where(FigureRow.site_id.in_(ids)))).scalar_one())


def currency_of(connection: Connection, site: str) -> str:
    """Return the currency of the site's sales, empty when none is named."""
    row = FigureImportRow
    query = (
        select(row.currency)
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(SiteRow.name == site, row.kind == "sales")
        .order_by(row.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none() or ""


def entrances(connection: Connection, site: str) -> tuple[str, ...]:
    """Return the names of the site's entrances."""
    query = (
        select(CameraRow.entrance)
        .distinct()
        .join(SiteRow, SiteRow.id == CameraRow.site_id)
        .where(SiteRow.name == site)
        .order_by(CameraRow.entrance)
    )
    return tuple(connection.execute(query).scalars())
