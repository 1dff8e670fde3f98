"""Which cameras the database knows, which machine names them, and where the settings of machines do not agree.

A machine (box) is one settings file; what it said last is kept by db.writing.boxes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from db.models import BoxRow, CameraMinuteRow, CameraPeriodRow, CameraRow, SiteRow
from footfall.local_time import local_day

# A camera that gives minutes is watched, whoever names it: by a part of a settings file, or by an older program.
QUIET_AFTER = timedelta(hours=1)
SILENT_AFTER = timedelta(minutes=10)
# Two workers of one camera share a minute when one takes over from the other; more than these, and both watch it.
SHARED_MINUTES = 3
SHARED_LIVE_S = 30.0
DIFFERING = {"label": "its label", "time_zone": "its time zone", "opening_hours": "its opening hours"}


@dataclass(frozen=True, slots=True)
class Box:
    """One machine: what its settings said last of sites and cameras, and when its program was heard of.

    `heard_at` is by the database server's clock, `clock_ahead_s` how far its own was ahead of that (None: not known).
    """

    name: str
    said_at: datetime
    heard_at: datetime | None
    sites: Mapping[str, Mapping[str, Any]]
    cameras: Mapping[str, Mapping[str, Any]]
    clock_ahead_s: float | None = None


@dataclass(frozen=True, slots=True)
class ListedCamera:
    """A camera as a technician needs it.

    `since` is the first local day on which it was to watch (None: never), `retired_from` the one from which it is not
    to any more; `last_seen` its newest minute; `named_by` and `disabled_by` are machines whose settings do so.
    """

    camera: str
    label: str
    entrance: str
    site: str
    since: date | None
    retired_from: date | None
    expected: bool
    last_seen: datetime | None
    named_by: tuple[str, ...]
    disabled_by: tuple[str, ...]
    missed_from: date

    def trouble(self, now: datetime) -> str:
        """Return in one sentence what somebody should decide about this camera, empty when there is nothing."""
        seen_lately = self.last_seen is not None and now - self.last_seen < QUIET_AFTER
        if self.expected and not self.named_by and not seen_lately:
            who = (
                f"the settings of {_listed(self.disabled_by)} disable it" if self.disabled_by else "no settings name it"
            )
            return (
                f"camera {self.camera} is expected to watch, but {who}: its days count as incomplete until it watches "
                f"again or is retired with `footfall cameras retire {self.camera} --from {self.missed_from}`"
            )
        if self.retired_from is not None and not self.expected and seen_lately:
            return (
                f"camera {self.camera} is retired from {self.retired_from} on and still watches: what it counts is "
                f"counted, its gaps are not; expect it again with `footfall cameras resume {self.camera}`, or take it "
                f"out of the settings{f' of {_listed(self.named_by)}' if self.named_by else ''}"
            )
        return ""


def boxes(connection: Connection) -> list[Box]:
    """Return the machines that ever spoke, by name."""
    row = BoxRow
    query = select(row.name, row.said_at, row.heard_at, row.said, row.clock_ahead_s).order_by(row.name)
    return [
        Box(
            found.name,
            found.said_at,
            found.heard_at,
            found.said.get("sites", {}),
            found.said.get("cameras", {}),
            found.clock_ahead_s,
        )
        for found in connection.execute(query)
    ]


def heard_of(connection: Connection) -> dict[str, datetime]:
    """Return for each camera when a machine whose settings name it was heard of last; without one it is left out."""
    found: dict[str, datetime] = {}
    for box in boxes(connection):
        for camera in box.cameras if box.heard_at is not None else ():
            found[camera] = max(box.heard_at or box.said_at, found.get(camera, box.said_at))
    return found


def listed_cameras(connection: Connection, now: datetime, sites: Sequence[str] | None = None) -> list[ListedCamera]:
    """Return the cameras of `sites` (None: of all), by site and name."""
    query = (
        select(CameraRow.id, CameraRow.name, CameraRow.label, CameraRow.entrance)
        .add_columns(SiteRow.name.label("site"), SiteRow.time_zone)
        .join(SiteRow, SiteRow.id == CameraRow.site_id)
        .order_by(SiteRow.name, CameraRow.name)
    )
    if sites is not None:
        query = query.where(SiteRow.name.in_(sites))
    spoken = boxes(connection)
    return [_listed_camera(connection, row, spoken, now) for row in connection.execute(query).all()]


def camera_troubles(connection: Connection, now: datetime, sites: Sequence[str] | None = None) -> list[str]:
    """Return what somebody should decide about cameras of `sites` (None: of all), one sentence each."""
    if not boxes(connection):  # nobody has said yet which cameras there are, as after an upgrade
        return []
    return [told for camera in listed_cameras(connection, now, sites) if (told := camera.trouble(now))]


def disagreements(connection: Connection) -> list[str]:
    """Return where settings of different machines say different things about one site, one sentence each."""
    said: defaultdict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)
    for box in boxes(connection):
        for site, values in box.sites.items():
            for name in sorted(values.keys() & DIFFERING.keys()):
                said[site, name].setdefault(_in_words(values[name]), []).append(box.name)
    return [
        f"site {site}: the settings of {len(versions)} machines disagree about {DIFFERING[name]} ("
        + "; ".join(f"{_listed(names)}: {value}" for value, names in sorted(versions.items()))
        + "), the one that was changed last counts"
        for (site, name), versions in sorted(said.items())
        if len(versions) > 1
    ]


def silent_machines(connection: Connection, now: datetime, but: str = "") -> list[str]:
    """Return the machines, all but `but`, whose program was heard of once and not lately, one sentence each."""
    return [told for name, told in silence(connection, now).items() if name != but]


def silence(connection: Connection, now: datetime, among: Collection[str] | None = None) -> dict[str, str]:
    """Return a sentence for each machine, by name, whose program was heard of once and not lately.

    Only cameras of `among` are named; None: all.
    """
    told = {}
    for box in boxes(connection):
        if box.cameras and box.heard_at is not None and now - box.heard_at > SILENT_AFTER:
            named = ", ".join(sorted(name for name in box.cameras if among is None or name in among))
            told[box.name] = (
                f"machine {box.name} was heard of last at {box.heard_at:%Y-%m-%d %H:%M} UTC, its cameras ({named}) are "
                f"not known to watch: start its program, or say that it is gone with `footfall boxes forget {box.name}`"
            )
    return told


def watched_twice(connection: Connection, now: datetime) -> list[str]:
    """Return the cameras that two workers watched at the same time in the last hour: their visitors count twice."""
    minute = CameraMinuteRow
    cameras = connection.execute(select(CameraRow.id)).scalars().all()  # named, each is a short look into the index
    shared = (
        select(minute.camera_id, minute.minute)
        .where(minute.camera_id.in_(cameras))
        .where(minute.minute >= now - timedelta(hours=1), minute.recording_id.is_(None))
        .where(minute.live_s >= SHARED_LIVE_S)
        .group_by(minute.camera_id, minute.minute)
        .having(func.count() > 1)
        .subquery()
    )
    query = (
        select(CameraRow.name)
        .join(shared, shared.c.camera_id == CameraRow.id)
        .group_by(CameraRow.name)
        .having(func.count() >= SHARED_MINUTES)
        .order_by(CameraRow.name)
    )
    return list(connection.execute(query).scalars())


def _listed_camera(connection: Connection, row: Any, spoken: Sequence[Box], now: datetime) -> ListedCamera:
    period = CameraPeriodRow
    query = select(period.first_day, period.last_day).where(period.camera_id == row.id).order_by(period.first_day)
    periods = connection.execute(query).all()
    today = local_day(now, ZoneInfo(row.time_zone))
    last_seen = connection.execute(
        select(func.max(CameraMinuteRow.minute)).where(CameraMinuteRow.camera_id == row.id)
    ).scalar_one()
    ended = periods[-1].last_day if periods else None
    missed_from = today
    if periods:
        seen_on = None if last_seen is None else local_day(last_seen, ZoneInfo(row.time_zone)) + timedelta(days=1)
        missed_from = min(today, max(periods[-1].first_day, seen_on or periods[-1].first_day))
    named = [(box.name, box.cameras[row.name].get("enabled", True)) for box in spoken if row.name in box.cameras]
    return ListedCamera(
        camera=row.name,
        label=row.label,
        entrance=row.entrance,
        site=row.site,
        since=periods[0].first_day if periods else None,
        retired_from=None if ended is None else ended + timedelta(days=1),
        expected=any(one.first_day <= today <= (one.last_day or date.max) for one in periods),
        last_seen=last_seen,
        named_by=tuple(name for name, enabled in named if enabled),
        disabled_by=tuple(name for name, enabled in named if not enabled),
        missed_from=missed_from,
    )


def _in_words(value: Any) -> str:
    if not isinstance(value, list):
        return str(value) or "none"
    return str(value[0]) if len(set(value)) == 1 else " ".join(str(part) for part in value)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
