"""The recordings of an archive, and what is stored of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from db.reading import queries
from db.reading.recordings import counted_files
from db.reading.selection import Selection
from db.session import open_database, reading
from db.store import Store

BEGIN = datetime(2026, 3, 28, 9, tzinfo=UTC)
DAY = Selection(date(2026, 3, 28), date(2026, 3, 28))
FILES = 3


def stored(url: str) -> tuple[list[tuple[str, int]], int]:
    """Return name and visits of each recording, and the visits of the day, which must follow from the rows."""
    engine = open_database(url)
    assert Store(engine).verify(DAY.first_day, DAY.last_day) == []
    with reading(engine) as connection:
        files = [(found.name, found.visits) for found in counted_files(connection)]
        visits = int(queries.daily(connection, DAY, ())["visits"].sum())
    engine.dispose()
    return sorted(files), visits
