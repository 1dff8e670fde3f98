"""A printed sheet that was typed into a CSV: every line is checked before anything of it is stored."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import astuple, dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from analytics.audits import AGE_GROUPS
from app.cli.moments import parse_day
from app.wall_clock import as_utc
from db.audits import MOST_TAPS, Audit, Tap, TapKind
from footfall.errors import ConfigError

COLUMNS = ("time", "direction", "gender", "age")
DIRECTIONS: dict[str, TapKind] = {"in": "in", "i": "in", "out": "out", "o": "out"}
GENDERS = {"": None, "woman": "female", "w": "female", "female": "female", "man": "male", "m": "male", "male": "male"}
AGES = {"": None} | {name: name for name in AGE_GROUPS}
MOST_PROBLEMS = 5
LARGEST_BYTES = 2**20
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where and when was counted, as it was typed on the command line: `hours` are begin and end on the wall clock."""

    site: str
    entrance: str
    camera: str
    auditor: str
    day: str
    hours: tuple[str, str]


def read_sheet(path: Path, sheet: Sheet, zone: ZoneInfo, now: datetime) -> tuple[Audit, list[Tap]]:
    """Return the audit of a sheet and its taps; the same file for the same place and time is the same audit.

    Times without seconds stand for a whole minute.

    Raises:
        ConfigError: the file cannot be read, or lines of it are wrong; the message names them.
    """
    if not sheet.auditor:
        raise ConfigError("--auditor needs a name")
    day = parse_day(sheet.day, "--day", now.astimezone(zone).date())
    begin, end = (
        _moment(text, option, day, zone) for text, option in zip(sheet.hours, ("--from", "--to"), strict=True)
    )
    if not begin < end <= now:
        raise ConfigError("--to must come after --from and lie in the past")
    content = _content(path)
    taps, precision_s = _taps(path, _rows(path, content), (day, zone), (begin, end))
    name = hashlib.sha256(content + repr((astuple(sheet), day)).encode()).hexdigest()
    audit = Audit(
        uid=uuid5(NAMESPACE_URL, f"footfall sheet {name}"),
        site=sheet.site,
        entrance=sheet.entrance,
        camera=sheet.camera,
        auditor=sheet.auditor,
        started_at=begin,
        ended_at=end,
        source="sheet",
        precision_s=precision_s,
    )
    return audit, taps


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > LARGEST_BYTES:
        raise ConfigError(f"{path}: has more than {LARGEST_BYTES // 2**20} MiB, which no sheet has")
    return content


def _rows(path: Path, content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return the lines that are not empty with their numbers, as spreadsheets of any country write them."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not text in UTF-8; save it as CSV (UTF-8)") from None
    header = lines[0] if lines else ""
    reader = csv.reader(lines, delimiter=max(",;\t", key=header.count))
    names = [name.strip().lower() for name in next(reader, [])]
    if not {"time", "direction"} <= set(names) or not set(names) <= set(COLUMNS):
        raise ConfigError(f"{path}: line 1 must name the columns {','.join(COLUMNS)}; the last two may be left out")
    rows = []
    for cells in reader:
        if any(cell.strip() for cell in cells):
            values = dict(zip(names, (cell.strip() for cell in cells), strict=False))
            rows.append((reader.line_num, {name: values.get(name, "") for name in COLUMNS}))
    if not rows:
        raise ConfigError(f"{path}: holds nobody; it needs a line for each person")
    if len(rows) > MOST_TAPS:
        raise ConfigError(f"{path}: holds {len(rows)} people; an audit has at most {MOST_TAPS}")
    return rows


def _taps(
    path: Path, rows: list[tuple[int, dict[str, str]]], place: tuple[date, ZoneInfo], window: tuple[datetime, datetime]
) -> tuple[list[Tap], int]:
    taps, problems, precision_s = [], [], 1
    for number, (line, row) in enumerate(rows, start=1):
        try:
            moment = _moment(row["time"], "time", *place)
            if row["time"].count(":") == 1:
                precision_s = 60
            if not window[0] <= moment < window[1]:
                raise ConfigError(f"time {row['time']!r} is not within --from and --to")
            kind = _word(DIRECTIONS, row["direction"], "direction", "in or out")
            gender = _word(GENDERS, row["gender"], "gender", "woman, man or nothing")
            age = _word(AGES, row["age"].replace("–", "-"), "age", f"{', '.join(AGE_GROUPS)} or nothing")
            taps.append(Tap(number, kind, moment, gender, age))
        except ConfigError as problem:
            problems.append(f"line {line}: {problem}")
    if problems:
        more = f"; and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
        raise ConfigError(f"{path}: {'; '.join(problems[:MOST_PROBLEMS])}{more}; nothing was stored")
    return sorted(taps, key=lambda tap: (tap.tapped_at, tap.number)), precision_s


def _word(known: dict[str, Value], text: str, name: str, wanted: str) -> Value:
    try:
        return known[text.lower()]
    except KeyError:
        raise ConfigError(f"{name} {text!r} is not {wanted}") from None


def _moment(text: str, name: str, day: date, zone: ZoneInfo) -> datetime:
    """Return a time of the wall clock on `day`, aware UTC; after midnight of a long evening it is not asked for."""
    try:
        clock = time.fromisoformat(text if len(text) != len("9:00") else f"0{text}")
        if clock.tzinfo is not None or ":" not in text:
            raise ValueError
    except ValueError:
        raise ConfigError(f"{name} {text!r} is no time; write it like 10:03 or 10:03:20") from None
    return as_utc(datetime.combine(day, clock), zone, f"{name} {text!r}")
