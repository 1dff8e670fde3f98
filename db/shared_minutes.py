"""Minutes that were counted by two sources of one camera: what must never be, and what an auditor asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Connection, and_, select
from sqlalchemy.orm import aliased

from db.models import CameraMinuteRow
from db.writing.registry import KnownCamera
from db.writing.sources import JOINT_S, MINUTE, Claim, merged, minute_of, recording_claims, watched
from footfall.local_time import Interval, day_bounds


def shared_minutes(
    connection: Connection, camera: KnownCamera, first_day: date, last_day: date
) -> Iterator[tuple[datetime, int]]:
    """Yield each minute of these days that more than one source has counted, and how many sources did.

    Recordings that lost rows to retention are not among them: which minutes they counted nobody can tell any more.
    """
    span = Interval(day_bounds(first_day, camera.zone).start, day_bounds(last_day, camera.zone).end)
    shown: dict[datetime, list[Claim]] = {}
    for claim in recording_claims(connection, camera, span):
        if claim.end - claim.start <= MINUTE:
            shown.setdefault(minute_of(claim.start), []).append(claim)
    live = _live_beside_recordings(connection, camera, span) if shown else set()
    for minute, claims in sorted(shown.items()):
        shared_s = _length_s(claims) - _length_s(merged(claims))
        recordings = len(claims) if shared_s > JOINT_S else 1
        if recordings + (minute in live) > 1:
            yield minute, recordings + (minute in live)


def _live_beside_recordings(connection: Connection, camera: KnownCamera, span: Interval) -> set[datetime]:
    live, recorded = aliased(CameraMinuteRow), aliased(CameraMinuteRow)
    same = and_(recorded.camera_id == live.camera_id, recorded.minute == live.minute)
    query = (
        select(live.minute)
        .join(recorded, same)
        .where(live.camera_id == camera.id, live.minute >= minute_of(span.start), live.minute < span.end)
        .where(live.recording_id.is_(None), watched(live), recorded.recording_id.is_not(None))
    )
    return set(connection.execute(query).scalars())


def _length_s(intervals: list[Claim] | list[Interval]) -> float:
    return sum((one.end - one.start).total_seconds() for one in intervals)
