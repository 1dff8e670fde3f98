"""What there is to tell at a moment: cameras that do not see, or see something else, and that again; pure functions.

A trouble is told once it went on for `after` within the opening hours, and its end once all was well for as long. Those
that begin together get there a little apart: those that are nearly there join the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.numbers.reasons import NOT_HEARD, NOT_TOLD, in_words
from dashboard.wording import duration, listing, long_day, percent, short_day
from db.reading.sight import BLINDING, CHANGED, Sight, Watch
from footfall.local_time import Interval, local_day, overlap_s

BLIND, INCOMPLETE = "blind", "incomplete"
TOGETHER = timedelta(minutes=2)
LATE = timedelta(minutes=3)
"""Minutes reach the database so much after they began, and a little more."""
MACHINE_SILENT = NOT_HEARD.partition(": ")[2]
BEGUN_WORDS = {"moved": "looks elsewhere", "blurred": "sees nothing sharp"}
OVER_WORDS = {"moved": "shows its usual view", "blurred": "is sharp"}
NOW_WORDS = {
    "dark": "the picture is dark",
    "covered": "the picture is covered",
    "blurred": "the picture is blurred",
    "moved": "it was moved, and its counting line no longer fits",
}
NO_MORE = "is not expected to watch any more"


@dataclass(frozen=True, slots=True)
class Begun:
    """A trouble: of what there can be one (`subject`), its kind, since when, and why in words.

    `is_settled` says that it went on for long enough to be told; else it can only join one that did.
    """

    subject: str
    kind: str
    camera: str
    label: str
    since: datetime
    why: str
    is_settled: bool
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """That a trouble is over, since when; `words` say how, empty where it is simply well again."""

    subject: str
    since: datetime
    is_settled: bool
    words: str = ""


def troubles(sight: Sight, opening: Sequence[Interval], now: datetime, after: timedelta) -> list[Begun]:
    """Return what is wrong with a camera."""
    if not sight.expected or not any(start <= now < end for start, end in opening):
        return []
    found = []
    if is_dim := _is_recent(sight, now) and sight.picture in BLINDING:
        reason = NOW_WORDS[sight.picture]
    else:
        reason = in_words(sight.outage) if sight.outage else NOT_TOLD if sight.is_heard else MACHINE_SILENT
    kind = sight.picture if is_dim else BLIND
    found += _begun(sight, sight.seen, kind, reason, (opening, now, after))
    if _is_recent(sight, now) and sight.picture in CHANGED:
        found += _begun(sight, sight.framed, sight.picture, NOW_WORDS[sight.picture], (opening, now, after))
    return found


def recoveries(sight: Sight, now: datetime, after: timedelta) -> list[Over]:
    """Return what is well again of a camera, whatever was told of it."""
    subjects = {name: watch for name, watch in ((_sight_of(sight), sight.seen), (_view_of(sight), sight.framed))}
    if not sight.expected:
        return [Over(subject, now, True, NO_MORE) for subject in subjects]
    found = []
    for subject, watch in subjects.items():
        if watch.well_from is not None and watch.well_until is not None and now - watch.well_until < LATE:
            well = watch.well_until - watch.well_from
            if well >= _nearly(after):
                found.append(Over(subject, watch.well_from, well >= after))
    return found


def told_together(found: Sequence[Begun]) -> list[Begun]:
    """Return what is told now: everything that went on for long enough, and what began about the same time."""
    settled = [one.since for one in found if one.is_settled]
    return [one for one in found if one.is_settled or any(abs(one.since - since) <= TOGETHER for since in settled)]


def begun_words(one: Begun, zone: ZoneInfo, now: datetime) -> str:
    """Return like "Camera North gate cannot see since 10:42: the picture is dark"."""
    what = BEGUN_WORDS.get(one.kind, "cannot see")
    return f"Camera {one.label} {what} since {clock(one.since, zone, now)}: {one.why}"


def over_words(label: str, kind: str, span: tuple[datetime, datetime], zone: ZoneInfo, now: datetime) -> str:
    """Return like "Camera North gate sees again since 11:03, after 21 min"."""
    began, ended = span
    what = OVER_WORDS.get(kind, "sees")
    length = duration((ended - began).total_seconds())
    return f"Camera {label} {what} again since {clock(ended, zone, now)}, after {length}"


def incomplete_words(day: date, share: float) -> str:
    """Return like "Monday 2 March 2026 ended incomplete: 83% of the opening time was observed"."""
    return f"{long_day(day)} ended incomplete: {percent(share)} of the opening time was observed"


def summary_of(sentences: Sequence[str], begun: Sequence[Begun], zone: ZoneInfo, now: datetime) -> str:
    """Return one line for everything that is told at once; `begun` is what of it began."""
    blind = [one for one in begun if one.camera and one.kind not in CHANGED]
    if len(sentences) > 1 and len(blind) == len(sentences):
        since = clock(min(one.since for one in blind), zone, now)
        return f"{len(blind)} cameras cannot see since {since}: {listing(sorted({one.why for one in blind})[:2])}"
    return sentences[0] + (f"; and {len(sentences) - 1} more" if len(sentences) > 1 else "")


def clock(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return the local time like "10:42", with its day where that is not today."""
    local = moment.astimezone(zone)
    day = local_day(moment, zone)
    return f"{local:%H:%M}" if day == local_day(now, zone) else f"{short_day(day)} {local:%H:%M}"


def subjects_of(sights: Iterable[Sight]) -> dict[str, Sight]:
    """Return the cameras by the subjects of their alerts."""
    return {subject: sight for sight in sights for subject in (_sight_of(sight), _view_of(sight))}


def _begun(
    sight: Sight, watch: Watch, kind: str, why: str, when: tuple[Sequence[Interval], datetime, timedelta]
) -> list[Begun]:
    opening, now, after = when
    since = watch.well_until or sight.first
    if since is None:  # never seen within a week: whether it ever will be is not for an alert
        return []
    if kind in (*BLINDING, *CHANGED):  # a dark mall is no trouble before it opens
        since = max(since, next(start for start, end in opening if start <= now < end))
    length = timedelta(seconds=overlap_s(since, now, opening))
    if length < _nearly(after):
        return []
    subject = _view_of(sight) if kind in CHANGED else _sight_of(sight)
    label = " ".join(sight.camera.label.split()) or sight.camera.camera
    return [Begun(subject, kind, sight.camera.camera, label, since, why, length >= after)]


def _nearly(after: timedelta) -> timedelta:
    return max(after - TOGETHER, after / 2)


def _is_recent(sight: Sight, now: datetime) -> bool:
    return sight.newest is not None and now - sight.newest < LATE


def _sight_of(sight: Sight) -> str:
    return f"sight of {sight.camera.camera}"


def _view_of(sight: Sight) -> str:
    return f"view of {sight.camera.camera}"
