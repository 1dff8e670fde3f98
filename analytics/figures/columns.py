"""Which column of a file means what: by its usual names, or as somebody says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from footfall.errors import ConfigError
from footfall.figures import Kind

# What each kind of file may hold, and the names that tills, rosters and weather services give it.
USUAL = {
    "day": ("day", "date", "business date", "business day", "datum", "tag", "fecha", "giorno", "jour", "data"),
    "hour": ("hour", "time", "from", "stunde", "uhrzeit", "zeit", "hora", "heure", "ora"),
    "transactions": (
        "transactions", "tickets", "receipts", "orders", "number of sales", "bons", "belege", "anzahl bons", "kunden",
    ),
    "sales": ("sales", "net sales", "net", "revenue", "turnover", "amount", "umsatz", "netto", "ventas", "ca"),
    "entrance": ("entrance", "door", "eingang"),
    "hours": ("hours", "staff hours", "staff", "stunden", "arbeitsstunden", "personalstunden", "horas", "heures"),
    "temperature": ("temperature", "temp", "temperatur", "tavg", "tmax", "temperature_2m_max", "temperature_max"),
    "rain": ("rain", "precipitation", "prcp", "niederschlag", "regen", "precipitation_sum", "rain_sum"),
    "text": ("text", "weather", "conditions", "wetter", "summary", "description"),
}  # fmt: skip
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "sales": ("day", "hour", "transactions", "sales", "entrance"),
    "staff-hours": ("day", "hour", "hours", "entrance"),
    "weather": ("day", "temperature", "rain", "text"),
}
VALUES = ("transactions", "sales", "hours", "temperature", "rain", "text")


def parse_map(text: str, kind: Kind) -> dict[str, str]:
    """Return what is meant by each column, from "Date=day,Net=sales"; "Store=" means that a column is left out.

    Raises:
        ConfigError: a part is not like that, or names something that such a file does not hold.
    """
    meant: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        column, sign, field = (one.strip() for one in part.partition("="))
        if not sign or not column:
            raise ConfigError(f"--map {part!r} is not like COLUMN=MEANING, such as Date=day")
        if field and field not in FIELDS[kind]:
            raise ConfigError(f"--map {part!r}: {field!r} is none of {', '.join(FIELDS[kind])}")
        meant[column] = field
    return meant


def find_columns(header: Sequence[str], kind: Kind, given: Mapping[str, str]) -> dict[str, int]:
    """Return the position of the column of each meaning; `given` (column to meaning, "" for none) goes first.

    Raises:
        ConfigError: a column is not there, two have one meaning, or day or every value is missing.
    """
    positions = {name.casefold(): number for number, name in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    taken: set[int] = set()
    for column, field in given.items():
        if column.casefold() not in positions:
            close = get_close_matches(column, header, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; it has {', '.join(header)}"
            raise ConfigError(f"line 1: has no column {column!r}{hint}")
        position = positions[column.casefold()]
        taken.add(position)
        if field in found:
            raise ConfigError(f"two columns are given as {field}; a file has one")
        if field:
            found[field] = position
    for field in FIELDS[kind]:
        usual = [position for name, position in positions.items() if name in USUAL[field] and position not in taken]
        if field not in found and len(usual) > 1:
            names = " and ".join(repr(header[position]) for position in sorted(usual))
            example = f'--map "{header[min(usual)]}={field}"'
            raise ConfigError(f"line 1: {names} may both be {field}; say which: {example}")
        if field not in found and usual:
            found[field] = usual[0]
    _require(header, kind, found)
    return found


def _require(header: Sequence[str], kind: Kind, found: Mapping[str, int]) -> None:
    wanted = [field for field in FIELDS[kind] if field in VALUES]
    missing = "day" if "day" not in found else "" if any(field in found for field in wanted) else " or ".join(wanted)
    if missing:
        raise ConfigError(
            f"line 1: no column is {missing}; it has {', '.join(header) or 'none'}; say which one is meant: "
            f"--map COLUMN={missing.split(' ')[0]}"
        )


def guess_columns(header: Sequence[str], kind: Kind) -> dict[str, int]:
    """Return the position of the first column with a usual name for each meaning, for somebody to check."""
    names = [name.casefold() for name in header]
    found = {}
    for field in FIELDS[kind]:
        position = next((number for number, name in enumerate(names) if name in USUAL[field]), None)
        if position is not None:
            found[field] = position
    return found
