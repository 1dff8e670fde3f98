"""Turns what a database driver says into one StoreError that says what to do; passwords never appear."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from footfall.errors import StoreError
from footfall.secrets import MASK, mask_text

SQLITE_ADVICE = {
    "database or disk is full": "the disk is full; free some space, nothing was half-written",
    "attempt to write a readonly database": "is read-only; give this user the right to write the file and its folder",
    "file is not a database": "is not a database; point database_url at another file, this one is left as it is",
    "file is encrypted or is not a database": "is not a database; point database_url at another file",
    "database disk image is malformed": "is damaged; restore it from a backup",
    "disk I/O error": "cannot be read or written (disk I/O error); check the disk and whether it is full",
    "database is locked": "has been held by another program for over 30 s; end that program and try again",
}
RETRIED_SQLSTATES = ("40001", "40P01", "55P03", "57P01", "08000", "08003", "08006")


def masked(url: URL) -> str:
    """Return `url` as text with what is known to be harmless: kind, host, port and name of the database."""
    return URL.create(url.drivername, host=url.host, port=url.port, database=url.database).render_as_string()


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Raise StoreError with advice for whatever SQLAlchemy or the driver raises inside."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_advice(url, error)) from error
    except SQLAlchemyError as error:
        raise StoreError(f"{masked(url)}: {_said(url, error)}") from error


def is_transient(error: BaseException) -> bool:
    """Return whether the same transaction may succeed when it is tried again."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state in RETRIED_SQLSTATES or "database is locked" in str(error.orig)


def _advice(url: URL, error: DBAPIError) -> str:
    said = _said(url, error.orig or error)
    if url.get_backend_name() == "sqlite":
        return _sqlite_advice(url.database or "", said)
    where = masked(url)
    if error.connection_invalidated or not getattr(error.orig, "sqlstate", None):
        return f"{where}: cannot be reached ({said}); check that the server runs, the address and the password"
    return f"{where}: {said}"


def _sqlite_advice(path: str, said: str) -> str:
    if "unable to open database file" in said:
        return f"{path}: {_why_not_opened(Path(path))}"
    for symptom, advice in SQLITE_ADVICE.items():
        if symptom in said:
            return f"{path}: {advice}"
    return f"{path}: {said}"


def _why_not_opened(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder}; create it or change database_url"
    if path.is_dir():
        return "is a folder; database_url must name a file"
    if not os.access(folder, os.W_OK):
        return f"the folder {folder} cannot be written; give this user the right to write there"
    return "cannot be opened; check the rights of the file and its folder"


def _said(url: URL, error: BaseException) -> str:
    """Return what a driver said, without the values that it was given in the URL."""
    said = mask_text(_first_line(error))
    given = [url.password or "", *(value for values in url.normalized_query.values() for value in values)]
    for secret in sorted(filter(None, map(str, given)), key=len, reverse=True):
        said = said.replace(secret, MASK)
    return said


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
