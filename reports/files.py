"""A report as bytes: CSV (the same table gives the same bytes), Parquet or an Excel workbook."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from footfall.config_sections import ReportConfig
from footfall.errors import StoreError

# A cell that begins with one of these is run as a formula by spreadsheet programs.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
SHARES = ("share", "observed_share", "coverage")
ESTIMATES = ("estimate", "low", "high")
"""Shares in [0, 1], or in totals a number of people."""
TOTALS = "total"
"""How the kinds of rows end in which estimates are people."""


def harmless(text: str) -> str:
    """Return `text` without control characters, and with an apostrophe in front where it would run as a formula."""
    plain = "".join(" " if ord(sign) < 32 or ord(sign) == 127 else sign for sign in text)
    return f"'{plain}" if plain.lstrip().startswith(FORMULA_STARTS) else plain


@dataclass(frozen=True, slots=True)
class CsvForm:
    """What stands between cells, and between a whole number and its digits; the default is that of RFC 4180."""

    separator: str = ","
    decimal: str = "."


RFC_4180 = CsvForm()


def form_of(settings: ReportConfig) -> CsvForm:
    """Return the form that the settings ask for."""
    return CsvForm(settings.csv_separator, settings.csv_decimal)


def to_csv(table: pd.DataFrame, form: CsvForm = RFC_4180) -> bytes:
    """Return CSV: UTF-8 with a byte order mark (Excel needs it), CRLF, quotes where needed, yes and no."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n", delimiter=form.separator)
    writer.writerow(table.columns)
    for row, people in zip(table.itertuples(index=False, name=None), _about_people(table), strict=True):
        cells = zip(table.columns, row, strict=True)
        writer.writerow([_text(name, value, people, form.decimal) for name, value in cells])
    return text.getvalue().encode("utf-8-sig")


def to_parquet(table: pd.DataFrame) -> bytes:
    """Return a Parquet file with typed columns; texts as they are, since nothing runs formulas there."""
    stream = io.BytesIO()
    table.to_parquet(stream, index=False, engine="pyarrow")
    return stream.getvalue()


def to_excel(table: pd.DataFrame) -> bytes:
    """Return an Excel workbook of one sheet with numbers as numbers, a fixed header row and filters."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Footfall"
    sheet.append(list(table.columns))
    for row in table.itertuples(index=False, name=None):
        sheet.append([_cell(value) for value in row])
    for number, name in enumerate(table.columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = max(10, len(name) + 2)
        if name in SHARES:
            for cell in sheet[letter][1:]:
                cell.number_format = "0.00%"
        if name in ESTIMATES:
            for cell, people in zip(sheet[letter][1:], _about_people(table), strict=True):
                cell.number_format = "0" if people else "0.00%"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_named(table: pd.DataFrame, name: str, form: CsvForm = RFC_4180) -> bytes:
    """Return the file that the ending of `name` asks for: .xlsx a workbook, .parquet Parquet, anything else CSV."""
    typed = {".xlsx": to_excel, ".parquet": to_parquet}.get(Path(name).suffix.lower())
    return to_csv(table, form) if typed is None else typed(table)


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader, or a crash, sees the old file or the new one, never a part.

    Raises:
        StoreError: the folder is missing or cannot be written, or the disk is full.
    """
    staged = stage(path, content)
    try:
        put_in_place(staged, path)
    finally:
        staged.unlink(missing_ok=True)


def stage(path: Path, content: bytes) -> Path:
    """Write `content` to a hidden file beside `path`, safe from a power cut, and return it for `put_in_place`.

    Raises:
        StoreError: the folder is missing or cannot be written, or the disk is full.
    """
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return Path(name)


def put_in_place(staged: Path, path: Path) -> None:
    """Let a staged file take the place of `path` in one step.

    Raises:
        StoreError: the folder cannot be written.
    """
    with _told(path):
        staged.replace(path)
        _sync_folder(path.parent)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written: {error.strerror or error}; check the disk and its rights"
        ) from None


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _about_people(table: pd.DataFrame) -> list[bool]:
    """Return for each row whether an estimate in it is a number of people."""
    if "row" not in table:
        return [False] * len(table)
    return [str(kind).endswith(TOTALS) for kind in table["row"]]


def _text(name: str, value: Any, people: bool, decimal: str) -> str:
    if isinstance(value, str):
        return harmless(value)
    if pd.isna(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in ESTIMATES and people:
        return f"{value:.0f}"
    if name in SHARES or name in ESTIMATES:
        return f"{value:.4f}".replace(".", decimal)
    return value.isoformat() if isinstance(value, date) else str(value)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    if pd.isna(value):
        return None
    return ("yes" if value else "no") if isinstance(value, bool) else value
