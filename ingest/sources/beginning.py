"""When a recording began: what its container says, if that can be true, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from footfall.errors import SourceError

EARLIEST = datetime(2016, 1, 1, tzinfo=UTC)
"""Recorders whose clock was never set, or lost its battery, begin in 1904, 1970, 2000, 2010 or 2015."""


def recorded_at(path: Path, metadata: Mapping[str, str], now: datetime) -> datetime:
    """Return the creation time of `metadata`, which ISO/IEC 14496-12 has in UTC, aware.

    Raises:
        SourceError: there is none, or it cannot be true: before 2016 or after `now`.
    """
    written = metadata.get("creation_time", "")
    try:
        created = datetime.fromisoformat(written)
    except ValueError:
        raise unknown_time(path, "the file does not say when it was recorded") from None
    created = created.replace(tzinfo=UTC) if created.tzinfo is None else created.astimezone(UTC)
    if not EARLIEST <= created <= now:
        when = "in the future" if created > now else "from before its recorder's clock was set"
        raise unknown_time(path, f"the file says {created:%Y-%m-%d %H:%M} UTC, which is {when}")
    return created


def unknown_time(path: Path, why: str) -> SourceError:
    """Return the SourceError of a recording of which nobody knows when it was taken."""
    return SourceError(
        f"{path}: {why}; say when with --started-at 2026-03-28T09:00, or started_at of a camera that is a file"
    )
