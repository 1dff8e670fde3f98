"""What a worker tells its supervisor every second: that it is alive, and what it did so far."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum


class WorkerState(StrEnum):
    """What a worker is doing."""

    STARTING = "starting"
    LIVE = "live"
    BLIND = "blind"
    STOPPING = "stopping"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Totals since the worker began, and the state of this moment.

    `reason` says in words why the worker is blind; `slow` that people were missed in the last minute, as frames were
    dropped; `lag_s` is how far it is behind the camera; `waiting` records are in
    memory because the spool cannot be written, `lost` had to be given up; `stage_s` is seconds of work by stage.
    """

    camera_id: str
    state: WorkerState = WorkerState.STARTING
    reason: str = ""
    picture: str = "ok"
    slow: bool = False
    frames_seen: int = 0
    frames_processed: int = 0
    frames_dropped: int = 0
    frames_damaged: int = 0
    faces: int = 0
    visits: int = 0
    reconnects: int = 0
    lag_s: float = 0.0
    waiting: int = 0
    lost: int = 0
    last_frame_at: str | None = None
    stage_s: dict[str, float] = field(default_factory=dict)

    def to_line(self) -> bytes:
        """Return the heartbeat as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=True, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Heartbeat | None:
        """Return the heartbeat of `line`, or None when it is none: a library may print there, too."""
        try:
            values = json.loads(line)
            values["state"] = WorkerState(values["state"])
            return cls(**values) if set(values) == {item.name for item in fields(cls)} else None
        except (ValueError, TypeError, KeyError):
            return None
