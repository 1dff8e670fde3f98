"""Rows about single visits go after their time; totals stay, and what comes back late is not counted twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select

from db.models import CameraMinuteRow, VisitRow
from db.reading import queries
from db.reading.observation import observation
from db.reading.operation import deletions
from db.reading.selection import Selection
from db.session import reading
from db.store import Store
from db.writing import retention
from footfall.config import Config
from footfall.config_sections import RetentionConfig
from footfall.errors import StoreError
from footfall.types import Recording
from tests.integration.conftest import minute, visit

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # in Berlin
MONDAY = date(2026, 3, 2)
LATER = NOON + timedelta(days=11)
SHORT = Config(retention=RetentionConfig(visits_days=10, minutes_days=10))


def counts(engine: Engine) -> tuple[int, int, int, float]:
    """Return rows of visits and minutes, visits counted, and seconds observed."""
    with reading(engine) as connection:
        visits = connection.execute(select(func.count()).select_from(VisitRow)).scalar_one()
        minutes = connection.execute(select(func.count()).select_from(CameraMinuteRow)).scalar_one()
        week = Selection(MONDAY, MONDAY + timedelta(days=20))
        total = queries.daily(connection, week, ())["visits"].item()
        seen = float(observation(connection, week, ())["observed_s"].item())
    return visits, minutes, total, seen


def test_old_rows_go_and_totals_stay(store: Store, engine: Engine) -> None:
    store.save_visits([visit(1, NOON), visit(2, NOON + timedelta(days=1))])
    store.save_minutes([minute(NOON), minute(NOON + timedelta(days=1))])
    assert store.apply_retention(SHORT, NOON + timedelta(days=10)) == []
    done = store.apply_retention(SHORT, LATER)
    assert [(one.site, one.table_name, one.before_day, one.rows) for one in done] == [
        ("mall", "visits", date(2026, 3, 3), 1),
        ("mall", "camera_minutes", date(2026, 3, 3), 1),
    ]
    assert counts(engine) == (1, 1, 2, 120.0)
    assert store.verify(MONDAY, date(2026, 3, 31)) == []
    with reading(engine) as connection:
        assert deletions(connection)["rows"].tolist() == [1, 1]


def test_a_deleted_visit_that_is_replayed_is_not_counted_again(store: Store, engine: Engine) -> None:
    store.save_visits([visit(1, NOON)])
    store.save_minutes([minute(NOON)])
    store.apply_retention(SHORT, LATER)
    assert store.save_visits([visit(1, NOON), visit(2, NOON)]) == 1
    store.save_minutes([minute(NOON), minute(NOON + timedelta(minutes=1))])
    assert counts(engine) == (1, 0, 2, 60.0)


def test_footage_older_than_the_retention_still_counts(store: Store, engine: Engine) -> None:
    store.apply_retention(SHORT, LATER)
    store.save_visits([visit(1, NOON)])
    store.save_minutes([minute(NOON)])
    store.apply_retention(SHORT, LATER + timedelta(days=1))
    assert counts(engine) == (0, 0, 1, 60.0)


def test_a_recording_whose_visits_were_deleted_cannot_be_replaced(store: Store, engine: Engine) -> None:
    recording = Recording("north", "a" * 64, "one.mp4", NOON, NOON + timedelta(minutes=2), 1200, 0, "v1")
    minutes = [minute(NOON, run=UUID(int=1))]
    store.save_recording(recording, [visit(1, NOON)], minutes)
    store.apply_retention(SHORT, LATER)
    with pytest.raises(StoreError, match=r"one\.mp4: its single visits were deleted"):
        store.save_recording(recording, [visit(1, NOON)], minutes)
    assert counts(engine) == (0, 0, 1, 60.0)


class Killed(BaseException):
    """The program ends here."""


def test_others_store_and_verify_between_two_short_deletions(
    store: Store, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [NOON + timedelta(minutes=number) for number in range(5)]
    store.save_visits([visit(number, moment) for number, moment in enumerate(moments)])
    store.save_minutes([minute(moment) for moment in moments])
    late = iter(range(100, 200))

    def others_turn(_seconds: float) -> None:
        assert store.save_visits([visit(next(late), LATER)]) == 1
        assert store.verify(MONDAY, date(2026, 3, 31)) == []

    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(retention, "sleep", others_turn)
    done = store.apply_retention(SHORT, LATER)
    assert [(one.table_name, one.rows) for one in done] == [("visits", 5), ("camera_minutes", 5)]
    stored = next(late) - 100
    assert stored >= 4 and counts(engine) == (stored, 0, 5 + stored, 300.0)
    with reading(engine) as connection:
        assert deletions(connection)["rows"].tolist() == [5, 5]


def test_less_is_deleted_at_once_where_that_takes_long(
    store: Store, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_visits([visit(number, NOON) for number in range(20)])
    seconds = count(step=2 * retention.HELD_S)
    left: list[int] = []
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 8)
    monkeypatch.setattr(retention, "FEWEST_ROWS", 2)
    monkeypatch.setattr(retention, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(retention, "sleep", lambda _seconds: left.append(counts(engine)[0]))
    store.apply_retention(SHORT, LATER)
    assert left == [12, 8, 6, 4, 2, 0]


def test_a_deletion_that_was_cut_short_is_recorded_and_goes_on(
    store: Store, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_visits([visit(number, NOON) for number in range(5)])

    def killed(_seconds: float) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(retention, "ROWS_AT_ONCE", 2)
        patch.setattr(retention, "sleep", killed)
        with pytest.raises(Killed):
            store.apply_retention(SHORT, LATER)
    assert counts(engine) == (3, 0, 5, 0.0)
    assert store.verify(MONDAY, date(2026, 3, 31)) == []
    store.apply_retention(SHORT, LATER)
    assert counts(engine) == (0, 0, 5, 0.0)
    with reading(engine) as connection:
        assert sorted(deletions(connection)["rows"]) == [2, 3]
