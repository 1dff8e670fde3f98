"""Judgements of the register of the day in a real database: before or after their visits, changed, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from db.models import HourlyFirstsRow, RegisterPartRow, VisitFirstRow
from db.session import reading
from db.store import Store
from db.writing.day_versions import day_version
from db.writing.report_log import WrittenReport
from footfall.config import Config
from footfall.config_sections import RetentionConfig
from footfall.errors import StoreError
from footfall.types import Direction, Recording
from tests.integration.conftest import PART, first, minute, part, visit

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # in Berlin
MONDAY = date(2026, 3, 2)
OTHER_PART = UUID(int=5)


def sums(engine: Engine) -> list[tuple[object, ...]]:
    """Return direction, told, compared, first_sum, staff_arrivals, staff_visits of each cell."""
    row = HourlyFirstsRow
    query = select(row.direction, row.told, row.compared, row.first_sum, row.staff_arrivals, row.staff_visits)
    with reading(engine) as connection:
        return [tuple(found) for found in connection.execute(query.order_by(row.hour_start, row.direction))]


def version(engine: Engine) -> int:
    with reading(engine) as connection:
        return day_version(connection, "mall", MONDAY)


def test_what_is_judged_is_counted_whichever_comes_first(store: Store, engine: Engine) -> None:
    visits = [visit(n, NOON) for n in range(4)]
    judged = [first(0), first(1, 2_500), first(2, 6_000, compared=False), first(3, 900, staff=True)]
    store.save_visits(visits[:2])
    store.save_firsts(judged)
    assert sums(engine) == [("in", 2, 2, 12_500, 0, 0)]
    store.save_visits(visits)
    assert sums(engine) == [("in", 4, 3, 18_500, 1, 1)]
    assert store.verify(MONDAY, MONDAY) == []


def test_a_visit_that_is_no_arrival_tells_only_of_staff(store: Store, engine: Engine) -> None:
    store.save_visits([visit(n, NOON, direction=Direction.OUT) for n in range(2)])
    store.save_firsts([first(0, None), first(1, None, staff=True)])
    assert sums(engine) == [("out", 0, 0, 0, 0, 1)]


def test_saving_the_same_again_changes_nothing(store: Store, engine: Engine) -> None:
    store.save_visits([visit(1, NOON), visit(2, NOON)])
    store.save_firsts([first(1), first(2, 5_000)])
    store.save_parts([part(MONDAY)])
    before, seen = version(engine), sums(engine)
    store.save_firsts([first(2, 5_000), first(1)])
    store.save_parts([part(MONDAY)])
    store.save_visits([visit(1, NOON)])
    assert (version(engine), sums(engine)) == (before, seen)


def test_a_judgement_that_changes_replaces_the_one_before(store: Store, engine: Engine) -> None:
    store.save_visits([visit(1, NOON)])
    store.save_firsts([first(1, 9_000)])
    before = version(engine)
    store.save_firsts([first(1, 1_000), first(1, 2_000)])
    assert sums(engine) == [("in", 1, 1, 2_000, 0, 0)]
    assert version(engine) == before + 1
    store.save_firsts([first(1, None)])
    assert sums(engine) == []


def test_a_part_stored_again_replaces_what_it_said(store: Store, engine: Engine) -> None:
    store.save_parts([part(MONDAY, closed_at=None, low=None, high=None)])
    store.save_parts([part(MONDAY, arrivals=9, unique=7.25)])
    with reading(engine) as connection:
        found = connection.execute(select(RegisterPartRow.arrivals, RegisterPartRow.unique, RegisterPartRow.high)).all()
    assert [tuple(row) for row in found] == [(9, 7.25, 8.25)]


def test_an_unknown_camera_or_site_stores_nothing(store: Store, engine: Engine) -> None:
    with pytest.raises(StoreError, match="no camera 'nroth' in the database"):
        store.save_firsts([first(1), first(2, camera="nroth")])
    with pytest.raises(StoreError, match="no site 'mal' in the database"):
        store.save_parts([part(MONDAY), part(MONDAY, site="mal", uid=OTHER_PART)])
    with pytest.raises(ValueError, match="which is not in 0"):
        store.save_firsts([first(1, 10_001)])
    with reading(engine) as connection:
        assert not connection.execute(select(VisitFirstRow.uid)).all()
        assert not connection.execute(select(RegisterPartRow.uid)).all()


def test_a_reported_day_is_reopened_by_what_is_judged_anew(store: Store) -> None:
    store.save_visits([visit(1, NOON)])
    report = WrittenReport("mall", MONDAY, 1, None, "", "a.csv", "0" * 64, 1, None)
    store.record_report(report, 2, lambda: None)
    store.save_firsts([first(1)])
    assert store.reopened_because("mall", MONDAY) == "who came again was judged anew"


def test_a_removed_recording_takes_its_judgements_along(store: Store, engine: Engine) -> None:
    recording = Recording("north", "a" * 64, "a.mp4", NOON, NOON + timedelta(minutes=2), 9, 0, "v")
    store.save_recording(recording, [visit(1, NOON), visit(2, NOON)], [minute(NOON)])
    store.save_visits([visit(3, NOON, "south")])
    store.save_firsts([first(1), first(2, 3_000, part=OTHER_PART), first(3, 4_000, "south", part=OTHER_PART)])
    store.save_parts([part(MONDAY), part(MONDAY, uid=OTHER_PART)])
    before = version(engine)
    assert store.remove_recording(1) == 2
    assert version(engine) > before
    assert sums(engine) == [("in", 1, 1, 4_000, 0, 0)]
    with reading(engine) as connection:
        # The part of which something is left says that it changed; nothing is left of the other.
        kept = connection.execute(select(RegisterPartRow.uid, RegisterPartRow.withdrawn)).all()
        assert [tuple(row) for row in kept] == [(OTHER_PART, True)]
        assert len(connection.execute(select(VisitFirstRow.uid)).all()) == 1
    assert store.verify(MONDAY, MONDAY) == []


def test_a_recording_processed_again_is_judged_again(store: Store, engine: Engine) -> None:
    recording = Recording("north", "a" * 64, "a.mp4", NOON, NOON + timedelta(minutes=2), 9, 0, "v")
    for chance in (9_000, 4_000):
        store.save_recording(recording, [visit(1, NOON)], [minute(NOON)])
        store.save_firsts([first(1, chance)])
        assert sums(engine) == [("in", 1, 1, chance, 0, 0)]


def test_retention_deletes_judgements_and_keeps_their_sums(store: Store, engine: Engine) -> None:
    store.save_visits([visit(1, NOON)])
    store.save_firsts([first(1, 7_000), first(2, 5_000)])  # the visit of the second never arrives
    store.save_parts([part(MONDAY)])
    short = Config(retention=RetentionConfig(visits_days=2, minutes_days=2))
    done = store.apply_retention(short, NOON + timedelta(days=10))
    assert [(one.table_name, one.rows) for one in done] == [("visits", 1), ("visit_firsts", 1)]
    store.save_firsts([first(1, 100)])
    assert sums(engine) == [("in", 1, 1, 7_000, 0, 0)]
    with reading(engine) as connection:
        assert not connection.execute(select(VisitFirstRow.uid)).all()
        assert connection.execute(select(RegisterPartRow.uid)).scalars().all() == [PART]
    assert store.verify(MONDAY, MONDAY) == []


def test_a_part_that_grows_replaces_its_day(store: Store, engine: Engine) -> None:
    store.save_parts([part(MONDAY)])
    before = version(engine)
    store.save_parts([replace(part(MONDAY), day=date(2026, 3, 3))])
    assert version(engine) == before + 1
