"""What the log tells of a camera between two heartbeats."""

from __future__ import annotations

from dataclasses import replace

from ingest.live.heartbeat import Heartbeat, WorkerState
from ingest.live.news import News, news

LIVE = Heartbeat("north", WorkerState.LIVE)


def test_a_camera_that_comes_is_told_once() -> None:
    assert news(None, LIVE) == [News("camera is watched")]
    assert news(LIVE, replace(LIVE, frames_seen=10)) == []
    assert news(replace(LIVE, state=WorkerState.BLIND), LIVE) == []  # "observed again", the outages say


def test_a_picture_that_is_not_usable_is_told_when_it_begins_and_when_it_ends() -> None:
    dark = replace(LIVE, picture="dark")
    assert news(LIVE, dark) == [News("picture is dark: look at the camera", is_bad=True)]
    assert news(dark, replace(dark, picture="moved"))[0].event.startswith("picture is moved")
    assert news(dark, LIVE) == [News("picture is usable again")]


def test_a_computer_that_is_too_slow_is_told_when_it_begins_and_when_it_ends() -> None:
    slow = replace(LIVE, slow=True)
    assert [item.is_bad for item in news(LIVE, slow)] == [True]
    assert news(slow, slow) == []
    assert news(slow, LIVE) == [News("fast enough again")]
