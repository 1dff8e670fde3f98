"""The machines that watch a site: which cameras each has, when it was heard of, and what is wrong with them."""

from __future__ import annotations

from sqlalchemy import Engine

from dashboard.numbers.ground import ground
from dashboard.numbers.kept import kept
from dashboard.numbers.reading import Reader
from db.reading.fleet import SiteBox, site_boxes, site_troubles
from db.session import reading

KEPT_S = 15.0


def machines_of(reader: Reader) -> tuple[list[SiteBox], list[str]]:
    """Return the machines whose settings name cameras of the reader's site, and a sentence for each trouble."""
    reader.person.require_site(reader.site.name)
    engine = ground().engine
    return _machines(reader.site.name, str(engine.url), _engine=engine)


@kept(32, KEPT_S)
def _machines(site: str, database: str, *, _engine: Engine) -> tuple[list[SiteBox], list[str]]:
    del database  # a part of the cache's key only
    with reading(_engine) as connection:
        return site_boxes(connection, site), site_troubles(connection, site, ground().clock())
