"""A file of figures, read whole or not at all: every line is checked before anything of it is stored."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches

from analytics.figures.columns import find_columns
from analytics.figures.text import read_lines
from analytics.figures.values import (
    DayOrder,
    Habits,
    Point,
    day_order,
    decimal_point,
    is_total,
    read_day,
    read_duration_s,
    read_hour,
    read_number,
    time_within,
)
from footfall.errors import ConfigError
from footfall.figures import MONEY_UNITS, WHOLE_DAY, WHOLE_SITE, DayWeather, Figure, Kind, Measure

MOST_PROBLEMS = 5
FIRST_DAY = date(2000, 1, 1)
MOST_AHEAD = timedelta(days=366)  # rosters and forecasts
LARGEST_VALUE = 10**15
NUMBERS = ("transactions", "sales", "hours", "temperature", "rain")
WORDS_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said of a file beside it: its kind, the site's entrances and present day, columns, habits of writing."""

    kind: Kind
    entrances: tuple[str, ...]
    today: date
    columns: Mapping[str, str] = field(default_factory=dict)
    order: DayOrder | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class FigureFile:
    """A file that was understood. `columns` says which column means what, `shown` are its first lines as they stand.

    `figures` or `weather` is filled, by kind, in the order of days; `lines` were read, `added_up` of them speak of an
    hour, day and entrance that another line spoke of, and were added to it; `left_out` were totals.
    """

    kind: Kind
    sha256: str
    columns: dict[str, str]
    separator: str
    header: tuple[str, ...]
    shown: tuple[tuple[str, ...], ...]
    figures: tuple[Figure, ...]
    weather: tuple[DayWeather, ...]
    lines: int
    added_up: int
    left_out: int

    @property
    def days(self) -> list[date]:
        """The days that the file speaks of."""
        return sorted({one.day for one in self.figures} | {one.day for one in self.weather})

    def total(self, measure: Measure) -> int | None:
        """Return the sum of a measure, None when the file has none."""
        values = [one.value for one in self.figures if one.measure == measure]
        return sum(values) if values else None


def read_figures(content: bytes, asked: Asked) -> FigureFile:
    """Return what a CSV says.

    Raises:
        ConfigError: it cannot be understood, or lines of it are wrong; the message names them.
    """
    lines = read_lines(content)
    positions = find_columns(lines.header, asked.kind, asked.columns)
    kept = [(number, cells) for number, cells in lines.rows if not is_total(_cell(cells, positions["day"]))]
    if not kept:
        raise ConfigError("holds nothing but totals")
    found, weather, places = _rows(kept, positions, asked)
    return FigureFile(
        kind=asked.kind,
        sha256=hashlib.sha256(content).hexdigest(),
        columns={name: lines.header[position] for name, position in positions.items()},
        separator=lines.separator,
        header=lines.header,
        shown=tuple(cells for _, cells in lines.rows[:5]),
        figures=tuple(Figure(*key, value) for key, value in sorted(found.items())),
        weather=tuple(weather[day] for day in sorted(weather)),
        lines=len(kept),
        added_up=sum(number - 1 for number in places.values()),
        left_out=len(lines.rows) - len(kept),
    )


def _rows(
    kept: Sequence[tuple[int, tuple[str, ...]]], positions: Mapping[str, int], asked: Asked
) -> tuple[Counter[tuple[Measure, date, int, str]], dict[date, DayWeather], Counter[tuple[date, int, str]]]:
    """Return figures added up, weather by day, and how many lines speak of each day, hour and entrance."""
    habits = _habits(kept, positions, asked)
    found: Counter[tuple[Measure, date, int, str]] = Counter()
    weather: dict[date, DayWeather] = {}
    problems: list[str] = []
    places: Counter[tuple[date, int, str]] = Counter()
    for number, cells in kept:
        row = {name: _cell(cells, position) for name, position in positions.items()}
        try:
            day = _day(row["day"], habits.order, asked)
            if asked.kind == "weather":
                if day in weather:
                    raise ConfigError(f"{day} stands there twice; weather is told by day")
                weather[day] = _weather(day, row, habits.point)
                continue
            place = day, _hour(row), _entrance(row.get("entrance", ""), asked.entrances)
            places[place] += 1
            for measure, value in _values(row, habits.point):
                found[measure, *place] += value
        except ConfigError as problem:
            problems.append(f"line {number}: {problem}")
    if problems := problems or _mixed(places):
        more = f"; and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
        raise ConfigError(f"{'; '.join(problems[:MOST_PROBLEMS])}{more}; nothing was stored")
    return found, weather, places


def _cell(cells: Sequence[str], position: int) -> str:
    return cells[position] if position < len(cells) else ""


def _habits(rows: Sequence[tuple[int, tuple[str, ...]]], positions: Mapping[str, int], asked: Asked) -> Habits:
    """Return how the file writes dates and decimals: as said, else as its own lines tell."""
    texts = [_cell(cells, positions["day"]) for _, cells in rows]
    numbers = [_cell(cells, positions[name]) for name in NUMBERS[1:] if name in positions for _, cells in rows]
    return Habits(asked.order or day_order(texts), asked.point or decimal_point(numbers))


def _day(text: str, order: DayOrder | None, asked: Asked) -> date:
    day = read_day(text, order)
    last = asked.today if asked.kind == "sales" else asked.today + MOST_AHEAD
    if not FIRST_DAY <= day <= last:
        raise ConfigError(f"{day} {'lies ahead' if day > last else 'is too long ago'}; is that the right day?")
    return day


def _hour(row: Mapping[str, str]) -> int:
    text = row["hour"] if "hour" in row else time_within(row["day"])
    if not text or ("hour" not in row and text.startswith(("00:00", "0:00"))):
        return WHOLE_DAY  # spreadsheets write midnight behind a plain date
    return read_hour(text)


def _entrance(text: str, known: Sequence[str]) -> str:
    if not text:
        return WHOLE_SITE
    by_name = {name.casefold(): name for name in known}
    if text.casefold() in by_name:
        return by_name[text.casefold()]
    close = get_close_matches(text.casefold(), by_name, n=1)
    hint = f"; did you mean {by_name[close[0]]!r}?" if close else f"; the site has {', '.join(known) or 'none'}"
    raise ConfigError(f"no entrance {text!r}{hint}")


def _values(row: Mapping[str, str], point: Point | None) -> list[tuple[Measure, int]]:
    """Return what a line says; an empty cell says nothing."""
    readers: tuple[tuple[str, Measure, Callable[[str], int]], ...] = (
        ("transactions", "transactions", lambda text: _whole(text, point)),
        ("sales", "sales", lambda text: _exact(read_number(text, point))),
        ("hours", "staff", lambda text: read_duration_s(text, point)),
    )
    found = []
    for name, measure, read in readers:
        if not row.get(name):
            continue
        value = read(row[name])
        if abs(value) > LARGEST_VALUE or (value < 0 and name != "sales"):
            raise ConfigError(f"{name} {row[name]!r} cannot be")
        found.append((measure, value))
    if not found:
        raise ConfigError("has no number")
    return found


def _whole(text: str, point: Point | None) -> int:
    """Return a whole number; marks in it stand between thousands, or before noughts where `point` is or may be one."""
    plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace("'", "")
    if point is not None and plain.count(point) == 1:
        plain, _, decimals = plain.partition(point)
        if set(decimals) - {"0"}:
            raise ConfigError(f"transactions {text!r} is no whole number")
    groups = plain.replace(".", ",").split(",")
    if len(groups) == 2 and set(groups[1]) == {"0"} and len(groups[1]) < 3:
        groups = groups[:1]
    if not all(group.isdecimal() for group in groups) or any(len(group) != 3 for group in groups[1:]):
        raise ConfigError(f"transactions {text!r} is no whole number")
    return int("".join(groups))


def _exact(amount: Decimal) -> int:
    units = amount * MONEY_UNITS
    if units != units.to_integral_value():
        raise ConfigError(f"{amount} has more than four decimals")
    return int(units)


def _weather(day: date, row: Mapping[str, str], point: Point | None) -> DayWeather:
    numbers = {name: float(read_number(row[name], point)) for name in ("temperature", "rain") if row.get(name)}
    temperature, rain = numbers.get("temperature"), numbers.get("rain")
    if temperature is not None and not -90 <= temperature <= 65:
        raise ConfigError(f"temperature {row['temperature']!r} cannot be; give degrees Celsius")
    if rain is not None and not 0 <= rain <= 2000:
        raise ConfigError(f"rain {row['rain']!r} cannot be; give millimetres")
    return DayWeather(day, temperature, rain, row.get("text", "")[:WORDS_LENGTH])


def _mixed(places: Counter[tuple[date, int, str]]) -> list[str]:
    """Return what is wrong where a day is told whole and by hour, or for the site and by entrance: counted twice."""
    hours: dict[tuple[date, str], set[bool]] = {}
    sites: dict[date, set[bool]] = {}
    for day, hour, entrance in places:
        hours.setdefault((day, entrance), set()).add(hour == WHOLE_DAY)
        sites.setdefault(day, set()).add(entrance == WHOLE_SITE)
    twice = sorted({day for (day, _), both in hours.items() if len(both) == 2})
    problems = [f"{day} is told by hour and as a whole day; keep one" for day in twice]
    return problems + [
        f"{day} is told by entrance and without one; keep one" for day, both in sorted(sites.items()) if len(both) == 2
    ]
