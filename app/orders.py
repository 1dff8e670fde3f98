"""What a call of `footfall process` is to count: one order for each recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics.figures.text import read_lines
from app.wall_clock import parse_moment
from footfall.errors import ConfigError

COLUMNS = ("file", "camera", "started_at")
MOST_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Order:
    """One recording: a path or an address, the camera that took it, and when it began, aware UTC.

    `started_at` None: as the file says. `follows`: it begins where the recording before it of its camera ended.
    """

    file: str
    camera: str
    started_at: datetime | None = None
    follows: bool = False

    def with_absolute_path(self) -> Order:
        """Return this order so that its path means the same in whatever folder it is read."""
        return self if is_address(self.file) else replace(self, file=str(Path(self.file).absolute()))


@dataclass(frozen=True, slots=True)
class Asked:
    """An order as it was written: `started_at` is text, local to the camera's site; `where` says where it stands."""

    file: str
    camera: str
    started_at: str
    where: str

    def moment(self, zone: ZoneInfo) -> datetime | None:
        """Return when the recording began, None when nothing was written.

        Raises:
            ConfigError: it is no date and time, or one that the clock skipped or showed twice.
        """
        return parse_moment(self.started_at, zone, self.where) if self.started_at else None


def read_manifest(path: Path) -> list[Asked]:
    """Return the lines of a CSV with the columns file, camera and started_at, in their order.

    A file is a path, beside the manifest unless it is absolute, or an address.

    Raises:
        ConfigError: it cannot be read, columns are missing or unknown, a line lacks a file or a camera, or names a
            file again; the message names the lines.
    """
    try:
        lines = read_lines(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    _require_columns(path, lines.header)
    asked: list[Asked] = []
    problems: list[str] = []
    first_of: dict[tuple[str, str], int] = {}
    for number, cells in lines.rows:
        row = dict(zip(lines.header, cells, strict=False))
        file, camera = row.get("file", ""), row.get("camera", "")
        if not file or not camera:
            problems.append(f"line {number} has no {'camera' if file else 'file'}")
            continue
        if (first := first_of.setdefault((file, camera), number)) != number:
            problems.append(f"line {number} names the file of line {first} again")
            continue
        place = file if is_address(file) else str(path.parent / file)
        asked.append(Asked(place, camera, row.get("started_at", ""), f"{path} line {number}: started_at"))
    if problems:
        more = f", and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
        raise ConfigError(f"{path}: {'; '.join(problems[:MOST_PROBLEMS])}{more}")
    return asked


def in_a_row(files: Sequence[str], cameras: Sequence[str], started_at: str) -> list[Asked]:
    """Return orders of files that follow one another, each of its camera; all begin at the same text, or say it."""
    return [Asked(*one, started_at, "--started-at") for one in zip(files, cameras, strict=True)]


def orders_of(asked: Sequence[Asked], zones: Mapping[str, ZoneInfo], *, follow: bool) -> list[Order]:
    """Return the orders; `zones` are those of the cameras' sites.

    With `follow`, files of a camera follow one another from the moment that is written.

    Raises:
        ConfigError: a moment that is written is none.
    """
    orders: list[Order] = []
    begun: set[str] = set()
    for one in asked:
        moment = one.moment(zones[one.camera])
        follows = follow and moment is not None and one.camera in begun
        orders.append(Order(one.file, one.camera, None if follows else moment, follows))
        begun.add(one.camera)
    return orders


def is_address(file: str) -> bool:
    """Tell an address like s3://bucket/a.mp4 from a path."""
    return "://" in file


def _require_columns(path: Path, header: Sequence[str]) -> None:
    missing = [name for name in COLUMNS[:2] if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    if missing or unknown or len(set(header)) < len(header):
        raise ConfigError(
            f"{path}: its first line is {', '.join(header)!r}; a manifest has the columns file, camera and started_at "
            "(may be left out where the file says when it began), each once"
        )
