"""What is true at this moment of every site, entrance and camera, as it is sent."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from analytics.completeness import observed_share
from dashboard.accounts.person import Person
from dashboard.numbers.camera_state import CameraState, camera_state
from dashboard.numbers.ground import ground
from dashboard.numbers.occupancy import Occupancy, alarm_level, occupancy_now, occupancy_of_day
from dashboard.numbers.passages import passages, watched
from dashboard.numbers.reading import Reader, visible_sites
from footfall.local_time import day_bounds
from reports.occupancy import NotInside

NEVER_TOLD = (NotInside.NO_LINE, NotInside.OPEN_AT_MIDNIGHT)
"""What does not pass by itself; whatever else keeps the number from being told does."""
EVERYBODY = Person("mqtt", "viewer")
"""The broker's own permissions say who may read what; everything is sent."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many came in and went out today so far, since `since` (the local midnight); of a site or an entrance.

    `observed_percent` of the opening time up to now was observed, cut; None before the site opens.
    """

    came_in: int
    went_out: int
    since: datetime
    observed_percent: int | None


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that is not retired: `seen_at` is the end of its last minute, None while there was none."""

    name: str
    label: str
    entrance: str
    state: CameraState
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Inside:
    """How many are inside a site `now`, None while that is not told, and its alarm level, if any."""

    now: Occupancy | None
    alarm_level: int | None


@dataclass(frozen=True, slots=True)
class Present:
    """One site at this moment; `inside` is None where it cannot tell, at no time of the day."""

    site: str
    label: str
    day: date
    counted: Counted
    entrances: Mapping[str, Counted]
    inside: Inside | None
    cameras: tuple[Camera, ...]


def present_sites() -> list[Present]:
    """Return how every site is now.

    Raises:
        StoreError: the database is away.
    """
    return [_present(Reader(EVERYBODY, site)) for site in visible_sites(EVERYBODY)]


def _present(reader: Reader) -> Present:
    site, now = reader.site, ground().clock()
    today = site.today()
    since = day_bounds(today, site.zone).start.astimezone(site.zone)
    rows = [row for row in reader.cameras().to_dict("records") if row["expected"]]
    counted = passages(reader, today, today, ("entrance",))
    seen = watched(reader, [today])
    # An entrance whose only camera was retired today and had counted somebody is still told today.
    names = sorted({str(row["entrance"]) for row in rows} | {str(name) for name in counted["entrance"]})
    entrances = {
        name: _counted(counted[counted["entrance"] == name], seen[seen["entrance"] == name], since) for name in names
    }
    return Present(
        site=site.name,
        label=site.label,
        day=today,
        counted=_counted(counted, seen, since),
        entrances=entrances,
        inside=_inside(reader, today),
        cameras=tuple(_camera(row, now) for row in rows),
    )


def _inside(reader: Reader, today: date) -> Inside | None:
    if occupancy_of_day(reader, today).not_told in NEVER_TOLD:
        return None
    return Inside(occupancy_now(reader).now, alarm_level(reader.site.name))


def _counted(counted: pd.DataFrame, seen: pd.DataFrame, since: datetime) -> Counted:
    share = observed_share(float(seen["observed_open_s"].sum()), float(seen["open_s"].sum()))
    percent = None if share is None else math.floor(100 * share)
    return Counted(int(counted["came_in"].sum()), int(counted["went_out"].sum()), since, percent)


def _camera(row: Mapping[Hashable, Any], now: datetime) -> Camera:
    seen = row["last_minute"]
    seen_at = None if pd.isna(seen) else (seen + pd.Timedelta(minutes=1)).to_pydatetime()
    return Camera(str(row["camera"]), str(row["label"]), str(row["entrance"]), camera_state(row, now), seen_at)
