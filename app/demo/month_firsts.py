"""What a register would have judged of the simulated visitors: who came again, who works there, who stayed how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import numpy.typing as npt

from app.demo.month_plan import SITES
from app.demo.month_rows import MODEL_VERSION
from footfall.local_time import day_bounds
from footfall.types import Direction, Visit
from reid.types import FIRST_SCALE, STAY_BUCKET_MINUTES, STAY_BUCKETS, First, RegisterPart, ReidMode

COMPARED_FROM_DAYS_AGO = 24  # before, the visits were not compared
RESTARTED_DAYS_AGO, RESTARTED_AT_H = 3, 12
UNSURE_DAYS_AGO = 12
RETURN_SHARES = {"galleria": 0.17, "harbour": 0.11}
STAFF_SHARE = 0.02
COMPARED_SHARE = 0.88
STAY_MEDIANS_MINUTES = {"galleria": 48.0, "harbour": 75.0}
MATCHED_STAY_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """What was judged of a site's day."""

    firsts: list[First]
    parts: list[RegisterPart]


def judged_day(
    site: str, day: date, days_ago: int, visits: Sequence[Visit], rng: np.random.Generator, now: datetime
) -> JudgedDay:
    """Return what the register of `site` judged of the visits of `day`; nothing before COMPARED_FROM_DAYS_AGO."""
    judged = JudgedDay([], [])
    if days_ago > COMPARED_FROM_DAYS_AGO:
        return judged
    in_order = sorted(visits, key=lambda visit: (visit.entered_at, visit.uid))
    for number, mine in enumerate(_sittings(site, day, days_ago, in_order)):
        part, firsts = _sitting(_Sitting(site, day, number, days_ago), mine, rng, now)
        judged.firsts.extend(firsts)
        judged.parts.append(part)
    return judged


@dataclass(frozen=True, slots=True)
class _Sitting:
    site: str
    day: date
    number: int
    days_ago: int


def _sittings(site: str, day: date, days_ago: int, visits: Sequence[Visit]) -> Iterator[list[Visit]]:
    """Yield the visits that were compared with each other: all of the day, unless the program was restarted."""
    if site == "galleria" and days_ago == RESTARTED_DAYS_AGO:
        noon = day_bounds(day, SITES[site].zone).start.timestamp() + 3600 * RESTARTED_AT_H
        morning = [visit for visit in visits if visit.entered_at.timestamp() < noon]
        if morning:
            yield morning
        visits = visits[len(morning) :]
    if visits:
        yield list(visits)


def _sitting(
    which: _Sitting, visits: Sequence[Visit], rng: np.random.Generator, now: datetime
) -> tuple[RegisterPart, list[First]]:
    uid = uuid5(NAMESPACE_URL, f"simulated {which.site} {which.day.isoformat()} part {which.number}")
    number = len(visits)
    came_in = np.array([visit.direction is Direction.IN for visit in visits], bool)
    staff = rng.random(number) < STAFF_SHARE
    compared = rng.random(number) < COMPARED_SHARE
    firsts = _firsts(rng, came_in, compared, RETURN_SHARES[which.site])
    judged = [
        First(visit.uid, uid, visit.camera_id, int(first) if arrival else None, bool(seen), bool(works))
        for visit, first, arrival, seen, works in zip(visits, firsts, came_in, compared, staff, strict=True)
        if arrival or works
    ]
    guests = firsts[came_in & ~staff] / FIRST_SCALE
    arrivals, unique = int(came_in.sum()), float(guests.sum())
    half = 1.96 * float(np.sqrt((guests * (1 - guests)).sum())) + 0.02 * unique
    unsure = which.site == "galleria" and which.days_ago == UNSURE_DAYS_AGO
    part = RegisterPart(
        uid=uid,
        site=which.site,
        day=which.day,
        origin=MODEL_VERSION,
        mode=ReidMode.CLOTHES,
        began_at=visits[0].entered_at,
        seen_until=visits[-1].left_at,
        arrivals=arrivals,
        compared=int((came_in & compared).sum()),
        staff=int((came_in & staff).sum()),
        unique=unique,
        low=None if unsure else max(0.0, unique - half),
        high=None if unsure else unique + half,
        returns_per_pair=2 * RETURN_SHARES[which.site] / max(1, arrivals),
        stays=_stays(which.site, unique, rng),
        held=0 if which.days_ago else number,
        deleted=number if which.days_ago else 0,
        closed_at=min(day_bounds(which.day, SITES[which.site].zone).end, now) if which.days_ago else None,
        model_version=MODEL_VERSION,
    )
    return part, judged


def _firsts(
    rng: np.random.Generator, came_in: npt.NDArray[np.bool_], compared: npt.NDArray[np.bool_], return_share: float
) -> npt.NDArray[np.int64]:
    """Return how probably each visit was the first of its person; who comes late has more visits to come again from."""
    number = len(came_in)
    again = rng.random(number) < return_share * np.linspace(0.3, 1.7, number)
    chance = np.where(again, rng.beta(1.2, 9.0, number), rng.beta(18.0, 0.9, number))
    known = came_in & compared
    average = float(chance[known].mean()) if known.any() else 1.0
    firsts: npt.NDArray[np.int64] = np.rint(FIRST_SCALE * np.where(compared, chance, average)).astype(np.int64)
    return firsts


def _stays(site: str, unique: float, rng: np.random.Generator) -> tuple[float, ...]:
    """Return how many matched stays were how long."""
    minutes = rng.lognormal(np.log(STAY_MEDIANS_MINUTES[site]), 0.75, int(MATCHED_STAY_SHARE * unique))
    buckets = np.minimum(minutes // STAY_BUCKET_MINUTES, STAY_BUCKETS - 1).astype(np.int64)
    return tuple(map(float, np.bincount(buckets, minlength=STAY_BUCKETS)))
