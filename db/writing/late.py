"""Live records that come from a spool after a recording filled their time: who was stored first keeps the minute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from db.models import VisitRow
from db.writing.borders import at_border, explained, inside
from db.writing.registry import KnownCamera
from db.writing.sources import JOINT, MINUTE, Claim, counted_times, merged, recording_claims
from footfall.local_time import Interval
from footfall.types import CameraMinute, Visit

UIDS_PER_QUERY = 1000


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Live records of one camera that were not stored, because `by` had counted their time: how many, from when."""

    camera: str
    kind: str
    count: int
    first: datetime
    last: datetime
    by: str


def without_counted_visits(
    connection: Connection, visits: Sequence[Visit], cameras: Mapping[str, KnownCamera]
) -> tuple[list[Visit], list[LeftOut]]:
    """Return the live visits that no recording has counted, and a note about the others."""
    kept: list[Visit] = []
    notes: list[LeftOut] = []
    for name, camera in cameras.items():
        mine = [visit for visit in visits if visit.camera_id == name]
        span = Interval(min(visit.entered_at for visit in mine), max(visit.left_at for visit in mine))
        claims = recording_claims(connection, camera, span, whole_minutes=True)
        twice = _counted(connection, camera, mine, claims) if claims else set()
        kept += [visit for visit in mine if visit.uid not in twice]
        notes += _noted(name, "visits", [_in_view(visit) for visit in mine if visit.uid in twice], claims)
    return kept, notes


def without_counted_minutes(
    connection: Connection, minutes: Sequence[CameraMinute], cameras: Mapping[str, KnownCamera]
) -> tuple[list[CameraMinute], list[LeftOut]]:
    """Return the live minutes that belong to no recording, and a note about the others."""
    kept: list[CameraMinute] = []
    notes: list[LeftOut] = []
    for name, camera in cameras.items():
        mine = [minute for minute in minutes if minute.camera_id == name]
        span = Interval(min(minute.minute for minute in mine), max(minute.minute for minute in mine) + MINUTE)
        claims = recording_claims(connection, camera, span, whole_minutes=True)
        claimed = merged(claims)
        twice = {m.minute for m in mine if any(one.start < m.minute + MINUTE and m.minute < one.end for one in claimed)}
        kept += [minute for minute in mine if minute.minute not in twice]
        notes += _noted(name, "minutes", [Interval(minute, minute + MINUTE) for minute in twice], claims)
    return kept, notes


def _in_view(visit: Visit) -> Interval:
    return Interval(visit.entered_at, visit.left_at)


def _counted(
    connection: Connection, camera: KnownCamera, visits: Sequence[Visit], claims: Sequence[Claim]
) -> set[UUID]:
    """Return the visits that a recording has counted; those stored before it came are sent again, and stay."""
    claimed = merged(claims)
    known = _known(connection, [visit.uid for visit in visits])
    new = [visit for visit in visits if visit.uid not in known]
    twice = {visit.uid for visit in new if inside(visit, claimed)}
    border = [visit for visit in new if visit.uid not in twice and at_border(visit, claimed)]
    if border:
        about = Interval(min(visit.entered_at for visit in border), max(visit.left_at for visit in border))
        twice |= {visit.uid for visit in explained(border, counted_times(connection, camera, about, None))}
    return twice


def _known(connection: Connection, uids: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for first in range(0, len(uids), UIDS_PER_QUERY):
        some = uids[first : first + UIDS_PER_QUERY]
        found |= set(connection.execute(select(VisitRow.uid).where(VisitRow.uid.in_(some))).scalars())
    return found


def _noted(camera: str, kind: str, times: Sequence[Interval], claims: Iterable[Claim]) -> list[LeftOut]:
    if not times:
        return []
    about = Interval(min(one.start for one in times) - JOINT, max(one.end for one in times) + JOINT)
    by = dict.fromkeys(claim.by for claim in claims if claim.start < about.end and about.start < claim.end)
    return [LeftOut(camera, kind, len(times), about.start + JOINT, about.end - JOINT, ", ".join(by))]
