"""What is written to the spool is read again, whichever version wrote it."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from footfall.types import Direction, Gender, Visit
from ingest.spooling.records import decode, encode

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
VISIT = Visit(UUID(int=1), "door", NOON, NOON, Direction.IN, Gender.FEMALE, "25-34", 30.5, 0.91, 4, 0.7, "m1")
SHARES = (0, 0, 150, 600, 200, 50, 0, 0)


def line_without(name: str, visit: Visit) -> bytes:
    """Return the line that a version without the field `name` wrote."""
    written = json.loads(encode(7, visit).split(b" ", 5)[5])
    del written[name]
    body = json.dumps(written, separators=(",", ":")).encode()
    return b"FFR1 7 v %08x %d %s" % (zlib.crc32(b"7 v " + body), len(body), body)


def test_a_spooled_visit_keeps_the_shares_of_its_age_groups() -> None:
    visit = replace(VISIT, age_shares=SHARES)
    assert decode(encode(7, visit)) == (7, visit)
    assert decode(encode(8, VISIT)) == (8, VISIT)


def test_a_line_of_an_earlier_version_reads_as_a_visit_without_shares() -> None:
    assert decode(line_without("age_shares", VISIT)) == (7, VISIT)
