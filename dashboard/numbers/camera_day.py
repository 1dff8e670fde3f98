"""One day of every camera as stretches of watching and not watching; pure functions on frames."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.numbers.reasons import NOT_HEARD, NOT_RUNNING, PICTURE_WORDS, in_words
from footfall.local_time import Interval

SHORTEST_GAP = timedelta(seconds=90)
SILENT_AFTER = timedelta(minutes=5)
SHORTEST_STRETCH = timedelta(seconds=30)


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

    Gaps are times within the opening hours, up to now, without a usable picture; each has one reason, so that a time
    with several reasons is several gaps.

    Args:
        timeline: camera, state, started_at, ended_at (db.operation.timeline).
        outages: camera, started_at, ended_at, reason, and where it is known heard_at (db.operation.outages).
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
        told = _Told(timeline[timeline["camera"] == name], outages[outages["camera"] == name], day, now)
        rows += [_span(label, "live", one, "", day, zone) for one in live]
        for gap in _gaps(live, opening, now):
            rows += [_span(label, "gap", one, reason, day, zone) for one, reason in told.stretches(gap)]
    columns = ["camera", "state", "from_h", "to_h", "from_text", "to_text", "reason"]
    return pd.DataFrame(rows, columns=columns)


class _Told:
    """What is known of one camera's day, up to `now` while it goes on."""

    def __init__(self, timeline: pd.DataFrame, outages: pd.DataFrame, day: Interval, now: datetime) -> None:
        self._spells: list[tuple[Interval, str]] = []
        self._goes_on = now < day.end
        now = min(now, day.end)
        outages = outages.assign(ended_at=_ends(outages, now))
        last_news = pd.concat([timeline["ended_at"], outages["started_at"], outages["ended_at"].dropna()])
        self._heard_until: datetime | None = None if last_news.empty else last_news.max().to_pydatetime()
        dim = timeline[timeline["state"] != "ok"]
        for start, end, state in zip(dim["started_at"], dim["ended_at"], dim["state"], strict=True):
            self._add(start, end, PICTURE_WORDS.get(str(state), str(state)))
        told = outages.sort_values("started_at")
        for start, end, reason in zip(told["started_at"], told["ended_at"], told["reason"], strict=True):
            self._add(start, now if pd.isna(end) else end, in_words(str(reason)))

    def stretches(self, gap: Interval) -> list[tuple[Interval, str]]:
        """Return the parts of `gap`, each with its own reason."""
        edges = {gap.start, gap.end, *(edge for one, _ in self._spells for edge in (one.start, one.end))}
        if self._heard_until is not None:
            edges.add(self._heard_until)
        inside = sorted(edge for edge in edges if gap.start <= edge <= gap.end)
        found: list[tuple[Interval, str]] = []
        for start, end in pairwise(inside):
            reason = self._reason(start, end)
            if found and (found[-1][1] == reason or end - start < SHORTEST_STRETCH):
                found[-1] = Interval(found[-1][0].start, end), found[-1][1]
            elif found and found[-1][0].end - found[-1][0].start < SHORTEST_STRETCH:
                found[-1] = Interval(found[-1][0].start, end), reason
            else:
                found.append((Interval(start, end), reason))
        return found

    def _add(self, start: datetime, end: datetime, words: str) -> None:
        if end > start:
            self._spells.append((Interval(start, end), words))

    def _reason(self, start: datetime, end: datetime) -> str:
        """Return the newest thing that was said about this time; nobody was there to say something of the rest."""
        said = [words for one, words in self._spells if one.start <= start and one.end >= end]
        if said:
            return said[-1]
        is_newest = self._heard_until is None or start >= self._heard_until
        return NOT_HEARD if self._goes_on and is_newest else NOT_RUNNING


def _ends(outages: pd.DataFrame, now: datetime) -> pd.Series:
    """Return when each outage ended; what lasts is known only until its machine was heard of last."""
    if "heard_at" not in outages:
        return outages["ended_at"]
    heard = outages["heard_at"].where(outages["heard_at"] < now - SILENT_AFTER)
    return outages["ended_at"].fillna(heard.clip(lower=outages["started_at"]))


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
