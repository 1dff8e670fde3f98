"""Dates, hours and numbers as spreadsheets of any country write them; where one may mean two things, that is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from footfall.errors import ConfigError

DayOrder = Literal["day-first", "month-first"]
Point = Literal[".", ","]
NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*")
AROUND = re.compile(r"[\s'’_\u00a0\u202f]|[€$£¥]|\b[A-Z]{3}\b|\bCHF\b|mm$|°C$|(?<=\d)h$")
PARTED = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})")
CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*([ap]\.?m\.?)?(?:\s*[-–].*)?", re.IGNORECASE)
TOTALS = ("total", "totals", "sum", "summe", "gesamt", "grand total", "totale", "suma")


@dataclass(frozen=True, slots=True)
class Habits:
    """How a file writes: which of two numbers of a date comes first, and what stands before the decimals."""

    order: DayOrder | None = None
    point: Point | None = None


def day_order(texts: Sequence[str]) -> DayOrder | None:
    """Return which comes first in dates like 03/04/2026, by those that can only be one; None when none tells."""
    firsts, seconds = False, False
    for text in texts:
        match = PARTED.match(text)
        if match is not None:
            firsts, seconds = firsts or int(match[1]) > 12, seconds or int(match[2]) > 12
            if "." in text[: match.end()]:
                return "day-first"  # nobody writes months first with dots
    if firsts and seconds:
        raise ConfigError("its dates are neither all day-first nor all month-first")
    return "day-first" if firsts else "month-first" if seconds else None


def read_day(text: str, order: DayOrder | None) -> date:
    """Return a date, whatever time follows it.

    Raises:
        ConfigError: it is none, or may be two and `order` is None.
    """
    match = PARTED.match(text)
    try:
        if match is None:
            plain = re.split(r"[T ]", text, maxsplit=1)[0]
            return date.fromisoformat(plain)
        if order is None:
            raise ConfigError(f"{text!r} may be two dates; say --dates day-first or --dates month-first")
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        day, month = (first, second) if order == "day-first" else (second, first)
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        raise ConfigError(f"{text!r} is no date; write it like 2026-03-28") from None


def time_within(text: str) -> str:
    """Return the time that stands behind a date, empty without one."""
    match = PARTED.match(text)
    rest = text[match.end() :] if match else re.split(r"[T ]", text, maxsplit=1)[1:]
    return (rest if isinstance(rest, str) else "".join(rest)).strip(" T,")


def read_hour(text: str) -> int:
    """Return the clock hour of texts like 9, 09:30, 9 pm or 09:00-10:00.

    Raises:
        ConfigError: it is none.
    """
    match = CLOCK.fullmatch(text)
    hour = -1 if match is None else int(match[1])
    if match is not None and match[3]:
        hour = -1 if not 1 <= hour <= 12 else hour % 12 + (12 if match[3][0] in "pP" else 0)
    if not 0 <= hour <= 23:
        raise ConfigError(f"{text!r} is no hour; write it like 9 or 09:00")
    return hour


def decimal_point(texts: Sequence[str]) -> Point | None:
    """Return what stands before the decimals, by those numbers that can only be one; None when none tells.

    Raises:
        ConfigError: some numbers have a point there, some a comma.
    """
    found: set[Point] = set()
    for text in texts:
        plain = AROUND.sub("", text)
        commas, points = plain.count(","), plain.count(".")
        if commas and points:
            found.add("," if plain.rfind(",") > plain.rfind(".") else ".")
        elif commas > 1 or points > 1:
            found.add("." if commas else ",")
        elif commas or points:
            mark: Point = "," if commas else "."
            whole, _, rest = plain.partition(mark)
            if len(rest) != 3 or whole.lstrip("+-") in ("", "0"):
                found.add(mark)
    if len(found) > 1:
        raise ConfigError("some of its numbers have a decimal point, some a decimal comma")
    return found.pop() if found else None


def read_number(text: str, point: Point | None) -> Decimal:
    """Return a number without its currency and the marks between thousands.

    Raises:
        ConfigError: it is none, or may be two and `point` is None.
    """
    plain = AROUND.sub("", text).replace("−", "-")
    if plain.endswith("-"):  # as some tills write returns
        plain = f"-{plain[:-1]}"
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    if NUMBER.fullmatch(plain) is None:
        raise ConfigError(f"{text!r} is no number")
    if point is None and ("," in plain or "." in plain):
        raise ConfigError(f"{text!r} may be two numbers; say --decimal , or --decimal .")
    thousands = "," if point == "." else "."
    try:
        return Decimal(plain.replace(thousands, "").replace(point or ".", "."))
    except InvalidOperation:
        raise ConfigError(f"{text!r} is no number") from None


def read_duration_s(text: str, point: Point | None) -> int:
    """Return hours like 7.5 or 7:30 as whole seconds.

    Raises:
        ConfigError: it is none.
    """
    match = re.fullmatch(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d))?", text)
    if match is not None:
        return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)
    return round(read_number(text, point) * 3600)


def is_total(text: str) -> bool:
    """Return whether a line begins as one that adds up the others."""
    return text.casefold().strip(" :") in TOTALS
