"""The folder of the daily reports: where a day's file lies, whether it is still what was written, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from db.writing.report_log import WrittenReport
from footfall.errors import StoreError
from reports.files import put_in_place, stage, write_atomically


class Fault(StrEnum):
    """What is wrong with the file of a written report, in words."""

    NONE = ""
    MISSING = "its file was missing"
    CHANGED = "its file was no longer what had been written"


class Shelf:
    """The files SITE_DAY.csv of one folder, each beside the revisions that it replaced."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path(self, site: str, day: date) -> Path:
        """Return where the newest report of the day lies."""
        return self._directory / f"{site}_{day.isoformat()}.csv"

    def so_far(self, site: str, day: date) -> Path:
        """Return where lies what a day gave that is not over."""
        return self._directory / f"{site}_{day.isoformat()}_so_far.csv"

    def fault(self, report: WrittenReport) -> Fault:
        """Compare the file of the day with what the log says was written: missing, cut and edited ones are told."""
        found = _hash(self.path(report.site, report.day))
        if found is None:
            return Fault.MISSING
        return Fault.NONE if found == report.sha256 else Fault.CHANGED

    @contextmanager
    def prepared(
        self, report: WrittenReport, content: bytes, last: WrittenReport | None
    ) -> Iterator[Callable[[], None]]:
        """Write `content` beside its place and give what puts it there; call that while the log is written.

        What lies there before is kept: as SITE_DAY_rN.csv when it is the file of `last`, the revision that the log
        has, and as SITE_DAY_changed_HASH.csv when it is neither that nor `content`.

        Raises:
            StoreError: the folder cannot be written.
        """
        path = self.path(report.site, report.day)
        staged = stage(path, content)

        def put() -> None:
            _keep(path, report, last)
            if staged.exists():  # else this is a repeated transaction, and the file is in its place
                put_in_place(staged, path)
            with suppress(OSError):  # a leftover that is open elsewhere does no harm
                self.so_far(report.site, report.day).unlink(missing_ok=True)

        try:
            yield put
        finally:
            staged.unlink(missing_ok=True)


def _keep(path: Path, report: WrittenReport, last: WrittenReport | None) -> None:
    found = _hash(path)
    if found is None or found == report.sha256:
        return
    ending = f"r{last.revision}" if last is not None and found == last.sha256 else f"changed_{found[:8]}"
    write_atomically(path.with_stem(f"{path.stem}_{ending}"), path.read_bytes())


def _hash(path: Path) -> str | None:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror or error}; check the disk and its rights") from None
