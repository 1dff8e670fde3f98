"""A database that is not there for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine


@contextmanager
def away(engine: Engine, file: Path) -> Iterator[None]:
    """Take the SQLite database in `file` away and put it back, as when its disk is pulled out."""
    engine.dispose()
    kept = [part for part in file.parent.glob(f"{file.name}*") if part.is_file()]
    for part in kept:
        part.rename(part.with_name(f"kept-{part.name}"))
    file.mkdir()
    try:
        yield
    finally:
        file.rmdir()
        for part in kept:
            part.with_name(f"kept-{part.name}").rename(part)
