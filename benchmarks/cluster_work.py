"""Recordings for the figures of a cluster, and a stand-in for counting them; workers import it by its name."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID, uuid5

from app.cluster.errand import Errand, Outcome
from app.orders import Order
from db.session import open_database
from db.store import Store
from footfall.types import CameraMinute, Direction, Gender, PictureState, Recording, Visit
from ingest.recording import identify_recording

CAMERA = "entrance"
START = datetime(2026, 3, 2, 0, tzinfo=UTC)
NETWORKS = "stand-in+stand-in"


def copies(video: Path, folder: Path, count: int) -> list[Order]:
    """Return `count` recordings of `video`, an hour apart; a box that no reader looks into makes them differ."""
    content = video.read_bytes()
    orders = []
    for number in range(count):
        path = folder / f"{number:04}.mp4"
        path.write_bytes(content + struct.pack(">I4sI", 12, b"free", number))
        orders.append(Order(str(path.absolute()), CAMERA, START + timedelta(hours=number)))
    return orders


def tiny(folder: Path, count: int) -> list[Order]:
    """Return `count` files of a few bytes, a minute apart, for `stand_in`."""
    orders = []
    for number in range(count):
        path = folder / f"{number:04}.tiny"
        path.write_bytes(struct.pack(">I", number))
        orders.append(Order(str(path.absolute()), CAMERA, START + timedelta(minutes=number)))
    return orders


def stand_in(errand: Errand, number: int, order: Order) -> Outcome:
    """Store what a recording of a minute with three visitors would give, without looking at it."""
    assert order.started_at is not None
    store = _store(errand.config.database_url.get_secret_value())
    visits, minutes = footfall_of(order.camera, order.started_at, minutes=1, visits=3)
    identity = identify_recording(order.camera, Path(order.file))
    end = order.started_at + timedelta(minutes=1)
    recording = Recording(
        order.camera, identity.sha256, identity.name, order.started_at, end, 600, 0, NETWORKS, identity.length
    )
    taken = store.save_recording(recording, visits, minutes)
    row = {"visits": len(taken.visits), "started_at": order.started_at}
    return Outcome(number, row=row, sha256=identity.sha256, began=order.started_at, footage_s=60.0)


def footfall_of(camera: str, start: datetime, *, minutes: int, visits: int) -> tuple[list[Visit], list[CameraMinute]]:
    """Return visits and minutes as counting would give them."""
    run = uuid5(UUID(int=0), f"{camera} {start}")
    every = timedelta(minutes=minutes) / visits
    came = [
        Visit(
            uid=uuid5(run, str(number)),
            camera_id=camera,
            entered_at=start + number * every,
            left_at=start + number * every + timedelta(seconds=3),
            direction=Direction.IN if number % 2 else Direction.OUT,
            gender=Gender.FEMALE if number % 3 else Gender.MALE,
            age_group="25-34",
            age_years=30.0,
            p_female=0.9,
            samples=4,
            quality=0.7,
            model_version=NETWORKS,
        )
        for number in range(visits)
    ]
    watched = [
        CameraMinute(camera, run, start + timedelta(minutes=n), 60.0, 600, 600, 0, 0, 3, 1, 0.2, PictureState.OK)
        for n in range(minutes)
    ]
    return came, watched


@cache
def _store(url: str) -> Store:
    return Store(open_database(url, pooled=False))
