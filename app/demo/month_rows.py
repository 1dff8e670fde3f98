"""Visits, minutes and outages of one simulated camera."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np

from app.demo.month_ages import age_shares
from app.demo.month_curves import People, draw_people, expected_visits
from app.demo.month_plan import DARKNESS, SITES, Darkness, SimulatedCamera, day_factor
from footfall.local_time import Interval, LocalHour, day_bounds, hours_of_day, opening_intervals, overlap_s
from footfall.types import CameraMinute, Direction, Gender, Outage, PictureState, Visit
from tracking.ages import age_group_label

MODEL_VERSION = "simulated"
AGE_GROUP_STARTS = (0, 13, 18, 25, 35, 45, 55, 65)
FRAMES_PER_MINUTE = 480
MARGIN = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CameraDay:
    """One camera on one local day; `dark` is when it sees nothing, `end` when the simulation stops."""

    camera: SimulatedCamera
    day: date
    days_ago: int
    end: datetime
    dark: tuple[Interval, ...]
    run: UUID


def camera_day(camera: SimulatedCamera, day: date, days_ago: int, end: datetime) -> CameraDay:
    """Return the plan of `camera` for `day`, which lies `days_ago` days before the last one."""
    return CameraDay(camera, day, days_ago, end, tuple(_dark(camera, day, days_ago)), _uid(camera, day, "run"))


def visits_of(part: CameraDay, rng: np.random.Generator) -> Iterator[Visit]:
    """Yield the visits of the day in the order of entry; nobody is seen while it is dark."""
    site = SITES[part.camera.site]
    opening = opening_intervals(part.day, site.zone, site.hours_by_weekday())
    factor = day_factor(part.camera.site, part.days_ago) * rng.normal(1.0, 0.035)
    for hour in hours_of_day(part.day, site.zone):
        share_open = overlap_s(hour.start, hour.end, opening) / 3600
        if share_open == 0:
            continue
        clock_hour = int(hour.label[:2])
        mean = expected_visits(part.day, clock_hour, part.camera.visits_per_day, factor)
        people = draw_people(rng, mean * share_open, clock_hour, _unknown_share(part.camera, clock_hour))
        yield from _hour_visits(part, hour, people, rng)


def minutes_of(part: CameraDay, rng: np.random.Generator, visits: Sequence[Visit]) -> Iterator[CameraMinute]:
    """Yield what the camera observed from shortly before opening until shortly after closing."""
    site = SITES[part.camera.site]
    faces: dict[datetime, int] = {}
    for visit in visits:
        minute = visit.entered_at.replace(second=0, microsecond=0)
        faces[minute] = faces.get(minute, 0) + 14
    for interval in opening_intervals(part.day, site.zone, site.hours_by_weekday()):
        minute = interval.start - MARGIN
        while minute < min(interval.end + MARGIN, part.end):
            lost_s = overlap_s(minute, minute + MINUTE, part.dark)
            if lost_s < 60:
                yield _minute(part, minute, (60 - lost_s) / 60, faces.get(minute, 0), rng)
            minute += MINUTE


def outages_of(part: CameraDay) -> Iterator[Outage]:
    """Yield the outages of the day with their reasons."""
    reasons = [spell.reason for spell in DARKNESS if _concerns(part.camera, part.days_ago, spell)]
    for number, (interval, reason) in enumerate(zip(part.dark, reasons, strict=True)):
        if interval.start < part.end:
            end = interval.end if interval.end <= part.end else None
            yield Outage(_uid(part.camera, part.day, f"outage {number}"), part.camera.name, interval.start, end, reason)


def _dark(camera: SimulatedCamera, day: date, days_ago: int) -> Iterator[Interval]:
    start = day_bounds(day, SITES[camera.site].zone).start
    for spell in DARKNESS:
        if _concerns(camera, days_ago, spell):
            yield Interval(start + timedelta(hours=spell.from_hour), start + timedelta(hours=spell.to_hour))


def _concerns(camera: SimulatedCamera, days_ago: int, spell: Darkness) -> bool:
    return camera.name in spell.cameras and spell.days_ago == days_ago


def _unknown_share(camera: SimulatedCamera, clock_hour: int) -> float:
    # The low sun in the doors makes faces dark in the late afternoon.
    return camera.unknown_share * (1.6 if 15 <= clock_hour <= 17 else 1.0)


def _hour_visits(part: CameraDay, hour: LocalHour, people: People, rng: np.random.Generator) -> Iterator[Visit]:
    confidence = rng.uniform(0.91, 0.995, len(people.second))
    quality = rng.uniform(0.3, 0.95, len(people.second))
    # A generator of its own, so that the visits are those of earlier versions.
    shares = age_shares(people.age_years, AGE_GROUP_STARTS, rng.spawn(1)[0]).tolist()
    for row in range(len(people.second)):
        entered_at = hour.start + timedelta(seconds=float(people.second[row]))
        left_at = entered_at + timedelta(seconds=float(people.stay_s[row]))
        if left_at > part.end or overlap_s(entered_at, left_at, part.dark) > 0:
            continue
        judged, is_female = bool(people.gender_judged[row]), bool(people.is_female[row])
        age_years = float(people.age_years[row]) if people.age_judged[row] else None
        p_female = float(confidence[row] if is_female else 1 - confidence[row])
        direction = Direction.IN if people.inward[row] else Direction.OUT
        yield Visit(
            uid=_uid(part.camera, part.day, f"{hour.start.isoformat()} {row}"),
            camera_id=part.camera.name,
            entered_at=entered_at,
            left_at=left_at,
            direction=direction if people.crossed[row] else Direction.NONE,
            gender=(Gender.FEMALE if is_female else Gender.MALE) if judged else Gender.UNKNOWN,
            age_group="unknown" if age_years is None else age_group_label(age_years, AGE_GROUP_STARTS),
            age_years=age_years,
            p_female=p_female if judged else None,
            samples=int(rng.integers(1, 6)) if judged or age_years is not None else 0,
            quality=float(quality[row]),
            model_version=MODEL_VERSION,
            age_shares=None if age_years is None else tuple(shares[row]),
        )


def _minute(part: CameraDay, minute: datetime, share: float, faces: int, rng: np.random.Generator) -> CameraMinute:
    seen = round(FRAMES_PER_MINUTE * share)
    dropped = int(rng.poisson(0.4 + faces / 60)) if share == 1 else 0
    return CameraMinute(
        camera_id=part.camera.name,
        run=part.run,
        minute=minute,
        live_s=60 * share,
        frames_seen=seen,
        frames_processed=max(0, seen - dropped),
        frames_dropped=dropped,
        frames_damaged=0,
        faces=faces,
        faces_small=int(rng.binomial(faces, part.camera.unknown_share)) if faces else 0,
        lag_s=float(0.12 + rng.gamma(2.0, 0.06)),
        picture=PictureState.OK,
    )


def _uid(camera: SimulatedCamera, day: date, what: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"simulated {camera.name} {day.isoformat()} {what}")
