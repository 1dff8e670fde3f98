"""Corrected shares of every day of a long history: one day is estimated from visits, its rows are written for all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from sqlalchemy import Engine, insert, select

from analytics.age_groups import age_group_labels
from db.estimate_models import ShareEstimateRow
from db.estimates import StoredEstimate
from db.models import SiteRow
from db.reading.estimates import stored_estimates
from db.session import open_database, reading, transact, writing
from db.store import Store
from db.writing.estimates import note_calibration
from footfall.config import Config
from footfall.types import Direction, Gender, Visit
from inference.attributes import load_attributes
from inference.manifest import packaged_model
from reports.estimates import keep_day
from reports.hidden_cells import EstimateSettings

NETWORK = "benchmark"
JUDGED = 0.8
PEOPLE = (0.09, 0.05, 0.12, 0.24, 0.2, 0.14, 0.09, 0.07)


def write_estimates(
    engine: Engine, config: Config, visits: int, days: Sequence[tuple[date, Sequence[datetime]]]
) -> None:
    """Write estimates of `days`, each with the beginnings of its open hours, unless there are some."""
    with reading(engine) as connection:
        if connection.execute(select(ShareEstimateRow.day).limit(1)).first() is not None:
            return
        site_id = connection.execute(select(SiteRow.id)).scalar_one()
    settings = EstimateSettings(config.report.age_group_starts, config.report.small_cell, config.reid.staff_in_visits)
    one = estimated_day(config, settings, visits, *days[-1])
    for first in range(0, len(days), 30):
        rows = [row for day, hours in days[first : first + 30] for row in _on(one, day, hours)]
        with writing(engine) as connection:
            connection.execute(insert(ShareEstimateRow), [asdict(row) | {"site_id": site_id} for row in rows])


def estimated_day(
    config: Config, settings: EstimateSettings, visits: int, day: date, hours: Sequence[datetime]
) -> list[StoredEstimate]:
    """Return the estimates of a day with so many visits, made by the program from rows in a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/day.db")
        store = Store(engine, clock=lambda: hours[0] - timedelta(days=1))
        store.sync(config)
        confusion = load_attributes(packaged_model("demographics")).confusion or ""
        transact(engine, note_calibration, NETWORK, confusion, hours[0])
        late = Store(engine, clock=lambda: datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC))
        late.save_visits(list(_visits(config, settings, visits, hours)))
        keep_day(engine, "main", day, settings)
        with reading(engine) as connection:
            found = stored_estimates(connection, "main", day, day)
        engine.dispose()
    return found


def _visits(config: Config, settings: EstimateSettings, count: int, hours: Sequence[datetime]) -> Iterator[Visit]:
    random = np.random.default_rng(1)
    labels, cameras = age_group_labels(settings.age_group_starts), list(config.cameras)
    truth = np.diag(np.full(len(PEOPLE), 5.0)) + 0.2
    for number in range(count):
        age = random.choice(len(PEOPLE), p=PEOPLE)
        mille = np.floor(1000 * random.dirichlet(truth[age])).astype(int)
        mille[age] += 1000 - mille.sum()
        p_female = round(float(random.beta(6, 1) if random.random() < 0.55 else random.beta(1, 6)), 3)
        judged = random.random() < JUDGED
        at = hours[number % len(hours)] + timedelta(seconds=float(random.uniform(0, 3500)))
        yield Visit(
            uid=uuid5(NAMESPACE_URL, f"benchmark {number}"),
            camera_id=cameras[number % len(cameras)],
            entered_at=at,
            left_at=at + timedelta(seconds=5),
            direction=(Direction.IN, Direction.OUT)[number % 2],
            gender=(Gender.FEMALE if p_female > 0.5 else Gender.MALE) if judged else Gender.UNKNOWN,
            age_group=labels[int(mille.argmax())] if judged else labels[-1],
            age_years=30.0 if judged else None,
            p_female=p_female if judged else None,
            samples=3,
            quality=0.7,
            model_version=f"finder+{NETWORK}",
            age_shares=tuple(int(part) for part in mille) if judged else None,
        )


def _on(estimates: Sequence[StoredEstimate], day: date, hours: Sequence[datetime]) -> Iterator[StoredEstimate]:
    """Give the estimates as if they were of another day."""
    for one in estimates:
        starts = [hour.isoformat() for hour in hours][: len(one.hours["starts"])]
        yield replace(one, day=day, hours=one.hours | {"starts": starts})
