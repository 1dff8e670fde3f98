"""What `footfall status` says to a person."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from app.status import Status, remarks, status_table
from ingest.health.state import CameraHealth, Health
from ingest.live.heartbeat import Heartbeat, WorkerState

WELL = CameraHealth(Heartbeat("x", WorkerState.LIVE), running=True, pid=1, restarts=0, last_end="", spool=0, refused=0)
SLOW = replace(WELL, heartbeat=replace(WELL.heartbeat, slow=True, frames_dropped=900))


def status_of(**cameras: CameraHealth) -> Status:
    document = Health(datetime(2026, 3, 2, tzinfo=UTC), cameras, "", sent=5, send_failures=0).document()
    document["troubles"] = []
    return Status(document)


def shown(width: int = 400, **cameras: CameraHealth) -> str:
    status = status_of(**cameras)
    console = Console(file=io.StringIO(), width=width, soft_wrap=True)
    console.print(status_table(status))
    return console.file.getvalue() + "\n".join(remarks(status))  # type: ignore[attr-defined,no-any-return]


def test_cameras_for_which_the_computer_is_too_slow_are_named_with_what_to_do() -> None:
    text = shown(north=SLOW, south=WELL, east=SLOW)
    assert "Too slow for 2 cameras: east, north." in text
    assert "working_size" in text
    assert text.count("too slow, people are missed") == 2
    assert "oo slow" not in shown(north=WELL)


REASON = "rtsp://10.0.1.11:554/***: no data within the time allowed; check the network, or raise the camera's timeouts"
BLIND = replace(WELL, restarts=3, heartbeat=replace(WELL.heartbeat, state=WorkerState.BLIND, reason=REASON))


def test_at_80_columns_names_are_whole_and_a_remark_is_one_line() -> None:
    lines = shown(80, **{"north-entrance": BLIND, "south": WELL}).splitlines()
    assert f"north-entrance: {REASON}; 3 restarts" in lines
    assert any("north-entrance │ blind" in line for line in lines)
    assert max(len(line) for line in lines if set(line) & set("│┃")) <= 80


def picture(name: str) -> CameraHealth:
    return replace(WELL, heartbeat=replace(WELL.heartbeat, picture=name))


@pytest.mark.parametrize(
    ("camera", "is_good"),
    [
        (WELL, True),
        (BLIND, False),
        (picture("covered"), False),
        (picture("moved"), False),
        (picture("dark"), True),  # it is every night
        (replace(WELL, refused=2), False),
        (replace(WELL, running=False), False),
    ],
)
def test_somebody_has_to_act_for_a_camera_that_is_blind_and_not_for_one_that_is_dark(
    camera: CameraHealth, is_good: bool
) -> None:
    assert status_of(north=camera, south=WELL).is_good is is_good
