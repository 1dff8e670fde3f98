"""Audits beside the cameras: compared, kept, held against the settings of today, and what they say about a day.

A comparison is made again while the numbers of its day change (a spool that came late, a recording that was processed
the day after), and kept as it stands once retention has deleted visits of that day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from analytics.audit_ages import age_sums
from analytics.audit_matching import compare, from_document, matched_rows, people_of, to_document, windows_of
from analytics.audit_pairs import MATCH_WITHIN_S
from analytics.audits import Comparison, Rate, came, counted_per_person, pooled
from db.audits import Audit, StoredAudit
from db.reading.audits import (
    audits,
    cameras_of,
    networks_of,
    newest_network,
    setup_at,
    taps_of,
    version_of,
    visits_deleted_before,
    visits_within,
    watched_share,
)
from db.reading.queries import daily
from db.reading.selection import Selection
from db.session import reading
from db.writing.audits import keep_comparison
from footfall.local_time import Interval, day_bounds, local_day

SETTLES_WITHIN = timedelta(minutes=15)  # until then a camera's last visits may still be on their way
WATCHED_SHARE = 0.95
FEW_FOR_CLOCKS = 10
NOT_ENDED = "has not ended"
AGE_SUMS = "age_sums"  # in a kept comparison: what analytics.audit_ages makes of it; earlier versions kept none
PARTS = {"place": "its place", "line": "its counting line", "network": "its network"}


@dataclass(frozen=True, slots=True)
class CheckedAudit:
    """An audit, what it came to (None while it runs), and why it says nothing about today's cameras ("": it does)."""

    stored: StoredAudit
    comparison: Comparison | None
    void: str

    @property
    def audit(self) -> Audit:
        """Who counted where and when."""
        return self.stored.audit

    @property
    def is_final(self) -> bool:
        """Whether it was compared after the cameras' last visits had time to arrive."""
        return is_final(self.stored)


@dataclass(frozen=True, slots=True)
class DayEstimate:
    """What audits say of a day: `counted` at the audited `places`, who came there, from how many audits.

    `whole` says that the places are all at which somebody was counted; `uids` name the audits. `by_entrance` is who
    came to each entrance that is wholly audited, of `entrances` at which somebody was counted.
    """

    counted: int
    came: Rate
    places: tuple[str, ...]
    audits: int
    whole: bool
    uids: tuple[UUID, ...] = ()
    by_entrance: Mapping[str, Rate] = field(default_factory=dict)
    entrances: int = 0


def checked_audits(engine: Engine, sites: Sequence[str] | None, now: datetime) -> list[CheckedAudit]:
    """Return the audits of these sites (None: of all), newest first, compared anew where that is due."""
    with reading(engine) as connection:
        found = audits(connection, sites)
    return [checked(engine, stored, now) for stored in found]


def checked(engine: Engine, stored: StoredAudit, now: datetime) -> CheckedAudit:
    """Return an audit with its comparison, made and kept anew where that is due, held against the settings of now."""
    stored = _settled(engine, stored, now)
    comparison = None if stored.comparison is None else from_document(stored.comparison)
    with reading(engine) as connection:
        void = void_because(stored, comparison) or _changed_since(connection, stored, None)
    return CheckedAudit(stored, comparison, void)


def void_because(stored: StoredAudit, comparison: Comparison | None) -> str:
    """Return why an audit says nothing whatever the settings are; empty when it does."""
    if stored.void_reason:
        return stored.void_reason
    if comparison is None:
        return NOT_ENDED
    if any(setup.get("changed") for setup in (stored.setups or {}).values()):
        return "the settings of the camera changed while it was counted"
    total = comparison.total
    if total.tapped == 0:
        return "nobody was tapped"
    if not is_final(stored):
        return ""
    if comparison.watched_share < WATCHED_SHARE:
        return f"the camera watched only {comparison.watched_share:.0%} of the time"
    both = min(total.tapped, total.counted)
    if both >= FEW_FOR_CLOCKS and total.matched < both / 2:
        return "taps and visits do not fall together: the clock of the camera's computer is wrong by seconds"
    return ""


def estimate_of_day(engine: Engine, site: str, day: date, found: Sequence[CheckedAudit]) -> DayEstimate | None:
    """Return how many came to a site on a day, None where no audit holds for what was counted then.

    The audits of an entrance are pooled; without one of the whole entrance, those of its single cameras are used. An
    audit holds for a day on which place, line and network of its cameras were what they were in the audit.
    """
    with reading(engine) as connection:
        return estimate_within(connection, site, day, found)


def estimate_within(connection: Connection, site: str, day: date, found: Sequence[CheckedAudit]) -> DayEstimate | None:
    """Return the same of one snapshot."""
    deleted_before = visits_deleted_before(connection, site)
    if deleted_before is not None and day < deleted_before:
        return None  # which network judged them cannot be told any more
    visits = daily(connection, Selection(day, day, sites=(site,)), ("entrance", "camera"))
    holding = [
        one
        for one in found
        if one.audit.site == site
        and one.is_final
        and not void_because(one.stored, one.comparison)
        and not _changed_since(connection, one.stored, day)
    ]
    parts: list[tuple[str, int, Rate, list[CheckedAudit]]] = []
    by_entrance: dict[str, Rate] = {}
    for entrance, rows in visits.groupby("entrance"):
        before, total = len(parts), int(rows["visits"].sum())
        wholly = [one for one in holding if (one.audit.entrance, one.audit.camera) == (entrance, "")]
        rate = rate_of(wholly)
        if rate is not None:
            parts.append((str(entrance), total, rate, wholly))
            by_entrance[str(entrance)] = came([(total, rate)])
            continue
        for camera, number in rows.groupby("camera")["visits"].sum().items():
            own = [one for one in holding if one.audit.camera == camera]
            rate = rate_of(own)
            if rate is not None:
                parts.append((f"{entrance} ({camera})", int(number), rate, own))
        if sum(part[1] for part in parts[before:]) == total:
            by_entrance[str(entrance)] = came([(part[1], part[2]) for part in parts[before:]])
    if not parts:
        return None
    counted = sum(part[1] for part in parts)
    return DayEstimate(
        counted=counted,
        came=came([(part[1], part[2]) for part in parts]),
        places=tuple(part[0] for part in parts),
        audits=sum(len(part[3]) for part in parts),
        whole=counted == int(visits["visits"].sum()),
        uids=tuple(one.audit.uid for part in parts for one in part[3]),
        by_entrance=by_entrance,
        entrances=visits["entrance"].nunique(),
    )


def rate_of(found: Sequence[CheckedAudit]) -> Rate | None:
    """Return what the cameras of these audits count for each person who comes, from all of them together."""
    return counted_per_person(
        pooled((one.audit.started_at, one.comparison) for one in found if one.comparison is not None)
    )


def days_of(stored: StoredAudit) -> list[date]:
    """Return the local days that an audit touches, today's not ended ones by their beginning."""
    end = stored.audit.ended_at or stored.audit.started_at
    first, last = local_day(stored.audit.started_at, stored.zone), local_day(end, stored.zone)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def hours_of(stored: StoredAudit) -> list[int]:
    """Return the local hours of the day in which an audit counted: light changes with them."""
    moment, end = stored.audit.started_at, stored.audit.ended_at or stored.audit.started_at
    found = {moment.astimezone(stored.zone).hour}
    while moment < end:
        found.add(moment.astimezone(stored.zone).hour)
        moment += timedelta(minutes=1)
    return sorted(found)


def _settled(engine: Engine, stored: StoredAudit, now: datetime) -> StoredAudit:
    ended_at = stored.audit.ended_at
    if ended_at is None:
        return stored
    with reading(engine) as connection:
        days = days_of(stored)
        version = version_of(connection, stored.audit.site, days)
        deleted_before = visits_deleted_before(connection, stored.audit.site)
        if stored.comparison is not None and stored.compared_at is not None:
            is_kept = deleted_before is not None and deleted_before > days[0]
            is_settled = stored.compared_version == version and is_final(stored) and AGE_SUMS in stored.comparison
            if is_kept or is_settled:
                return stored
        setups, comparison = _compared(connection, stored, ended_at)
    keep_comparison(engine, stored.audit.uid, setups, comparison, version, now)
    return replace(stored, setups=setups, comparison=comparison, compared_version=version, compared_at=now)


def is_final(stored: StoredAudit) -> bool:
    """Return whether an audit was compared after the cameras' last visits had time to arrive."""
    ended_at, compared_at = stored.audit.ended_at, stored.compared_at
    return ended_at is not None and compared_at is not None and compared_at >= ended_at + SETTLES_WITHIN


def _compared(connection: Connection, stored: StoredAudit, ended_at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    audit = stored.audit
    taps = taps_of(connection, audit.uid)
    cameras = cameras_of(connection, audit)
    windows = windows_of(audit.started_at, ended_at, taps)
    margin = timedelta(seconds=MATCH_WITHIN_S + audit.precision_s)
    span = Interval(audit.started_at - margin, ended_at + margin)
    days = [local_day(span.start, stored.zone), *days_of(stored), local_day(span.end, stored.zone)]
    visits = visits_within(connection, cameras, sorted(set(days)), span)
    watched = min((watched_share(connection, number, windows) for number in cameras.values()), default=0.0)
    comparison = compare(taps, visits, windows, audit.precision_s, watched)
    setups = {}
    for name, number in cameras.items():
        before, after = (setup_at(connection, number, moment) for moment in (audit.started_at, ended_at))
        seen = sorted(set(visits.loc[visits["camera"] == name, "model_version"]))
        network = seen[0] if seen else newest_network(connection, number)
        setups[name] = {**after, "network": network, "changed": before != after or len(seen) > 1}
    people = people_of(taps, windows)
    sums = age_sums(people, visits, matched_rows(people, visits, audit.precision_s))
    return setups, to_document(comparison) | {AGE_SUMS: [one.to_document() for one in sums]}


def _changed_since(connection: Connection, stored: StoredAudit, day: date | None) -> str:
    """Return how the cameras of an audit differ on a local day (None: now) from what they were, empty if not at all."""
    cameras = cameras_of(connection, stored.audit)
    setups = stored.setups or {}
    if set(cameras) != set(setups):
        return f"other cameras watch {stored.audit.entrance} since"
    for name, number in cameras.items():
        for setup in _setups_on(connection, stored, number, day):
            changed = [words for part, words in PARTS.items() if differ(setups[name].get(part), setup.get(part))]
            if changed:
                return f"camera {name} changed {' and '.join(changed)} since"
        if day is not None and networks_of(connection, number, day) not in ([], [setups[name].get("network")]):
            return f"camera {name} changed its network since"
    return ""


def _setups_on(connection: Connection, stored: StoredAudit, camera_id: int, day: date | None) -> list[dict[str, Any]]:
    """Return the setups at begin and end of a day; of now, with the network of its last visits."""
    if day is not None:
        bounds = day_bounds(day, stored.zone)
        return [setup_at(connection, camera_id, moment) for moment in bounds]
    return [{**setup_at(connection, camera_id), "network": newest_network(connection, camera_id)}]


def differ(one: Any, other: Any) -> bool:
    """Return whether two parts of a setup are known and not the same."""
    return one is not None and other is not None and one != other
