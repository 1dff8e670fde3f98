"""A running service with light workers, and what tests wait for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.registers import utc_now
from app.service import Service
from db.models import Base
from db.session import make_engine
from footfall.config import Config
from ingest.live.supervisor import RestartOptions
from ingest.spooling.forward import ForwardOptions
from tests.integration.reliability.stand_in import SET_UP

Row = TypeVar("Row", bound=Base)
PATIENCE_S = 240.0
# Quick to restart, but as patient as the product: a busy machine must not look like a hanging worker.
QUICK_RESTARTS = RestartOptions(first_pause_s=0.1, longest_pause_s=0.2)
QUICK_FORWARDING = ForwardOptions(pause_s=0.2, pause_after_failure_s=0.3)


def settings(folder: Path, sources: dict[str, str], database_url: str = "", **more: object) -> Config:
    """Return settings for cameras with these sources, everything else under `folder`."""
    values: dict[str, object] = {
        "database_url": database_url or f"sqlite:///{folder / 'footfall.db'}",
        "cameras": {name: {"source": source, "max_fps": 25} for name, source in sources.items()},
        "service": {"spool_directory": str(folder / "spool"), "http_port": 0},
        "report": {"directory": str(folder / "reports")},
        **more,
    }
    return Config(**values)  # type: ignore[arg-type]


@contextmanager
def running(
    config: Config, read_settings: Callable[[], Config] | None = None, clock: Callable[[], datetime] = utc_now
) -> Iterator[Service]:
    """Run the service in a thread while the block runs, then end it cleanly; `clock` says when a day is over."""
    service = Service(
        config,
        read_settings or (lambda: config),
        set_up=SET_UP,
        restarts=QUICK_RESTARTS,
        forwarding=QUICK_FORWARDING,
        clock=clock,
    )
    thread = threading.Thread(target=service.run, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        carrying = [one for one in threading.enumerate() if getattr(one, "_target", None) == service._forwarder.run]
        service.stop()
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "the service does not end"
        for one in carrying:  # on a busy machine the program would end before it; here its connections are closed
            one.join(PATIENCE_S)
        service._sink.close()


def wait_until(holds: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> float:
    """Wait until `holds` and return how many seconds that took; to ask takes a fifth of a core at most."""
    began = asked = time.monotonic()
    while not holds():
        now = time.monotonic()
        assert now - began < within_s, f"not within {within_s:.0f} s: {what}"
        time.sleep(min(max(4 * (now - asked), 0.02), 1.0))
        asked = time.monotonic()
    return time.monotonic() - began


def pid_of(service: Service, camera_id: str) -> int | None:
    """Return the process of a camera's worker once it is at work, else None."""
    camera = service.health().cameras.get(camera_id)
    at_work = camera is not None and camera.running and camera.heartbeat.state in ("live", "blind")
    return camera.pid if camera is not None and at_work else None


def state_of(service: Service, camera_id: str) -> str:
    """Return what a camera's worker says it is doing."""
    camera = service.health().cameras.get(camera_id)
    return camera.state if camera is not None else "unknown"


def stored(config: Config, model: type[Row]) -> list[Row]:
    """Return every row of a table of the database."""
    engine = make_engine(config.database_url.get_secret_value())
    try:
        with Session(engine) as session:
            return list(session.scalars(select(model)))
    finally:
        engine.dispose()
