"""What a counted recording gave, as a row for scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from footfall.local_time import local_day
from reid.types import RegisterPart

if TYPE_CHECKING:
    from app.recordings import CountedRecording


def as_dict(recording: CountedRecording, parts: Sequence[RegisterPart], zone: ZoneInfo) -> dict[str, Any]:
    """Return a recording for `--json`; `parts` are of its site, and those of its days are told with it."""
    row = {name: getattr(recording, name) for name in ("video", "started_at", "ended_at", "frames", "frames_damaged")}
    directions = Counter(visit.direction.value for visit in recording.visits)
    row |= {"came_in": came_in(recording, zone), "visits": len(recording.visits)}
    row |= {"in": directions["in"], "out": directions["out"], "unseen": directions["none"]}
    row |= {"visits_left_out": recording.visits_left_out, "minutes_left_out": recording.minutes_left_out}
    row |= {"taken": [{"from": one.start, "to": one.end} for one in recording.stretches], "cut": recording.is_cut}
    row |= {"replaced": recording.replaced, "elapsed_s": round(recording.elapsed_s, 3)}
    first, last = local_day(recording.started_at, zone), local_day(recording.ended_at, zone)
    row |= {"unique": [_day_as_dict(part) for part in parts if first <= part.day <= last]}
    return row | {"stages": asdict(recording.times)}


def came_in(recording: CountedRecording, zone: ZoneInfo) -> int:
    """Return how many came in, by the one definition (db.reading.arrivals)."""
    import pandas as pd

    from db.reading.arrivals import who_came_in

    rows = [(one.camera_id, local_day(one.entered_at, zone), one.direction.value) for one in recording.visits]
    return len(who_came_in(pd.DataFrame(rows, columns=["camera", "day", "direction"])))


def _day_as_dict(part: RegisterPart) -> dict[str, Any]:
    names = ("site", "day", "arrivals", "compared", "staff", "low", "high")
    unique = None if part.low is None or part.high is None else part.unique
    return {name: getattr(part, name) for name in names} | {"unique": unique, "templates_deleted": part.deleted}
