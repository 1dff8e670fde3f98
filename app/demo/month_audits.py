"""Counts by hand in the simulated month, with known truth: who was missed, who was counted falsely, who is a woman."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from analytics.audits import AGE_GROUPS, AGE_STARTS
from app.demo.month_plan import SITES
from db.audits import Audit, Tap
from db.reading.audits import cameras_of, visits_within
from db.session import reading
from db.writing.audits import save_audit
from footfall.local_time import Interval, day_bounds, local_day

TRUE_RECALL = 0.93  # of the simulated cameras, of people at the doors
FALSE_SHARE = 0.02  # of their visits
GENDER_TAPPED, GENDER_RIGHT = 0.7, 0.96
THUMB_S = 0.7


@dataclass(frozen=True, slots=True)
class PlannedAudit:
    """Who counted where, how many days before the last one, from which clock hour on and for how long."""

    entrance: str
    days_ago: int
    clock_hour: float
    minutes: float
    auditor: str


AUDITS = (
    PlannedAudit("North", 6, 12.5, 30, "Ada"),  # open on Sundays as well, as all of these
    PlannedAudit("North", 5, 17.0, 30, "Ben"),
    PlannedAudit("North", 3, 14.5, 45, "Ada"),
    PlannedAudit("North", 3, 14.75, 30, "Ben"),  # two people at once
    PlannedAudit("South", 4, 12.0, 45, "Ben"),
    PlannedAudit("Parking deck", 2, 17.0, 30, "Ada"),
)


def write_audits(engine: Engine, now: datetime, days: int, seed: int) -> None:
    """Write the audits that fall into the last `days` days; the same call writes the same rows."""
    zone = SITES["galleria"].zone
    for position, planned in enumerate(AUDITS):
        day = local_day(now, zone) - timedelta(days=planned.days_ago)
        start = day_bounds(day, zone).start + timedelta(hours=planned.clock_hour)
        end = start + timedelta(minutes=planned.minutes)
        if planned.days_ago >= days or end > now:
            continue
        uid = uuid5(NAMESPACE_URL, f"simulated audit {planned.entrance} {start.isoformat()} {planned.auditor}")
        audit = Audit(uid, "galleria", planned.entrance, "", planned.auditor, start, end)
        with reading(engine) as connection:
            visits = visits_within(connection, cameras_of(connection, audit), [day], Interval(start, end))
        save_audit(engine, audit, list(_taps(audit, visits, np.random.default_rng([seed, 77, position]))))


def _taps(audit: Audit, visits: pd.DataFrame, rng: np.random.Generator) -> Iterator[Tap]:
    """Yield a tap for each visit that is somebody, and for each person that the camera missed."""
    assert audit.ended_at is not None
    seen = visits[rng.random(len(visits)) >= FALSE_SHARE]
    length_s = (audit.ended_at - audit.started_at).total_seconds()
    missed_s = rng.uniform(0, length_s, rng.binomial(round(len(seen) / TRUE_RECALL), 1 - TRUE_RECALL))
    people: list[tuple[datetime, str, str, float]] = []
    for visit in seen.to_dict("records"):
        moment = visit["left_at"].to_pydatetime() + timedelta(seconds=float(rng.normal(1.0, THUMB_S)))
        people.append((moment, str(visit["direction"]), str(visit["gender"]), float(visit["age_years"])))
    people += [(audit.started_at + timedelta(seconds=float(at)), "in", "unknown", np.nan) for at in missed_s]
    inside = [person for person in sorted(people) if audit.started_at <= person[0] < audit.ended_at]
    for number, (moment, direction, gender, years) in enumerate(inside, start=1):
        yield Tap(number, "out" if direction == "out" else "in", moment, *_about(gender, years, rng))


def _about(gender: str, years: float, rng: np.random.Generator) -> tuple[str | None, str | None]:
    """Return gender and age as somebody at the door sees them, None where it was not tapped."""
    tapped, right = rng.random() < GENDER_TAPPED, rng.random() < GENDER_RIGHT
    if not tapped or gender == "unknown":
        return None, None
    seen = gender if right else {"female": "male", "male": "female"}[gender]
    age = None if np.isnan(years) else AGE_GROUPS[int(np.searchsorted(AGE_STARTS, years, side="right")) - 1]
    return seen, age
