"""What changed between two heartbeats that the log should tell; that frames stopped or came back, outages tell."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.live.heartbeat import Heartbeat, WorkerState

USABLE = "ok"


@dataclass(frozen=True, slots=True)
class News:
    """One line for the log: `is_bad` tells a warning from what is told for information."""

    event: str
    is_bad: bool = False


def news(before: Heartbeat | None, now: Heartbeat) -> list[News]:
    """Return what `now` says that `before`, the last one of the same camera (None: the first), did not."""
    told = []
    live_before = before is not None and before.state in (WorkerState.LIVE, WorkerState.BLIND)
    if now.state is WorkerState.LIVE and not live_before:
        told.append(News("camera is watched"))
    was, is_now = USABLE if before is None else before.picture, now.picture
    if was != is_now:
        bad = News(f"picture is {is_now}: look at the camera", is_bad=True)
        told.append(News("picture is usable again") if is_now == USABLE else bad)
    was_slow = before is not None and before.slow
    if was_slow != now.slow:
        slow = "too slow for this camera, people are missed: see `footfall status`"
        told.append(News(slow, is_bad=True) if now.slow else News("fast enough again"))
    return told
