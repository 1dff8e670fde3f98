"""Spooled records: visits, minutes, outages, what the register says; a line of bytes each, with a check sum.

A line is self-contained (`FFR1 id kind crc length json`), so that records can be found in a damaged file by looking
for their beginning, whatever happened to the structure around them.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from footfall.secrets import mask_text
from footfall.types import CameraMinute, Outage, Visit
from reid.types import First, RegisterPart

Record = Visit | CameraMinute | Outage | RegisterPart | First
MAX_REASON_CHARACTERS = 500

_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "v": TypeAdapter(Visit),
    "m": TypeAdapter(CameraMinute),
    "o": TypeAdapter(Outage),
    "p": TypeAdapter(RegisterPart),
    "f": TypeAdapter(First),
}
_KINDS: dict[type, str] = {Visit: "v", CameraMinute: "m", Outage: "o", RegisterPart: "p", First: "f"}
_TIMES = ("entered_at", "left_at", "minute", "started_at", "ended_at", "began_at", "seen_until", "closed_at")
_HEAD = re.compile(rb"FFR1 (\d{1,20}) ([vmopf]) ([0-9a-f]{8}) (\d{1,5}) ")


class DamagedRecordError(Exception):
    """The bytes of a record do not agree with their check sum."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records on their way to the database, each kind in the order in which it was observed."""

    visits: tuple[Visit, ...] = ()
    minutes: tuple[CameraMinute, ...] = ()
    outages: tuple[Outage, ...] = ()
    parts: tuple[RegisterPart, ...] = ()
    firsts: tuple[First, ...] = ()

    def __len__(self) -> int:
        return sum(1 for _ in self.records())

    def records(self) -> Iterator[Record]:
        """Yield every record in the order in which they are stored: firsts name a part and a visit."""
        yield from self.visits
        yield from self.minutes
        yield from self.outages
        yield from self.parts
        yield from self.firsts

    @classmethod
    def of(cls, records: Iterable[Record]) -> Batch:
        """Sort `records` by kind, keeping the order within a kind."""
        items = list(records)
        return cls(
            tuple(item for item in items if isinstance(item, Visit)),
            tuple(item for item in items if isinstance(item, CameraMinute)),
            tuple(item for item in items if isinstance(item, Outage)),
            tuple(item for item in items if isinstance(item, RegisterPart)),
            tuple(item for item in items if isinstance(item, First)),
        )


def plain_reason(text: str) -> str:
    """Return `text` as one printable line of at most 500 characters without credentials, fit for every database."""
    printable = "".join(character if character.isprintable() else " " for character in mask_text(text))
    words = " ".join(printable.split())
    return words if len(words) <= MAX_REASON_CHARACTERS else words[: MAX_REASON_CHARACTERS - 1] + "…"


def encode(record_id: int, record: Record) -> bytes:
    """Return the line of `record`; `record_id` orders records and is part of the check sum."""
    kind = _KINDS[type(record)]
    plain = _ADAPTERS[kind].dump_python(record, mode="json")
    body = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    return b"FFR1 %d %s %08x %d %s" % (record_id, kind.encode(), _checksum(record_id, kind, body), len(body), body)


def decode(line: object) -> tuple[int, Record]:
    """Return the number and the record of a line, which is bytes unless a damaged file gives something else.

    Raises:
        DamagedRecordError: the check sum does not fit or the content is not a record.
    """
    if not isinstance(line, bytes) or (head := _HEAD.match(line)) is None:
        raise DamagedRecordError("a record does not begin as one")
    record_id, kind, length = int(head[1]), head[2].decode(), int(head[4])
    body = line[head.end() : head.end() + length]
    if len(body) != length or _checksum(record_id, kind, body) != int(head[3], 16):
        raise DamagedRecordError(f"record {record_id} is damaged")
    try:
        record: Record = _ADAPTERS[kind].validate_python(json.loads(body))
    except (ValidationError, ValueError) as error:
        raise DamagedRecordError(f"record {record_id} is not readable: {error}") from None
    return record_id, _with_utc(record)


def salvage(content: bytes) -> dict[int, bytes]:
    """Return the whole lines found anywhere in `content`, by their number, ascending."""
    found: dict[int, bytes] = {}
    for head in _HEAD.finditer(content):
        line = content[head.start() : head.end() + int(head[4])]
        try:
            record_id, _ = decode(line)
        except DamagedRecordError:
            continue
        found[record_id] = line
    return dict(sorted(found.items()))


def _checksum(record_id: int, kind: str, body: bytes) -> int:
    return zlib.crc32(b"%d %s " % (record_id, kind.encode()) + body)


def _with_utc(record: Record) -> Record:
    """Give back datetimes with `datetime.UTC` itself, which is what every other part of the program makes."""
    for name in _TIMES:
        moment = getattr(record, name, None)
        if isinstance(moment, datetime):
            object.__setattr__(record, name, moment.astimezone(UTC))
    return record
