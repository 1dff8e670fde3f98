"""What a worker leaves for the next one of its camera: when it last saw something, who was in view, an open outage.

A worker that is killed cannot say goodbye. From this small file the next one knows since when nobody watched and whose
visits were never finished, even after the whole computer was off.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from footfall.types import Outage, Visit

SUFFIX = ".state.json"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`open_visits` stand as they were; `stopped_cleanly` tells a worker that was asked to end from a killed one.

    `saved_at` is when this was written: until then the worker lived. `detail` is what it knew of `outage` beyond its
    reason.
    """

    last_frame_at: datetime | None = None
    outage: Outage | None = None
    open_visits: tuple[Visit, ...] = ()
    stopped_cleanly: bool = False
    saved_at: datetime | None = None
    detail: str = ""


_ADAPTER = TypeAdapter(Checkpoint)


def read_checkpoint(path: Path) -> Checkpoint:
    """Return what the last worker left, or an empty checkpoint when there is none or it cannot be read."""
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return Checkpoint()


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> bool:
    """Replace the file as a whole, on the disk; return whether that was possible."""
    fresh = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(_ADAPTER.dump_json(checkpoint))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:  # a full or read-only disk; the spool says so already
        return False
    return True
