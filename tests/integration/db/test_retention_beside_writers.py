"""Who stores on PostgreSQL waits for retention no longer than a short deletion takes, and nothing slips past it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, func, select, text

from db.models import CameraMinuteRow, VisitFirstRow
from db.session import reading
from db.store import Store
from db.writing import registry, retention
from footfall.config import Config
from footfall.config_sections import RetentionConfig
from footfall.errors import StoreError
from footfall.types import Recording
from tests.integration.conftest import first, minute, part
from tests.integration.reliability.bench import PATIENCE_S, wait_until

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=11)
SHORT = Config(retention=RetentionConfig(visits_days=10, minutes_days=10))
WAITS_FOR_FIRSTS = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = to_regclass('visit_firsts')"


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """URL of an empty PostgreSQL database; an SQLite file has one writer at a time anyway."""
    return postgres_url


def test_who_stores_does_not_wait_while_what_is_to_go_is_looked_for(engine: Engine, store: Store) -> None:
    store.save_parts([part(NOON.date())])
    store.save_firsts([first(1)])
    night = threading.Thread(target=store.apply_retention, args=(SHORT, LATER))
    writer = threading.Thread(target=store.save_minutes, args=([minute(LATER)],))
    with engine.connect() as other:
        other.execute(text("LOCK TABLE visit_firsts IN ACCESS EXCLUSIVE MODE"))
        night.start()
        wait_until(lambda: other.execute(text(WAITS_FOR_FIRSTS)).scalar_one(), "the night to look for old firsts")
        writer.start()
        writer.join(PATIENCE_S)
        waits = writer.is_alive()
    night.join()
    writer.join()
    assert not waits
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(VisitFirstRow)).scalar_one() == 0


def test_a_recording_that_comes_before_its_minutes_are_deleted_cannot_be_replaced(
    engine: Engine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_minutes([minute(NOON + timedelta(minutes=number)) for number in (0, 5)])
    recording = Recording(
        "north", "a" * 64, "one.mp4", NOON + timedelta(minutes=2), NOON + timedelta(minutes=4), 1200, 0, "v1"
    )
    minutes = [minute(recording.started_at, run=UUID(int=1))]
    waiting = [minutes]

    def arriving_first(connection: Connection, site_ids: Iterable[int]) -> None:
        while waiting:
            store.save_recording(recording, [], waiting.pop())
        registry.lock_sites(connection, site_ids)

    with monkeypatch.context() as patch:
        patch.setattr(retention, "lock_sites", arriving_first)
        store.apply_retention(SHORT, LATER)
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(CameraMinuteRow)).scalar_one() == 0
    with pytest.raises(StoreError, match=r"one\.mp4: its single visits were deleted"):
        store.save_recording(recording, [], minutes)
