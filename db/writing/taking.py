"""Which part of a recording may be counted: what no other source of its camera has counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db.writing.borders import at_border, explained, inside
from db.writing.registry import KnownCamera
from db.writing.sources import JOINT_S, MINUTE, Claim, claims_of_others, counted_times, merged, shared_s
from footfall.errors import StoreError
from footfall.local_time import Interval
from footfall.types import CameraMinute, Recording, Visit


@dataclass(frozen=True, slots=True)
class Part:
    """Visits and minutes of a recording."""

    visits: Sequence[Visit]
    minutes: Sequence[CameraMinute]


def require_uncounted(
    connection: Connection, camera: KnownCamera, recording: Recording, own: Collection[int], *, fill_gaps: bool
) -> float:
    """Return how many seconds from the recording's begin to its end no other source than `own` has counted.

    Raises:
        StoreError: without `fill_gaps`, another source has counted some of them.
    """
    span = Interval(recording.started_at, recording.ended_at)
    claims = claims_of_others(connection, camera, span, own)
    if not fill_gaps:
        _refuse_shared(recording, [span], claims)
    return (span.end - span.start).total_seconds() - shared_s([span], merged(claims))


def uncounted_part(
    connection: Connection,
    camera: KnownCamera,
    recording: Recording,
    part: Part,
    own: Collection[int],
    *,
    fill_gaps: bool,
) -> Part:
    """Return what of `part` no other source than `own` has counted.

    A minute is taken unless another source has counted time that it shows. A visit is taken when it was in view in
    such minutes, and no visit of the other source can be its other half (db.writing.borders).

    Raises:
        StoreError: without `fill_gaps`, another source has counted time that the recording shows.
    """
    span = Interval(recording.started_at, recording.ended_at)
    claims = claims_of_others(connection, camera, span, own)
    claimed = merged(claims)
    shown = {minute.minute: shown_of(recording, minute) for minute in part.minutes}
    if not fill_gaps:
        _refuse_shared(recording, merged(shown.values()), claims)
    taken = [minute for minute in part.minutes if shared_s([shown[minute.minute]], claimed) <= JOINT_S]
    kept = {minute.minute for minute in taken}
    refused = [shown[minute.minute] for minute in part.minutes if minute.minute not in kept]
    others = merged([*claimed, *refused])
    visits = [visit for visit in part.visits if not inside(visit, others)]
    if border := [visit for visit in visits if at_border(visit, others)]:
        about = Interval(min(visit.entered_at for visit in border), max(visit.left_at for visit in border))
        twice = {visit.uid for visit in explained(border, counted_times(connection, camera, about, own))}
        visits = [visit for visit in visits if visit.uid not in twice]
    return Part(visits, taken)


def shown_of(recording: Recording, minute: CameraMinute) -> Interval:
    """Return the part of a minute that a recording shows."""
    start = max(minute.minute, recording.started_at)
    return Interval(start, max(start, min(minute.minute + MINUTE, recording.ended_at)))


def _refuse_shared(recording: Recording, shown: Sequence[Interval], claims: Sequence[Claim]) -> None:
    for by in dict.fromkeys(claim.by for claim in claims):
        theirs = merged(claim for claim in claims if claim.by == by)
        twice_s = shared_s(shown, theirs)
        if twice_s > JOINT_S:
            raise StoreError(
                f"{recording.name}: begins {recording.started_at:%Y-%m-%d %H:%M:%S} UTC and shows "
                f"{_length(twice_s)} that {by} of camera {recording.camera_id} has counted already, visitors would "
                "count twice; --fill-gaps takes only the time that nobody counted; where the time or the camera is "
                "wrong, give --started-at or another --camera"
            )


def _length(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
