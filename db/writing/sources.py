"""One minute, one source: which time of a camera is counted already, and by whom.

A UTC minute belongs to the live camera or to recordings, whichever was stored first. Recordings share a minute only
where one ends and the next begins. Who asks holds the lock of the camera's site, so that the answer stays true until
the end of the transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, or_, select

from db.models import CameraMinuteRow, DeletionRow, HourlyObservationRow, RecordingRow, VisitRow
from db.writing.registry import KnownCamera
from footfall.local_time import Interval, day_bounds, hour_of, local_day, overlap_s

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# Two files of a recorder may share so much where they meet: frames and clocks do not end on the second.
JOINT_S = 1.0
JOINT = timedelta(seconds=JOINT_S)
LIVE = "the live stream"


@dataclass(frozen=True, slots=True)
class Claim:
    """Time that one source has counted. `by` names the source for people."""

    start: datetime
    end: datetime
    by: str


def minute_of(moment: datetime) -> datetime:
    """Return the beginning of the UTC minute that holds `moment`."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def claims_of_others(
    connection: Connection, camera: KnownCamera, span: Interval, own: Collection[int] = ()
) -> list[Claim]:
    """Return what is counted already within `span`, by everything but the recordings with the ids `own`."""
    return live_claims(connection, camera, span) + recording_claims(connection, camera, span, own)


def live_claims(connection: Connection, camera: KnownCamera, span: Interval) -> list[Claim]:
    """Return the whole minutes of `span` in which the live camera looked at frames or counted somebody.

    A visit reaches the database before its minutes, and may reach into a minute of a recording, which stays that
    recording's. Of hours whose minutes retention deleted nobody can tell any more which were observed: all are claimed.
    """
    visit, hour = VisitRow, HourlyObservationRow
    days = (local_day(span.start, camera.zone) - DAY, local_day(span.end, camera.zone))
    row = CameraMinuteRow
    within = (row.camera_id == camera.id, row.minute >= minute_of(span.start), row.minute < span.end)
    looked = connection.execute(select(row.minute, row.recording_id.is_(None)).where(*within, watched(row))).all()
    minutes = {minute for minute, is_live in looked if is_live}
    recorded = {minute for minute, is_live in looked if not is_live}
    counted = select(visit.entered_at, visit.left_at).where(
        visit.camera_id == camera.id,
        visit.day.between(*days),
        visit.recording_id.is_(None),
        visit.entered_at < span.end,
        visit.left_at >= span.start,
    )
    for entered_at, left_at in connection.execute(counted):
        minutes |= set(_minutes_between(max(entered_at, span.start), min(left_at, span.end))) - recorded
    found = [Claim(minute, minute + MINUTE, LIVE) for minute in sorted(minutes)]
    frozen = select(hour.hour_start).where(
        hour.camera_id == camera.id, hour.day.between(*days), hour.frozen, hour.frames_processed > 0
    )
    for start in sorted(connection.execute(frozen).scalars()):
        end = hour_of(start, camera.zone).end
        if start < span.end and end > span.start:
            found.append(Claim(start, end, f"{LIVE} or a recording whose single minutes are deleted"))
    return found


def recording_claims(
    connection: Connection,
    camera: KnownCamera,
    span: Interval,
    own: Collection[int] = (),
    *,
    whole_minutes: bool = False,
) -> list[Claim]:
    """Return what recordings other than `own` have counted within `span`: the parts of their minutes that they show.

    `whole_minutes` gives these minutes from beginning to end. Of the days whose minutes retention deleted, a recording
    claims all that it shows.
    """
    recording, row = RecordingRow, CameraMinuteRow
    around = (recording.started_at < span.end + MINUTE, recording.ended_at > span.start - MINUTE)
    columns = (recording.id, recording.name, recording.started_at, recording.ended_at, recording.purged)
    known = connection.execute(select(*columns).where(recording.camera_id == camera.id, *around))
    shown = {found.id: found for found in known if found.id not in own}
    if not shown:
        return []
    names = {number: f"recording {found.name} (number {number})" for number, found in shown.items()}
    purged = [found for found in shown.values() if found.purged]
    before = _minutes_deleted_before(connection, camera) if purged else None
    claims = [
        Claim(found.started_at, min(found.ended_at, before), names[found.id])
        for found in purged
        if before is not None and found.started_at < before
    ]
    minutes = select(row.recording_id, row.minute).where(
        row.camera_id == camera.id,
        row.recording_id.in_(list(shown)),
        row.minute >= minute_of(span.start),
        row.minute < span.end,
        watched(row),
    )
    for number, minute in connection.execute(minutes.order_by(row.minute)):
        start, end = max(minute, shown[number].started_at), min(minute + MINUTE, shown[number].ended_at)
        if end - start > JOINT:
            bounds = Interval(minute, minute + MINUTE) if whole_minutes else Interval(start, end)
            claims.append(Claim(bounds.start, bounds.end, names[number]))
    return claims


def merged(intervals: Iterable[Claim | Interval]) -> list[Interval]:
    """Return the time that any of them covers, in order, without overlap."""
    joined: list[Interval] = []
    for one in sorted(Interval(item.start, item.end) for item in intervals):
        if joined and one.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return joined


def shared_s(spans: Sequence[Interval], claimed: Sequence[Interval]) -> float:
    """Return how many seconds of `spans` are claimed; neither list overlaps itself."""
    return sum(overlap_s(one.start, one.end, claimed) for one in spans)


def counted_times(
    connection: Connection, camera: KnownCamera, span: Interval, own: Collection[int] | None
) -> list[Interval]:
    """Return when visits of other sources were in view about `span`: of all but the recordings `own`, or, for the
    live camera itself (None), of recordings.
    """
    visit = VisitRow
    days = (local_day(span.start, camera.zone) - DAY, local_day(span.end, camera.zone) + DAY)
    recorded = visit.recording_id.is_not(None)
    others = recorded if own is None else or_(visit.recording_id.is_(None), visit.recording_id.not_in(list(own)))
    query = select(visit.entered_at, visit.left_at).where(
        visit.camera_id == camera.id,
        visit.day.between(*days),
        others,
        visit.entered_at <= span.end + JOINT,
        visit.left_at >= span.start - JOINT,
    )
    return [Interval(*row) for row in connection.execute(query.order_by(visit.entered_at, visit.uid))]


def _minutes_deleted_before(connection: Connection, camera: KnownCamera) -> datetime | None:
    """Return the instant before which retention deleted the site's minutes, None when it never did."""
    query = select(func.max(DeletionRow.before_day)).where(
        DeletionRow.site_id == camera.site_id, DeletionRow.table_name == CameraMinuteRow.__tablename__
    )
    day = connection.execute(query).scalar_one()
    return None if day is None else day_bounds(day, camera.zone).start


def watched(row: type[CameraMinuteRow]) -> ColumnElement[bool]:
    """Return the condition that somebody could have been counted in a minute: frames of it were looked at."""
    return or_(row.frames_processed > 0, row.live_s > 0)


def _minutes_between(first: datetime, last: datetime) -> Iterable[datetime]:
    minute = minute_of(first)
    while minute <= last:
        yield minute
        minute += MINUTE
