"""The tables of figures from outside: sales, hours of staff, weather, and who imported them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class FigureImportRow(Base):
    """One file that was imported: by whom and when, its days, how many of them took the place of earlier figures.

    `kind` is sales, staff-hours or weather; `columns` says which column of the file meant what.
    """

    __tablename__ = "figure_imports"
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    file: Mapped[str] = mapped_column(String(500))
    sha256: Mapped[str] = mapped_column(String(64))
    columns: Mapped[dict[str, Any]]
    currency: Mapped[str] = mapped_column(String(3))
    first_day: Mapped[date]
    last_day: Mapped[date]
    days: Mapped[int]
    replaced_days: Mapped[int]
    imported_by: Mapped[str] = mapped_column(String(200))
    imported_at: Mapped[datetime]


class FigureRow(Base):
    """One figure of a local day; `hour` is a clock hour or -1 for the whole day, `entrance` empty for the whole site.

    `value` counts transactions, ten-thousandths of the currency (sales) or seconds (staff), by `measure`.
    """

    __tablename__ = "figures"
    __table_args__ = (Index(None, "import_id"), {"sqlite_with_rowid": False})
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    entrance: Mapped[str] = mapped_column(String(200), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
    import_id: Mapped[int] = mapped_column(ForeignKey("figure_imports.id"))


class WeatherRow(Base):
    """The weather of a site's local day."""

    __tablename__ = "weather"
    __table_args__ = (Index(None, "import_id"), {"sqlite_with_rowid": False})
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    temperature_c: Mapped[float | None]
    rain_mm: Mapped[float | None]
    words: Mapped[str] = mapped_column(String(200))
    import_id: Mapped[int] = mapped_column(ForeignKey("figure_imports.id"))
