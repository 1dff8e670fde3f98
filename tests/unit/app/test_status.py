"""What `footfall status` says to a person."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console

from app.status import Status, status_table
from ingest.health.state import CameraHealth, Health
from ingest.live.heartbeat import Heartbeat, WorkerState

WELL = CameraHealth(Heartbeat("x", WorkerState.LIVE), running=True, pid=1, restarts=0, last_end="", spool=0, refused=0)
SLOW = replace(WELL, heartbeat=replace(WELL.heartbeat, slow=True, frames_dropped=900))


def shown(**cameras: CameraHealth) -> str:
    document = Health(datetime(2026, 3, 2, tzinfo=UTC), cameras, "", sent=5, send_failures=0).document()
    document["troubles"] = []
    console = Console(file=io.StringIO(), width=400)
    console.print(status_table(Status(document)))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_cameras_for_which_the_computer_is_too_slow_are_named_with_what_to_do() -> None:
    text = shown(north=SLOW, south=WELL, east=SLOW)
    assert "Too slow for 2 cameras: east, north." in text
    assert "working_size" in text
    assert text.count("too slow, people are missed") == 2
    assert "oo slow" not in shown(north=WELL)
