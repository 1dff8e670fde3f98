"""A month of simulated history, written to a database through the same code as real visits.

Everything follows from the seed, the camera and the day, so that the same call writes the same rows. The sites are
marked as simulated, and the dashboard says so on every page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import Engine

from app.demo.month_ages import simulated_confusion
from app.demo.month_audits import write_audits
from app.demo.month_figures import write_figures
from app.demo.month_firsts import judged_day
from app.demo.month_plan import CAMERAS, EVENTS, SITES, month_config
from app.demo.month_rows import MODEL_VERSION, camera_day, minutes_of, outages_of, visits_of
from db.events import Event, add_event, events
from db.reading.selection import Selection
from db.session import open_database, reading, transact
from db.store import Store
from db.writing.estimates import note_calibration
from footfall.config import Config
from footfall.local_time import local_day
from footfall.types import CameraMinute, Outage, Visit
from reports.estimates import keep_all

DAYS = 31
SEED = 20


def write_month(
    database_url: str,
    now: datetime,
    *,
    days: int = DAYS,
    seed: int = SEED,
    on_day: Callable[[date], None] = lambda _day: None,
) -> Config:
    """Write `days` days of history until `now` (aware) into the database and return the settings to serve it with.

    Args:
        database_url: an empty database, or one that holds an earlier part of the same month.
        now: the last simulated moment; today's part of the history ends here.
        days: how many local days, today included.
        seed: what everything follows from.
        on_day: called with each day before it is written.

    Raises:
        StoreError: the database cannot be written.
    """
    config = month_config(database_url)
    engine = open_database(database_url)
    Store(engine, clock=lambda: now - timedelta(days=days - 1)).sync(config, simulated=True)
    store = Store(engine, clock=lambda: now)
    for days_ago in reversed(range(days)):
        on_day(local_day(now, SITES["galleria"].zone) - timedelta(days=days_ago))
        _write_day(store, days_ago, now, seed)
    _write_events(engine, local_day(now, SITES["galleria"].zone), days)
    write_audits(engine, now, days, seed)
    write_figures(engine, now, days, seed)
    transact(engine, note_calibration, MODEL_VERSION, simulated_confusion(seed).to_json(), now)
    keep_all(engine, config, now)
    engine.dispose()
    return config


def _write_events(engine: Engine, today: date, days: int) -> None:
    for site in SITES:
        with reading(engine) as connection:
            known = events(connection, Selection(date.min, date.max, sites=(site,)))
        if len(known):
            continue
        for event in EVENTS:
            if event.site == site and event.first_days_ago < days:
                first, last = today - timedelta(days=event.first_days_ago), today - timedelta(days=event.last_days_ago)
                add_event(engine, Event(site, first, last, event.name, event.kind))


def _write_day(store: Store, days_ago: int, now: datetime, seed: int) -> None:
    visits: list[Visit] = []
    minutes: list[CameraMinute] = []
    outages: list[Outage] = []
    for position, camera in enumerate(CAMERAS):
        day = local_day(now, SITES[camera.site].zone) - timedelta(days=days_ago)
        rng = np.random.default_rng([seed, position, day.toordinal()])
        part = camera_day(camera, day, days_ago, now)
        came = list(visits_of(part, rng))
        visits += came
        minutes += minutes_of(part, rng, came)
        outages += outages_of(part)
    store.save_visits(visits)
    store.save_minutes(minutes)
    store.save_outages(outages)
    for number, (site, settings) in enumerate(SITES.items()):
        day = local_day(now, settings.zone) - timedelta(days=days_ago)
        cameras = {camera.name for camera in CAMERAS if camera.site == site}
        # A generator of its own, so that the visits are those of earlier versions.
        rng = np.random.default_rng([seed, len(CAMERAS) + number, day.toordinal()])
        judged = judged_day(site, day, days_ago, [one for one in visits if one.camera_id in cameras], rng, now)
        store.save_firsts(judged.firsts)
        store.save_parts(judged.parts)
