"""Which counting lines of a site most people never cross."""

from __future__ import annotations

from sqlalchemy import Engine

from analytics.line_use import unused_line
from dashboard.numbers.ground import ground
from dashboard.numbers.kept import kept
from dashboard.numbers.reading import Reader
from db.reading.line_use import line_use
from db.session import reading

KEPT_S = 300.0


def line_troubles(reader: Reader) -> list[str]:
    """Return a sentence for each camera of the reader's site whose counting line most people never cross."""
    reader.person.require_site(reader.site.name)
    engine, small_cell = ground().engine, ground().config.report.small_cell
    return _troubles(reader.site.name, small_cell, str(engine.url), _engine=engine)


@kept(32, KEPT_S)
def _troubles(site: str, small_cell: int, database: str, *, _engine: Engine) -> list[str]:
    del database  # a part of the cache's key only
    with reading(_engine) as connection:
        used = line_use(connection, ground().clock(), (site,))
    told = (unused_line(one.label, one.seen, one.came_in + one.went_out, small_cell) for one in used)
    return [sentence for sentence in told if sentence]
