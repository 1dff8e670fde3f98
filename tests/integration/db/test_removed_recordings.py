"""A recording that is removed leaves nothing behind: totals, observed time and reports are those without it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.reading.recordings import counted_files
from db.session import reading
from db.store import Store
from footfall.config import Config
from footfall.config_sections import ReportConfig, RetentionConfig
from footfall.errors import StoreError
from reports.writer import ReportWriter
from tests.conftest import FakeClock
from tests.integration.db.one_source import MONDAY, at, counted, live, record, seen


def numbers(engine: Engine) -> dict[str, int]:
    """Return the number of each recording by its file's name."""
    with reading(engine) as connection:
        return {found.name: found.number for found in counted_files(connection)}


def test_a_removal_takes_back_visits_and_minutes_and_leaves_the_others(store: Store, engine: Engine) -> None:
    live(store, range(3), [seen("live", at(1))])
    record(store, "a", at(3), at(5), [seen("a", at(3)), seen("a", at(4))])
    record(store, "b", at(5), at(9), [seen("b", at(6))])
    assert store.remove_recording(numbers(engine)["a.ts"]) == 2
    assert numbers(engine).keys() == {"b.ts"}
    assert counted(engine) == (2, 7 * 60.0)
    assert store.verify(MONDAY, MONDAY) == []
    with pytest.raises(StoreError, match="no recording has the number 1"):
        store.remove_recording(1)


def test_the_time_of_a_removed_recording_can_be_counted_again(store: Store, engine: Engine) -> None:
    record(store, "a", at(0), at(5), [seen("a", at(1))])
    store.remove_recording(numbers(engine)["a.ts"])
    record(store, "other", at(0), at(5), [seen("other", at(1)), seen("other", at(2))])
    assert counted(engine) == (2, 300.0)
    store.remove_recording(numbers(engine)["other.ts"])
    record(store, "a", at(0), at(5), [seen("a", at(1))])
    assert counted(engine) == (1, 300.0)
    assert store.verify(MONDAY, MONDAY) == []


def test_a_removal_reopens_the_report_of_its_day(
    store: Store, engine: Engine, clock: FakeClock, tmp_path: Path
) -> None:
    record(store, "a", at(0), at(5), [seen("a", at(1))])
    writer = ReportWriter(engine, ReportConfig(directory=tmp_path), store)
    clock.advance(days=1)
    assert writer.write("mall", MONDAY).report.visits == 1
    store.remove_recording(numbers(engine)["a.ts"])
    because = "1 visit withdrawn with a recording that was processed again or removed; the observed time changed"
    assert store.reopened_because("mall", MONDAY) == because
    assert writer.due("mall", clock()) == [MONDAY]
    again = writer.write("mall", MONDAY).report
    assert (again.revision, again.visits) == (2, 0)


def test_a_recording_that_lost_rows_to_retention_stays_and_says_so(store: Store, engine: Engine) -> None:
    record(store, "a", at(0), at(5), [seen("a", at(1))])
    store.apply_retention(Config(retention=RetentionConfig(visits_days=2)), at(0) + timedelta(days=9))
    with pytest.raises(StoreError, match=r"a\.ts: its single visits were deleted .* cannot be removed"):
        store.remove_recording(numbers(engine)["a.ts"])
    with reading(engine) as connection:
        [found] = counted_files(connection, "north")
    assert (found.purged, found.visits, found.minutes) == (True, 0, 5)
    assert counted(engine) == (1, 300.0)
    with pytest.raises(StoreError, match=r"recording a\.ts"):
        record(store, "b", at(2), at(4))


def test_recordings_are_listed_with_what_the_numbers_hold_of_them(store: Store, engine: Engine) -> None:
    record(store, "b", at(10), at(12), [seen("b", at(11), camera="south")], camera="south")
    record(store, "a", at(0), at(5), [seen("a", at(1)), seen("a", at(2))])
    with reading(engine) as connection:
        files = counted_files(connection)
        south = counted_files(connection, "south")
    assert [(one.camera, one.name, one.visits, one.minutes) for one in files] == [
        ("north", "a.ts", 2, 5),
        ("south", "b.ts", 1, 2),
    ]
    assert south == files[1:]
    assert (files[0].site, files[0].time_zone, files[0].started_at) == ("mall", "Europe/Berlin", at(0))
