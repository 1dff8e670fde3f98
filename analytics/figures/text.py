"""A CSV of any spreadsheet or till as rows of cells: its encoding and separator are found, not asked for."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from footfall.errors import ConfigError

LARGEST_BYTES = 8 * 2**20
MOST_LINES = 200_000
SEPARATORS = ";,\t|"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Lines:
    """The header of a file and its lines that are not empty, each with its number; `separator` is what was found."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    separator: str


def read_lines(content: bytes) -> Lines:
    """Return the cells of a CSV in UTF-8 or UTF-16, with or without a byte order mark, or in Windows-1252.

    Raises:
        ConfigError: it is no text, too large, or has no line below its header.
    """
    if len(content) > LARGEST_BYTES:
        raise ConfigError(f"has more than {LARGEST_BYTES // 2**20} MiB; import a year at a time")
    lines = _decoded(content).splitlines()
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise ConfigError("is empty")
    separator = max(SEPARATORS, key=lines[first].count)
    reader = csv.reader(lines[first:], delimiter=separator)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        header = tuple(name.strip() for name in next(reader))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((first + reader.line_num, tuple(cell.strip() for cell in cells)))
    except csv.Error as error:
        raise ConfigError(f"line {first + reader.line_num}: is no line of a CSV: {error}") from None
    if not rows:
        raise ConfigError("has no line below its header")
    if len(rows) > MOST_LINES:
        raise ConfigError(f"has more than {MOST_LINES:,} lines; import a year at a time")
    return Lines(header, tuple(rows), separator)


def _decoded(content: bytes) -> str:
    if content.startswith(UTF_16_MARKS):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ConfigError("is no text; export it as CSV, not as a workbook (.xlsx)")
