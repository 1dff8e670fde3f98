"""One day of every camera as stretches of watching and not watching; pure functions on frames."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from footfall.local_time import Interval

TOO_SLOW = "the computer was too slow"
STATES = {
    "dark": "the picture was dark",
    "covered": "covered",
    "blurred": "blurred",
    "moved": "the camera was moved",
    "slow": TOO_SLOW,
}
NO_PICTURE = "no picture arrived"
SHORTEST_GAP = timedelta(seconds=90)


def day_spans(
    timeline: pd.DataFrame,
    outages: pd.DataFrame,
    cameras: dict[str, str],
    opening: Sequence[Interval],
    day: Interval,
    now: datetime,
    zone: ZoneInfo,
) -> pd.DataFrame:
    """Return camera (label), state ("live" or "gap"), from_h and to_h since the day began, from_text, to_text, reason.

    Gaps are times within the opening hours, up to now, without a usable picture.

    Args:
        timeline: camera, state, started_at, ended_at (db.operation.timeline).
        outages: camera, started_at, ended_at, reason.
        cameras: label by name of the cameras that were to watch.
        opening: when the site was open.
        day: the day.
        now: the present moment.
        zone: for the texts.
    """
    rows: list[dict[str, object]] = []
    for name, label in cameras.items():
        seen = timeline[(timeline["camera"] == name) & (timeline["state"] == "ok")]
        live = [
            Interval(max(start, day.start), min(end, day.end))
            for start, end in zip(list(seen["started_at"]), list(seen["ended_at"]), strict=True)
        ]
        troubled = timeline[(timeline["camera"] == name) & (timeline["state"] != "ok")]
        told = outages[outages["camera"] == name]
        rows += [_span(label, "live", one, "", day, zone) for one in live]
        for gap in _gaps(live, opening, now):
            rows.append(_span(label, "gap", gap, _reason(gap, told, troubled), day, zone))
    columns = ["camera", "state", "from_h", "to_h", "from_text", "to_text", "reason"]
    return pd.DataFrame(rows, columns=columns)


def _gaps(live: list[Interval], opening: Sequence[Interval], now: datetime) -> list[Interval]:
    gaps = []
    for start, end in opening:
        cursor, end = start, min(end, now)
        for one in live:
            if one.end <= cursor or one.start >= end:
                continue
            if one.start - cursor > SHORTEST_GAP:
                gaps.append(Interval(cursor, one.start))
            cursor = max(cursor, one.end)
        if end - cursor > SHORTEST_GAP:
            gaps.append(Interval(cursor, end))
    return gaps


def _reason(gap: Interval, outages: pd.DataFrame, troubled: pd.DataFrame) -> str:
    ended = outages["ended_at"].isna() | (outages["ended_at"] > gap.start)
    told = outages[(outages["started_at"] < gap.end) & ended]
    if len(told):
        return str(told.iloc[-1]["reason"])
    dim = troubled[(troubled["started_at"] < gap.end) & (troubled["ended_at"] > gap.start)]
    return STATES.get(str(dim.iloc[0]["state"]), NO_PICTURE) if len(dim) else NO_PICTURE


def _span(label: str, state: str, one: Interval, reason: str, day: Interval, zone: ZoneInfo) -> dict[str, object]:
    return {
        "camera": label,
        "state": state,
        "from_h": (one.start - day.start).total_seconds() / 3600,
        "to_h": (one.end - day.start).total_seconds() / 3600,
        "from_text": f"{one.start.astimezone(zone):%H:%M}",
        "to_text": f"{one.end.astimezone(zone):%H:%M}",
        "reason": reason,
    }
