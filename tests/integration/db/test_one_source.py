"""A camera's minute has one source: who was stored first keeps it, and an outage can be filled."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert

from db.models import CameraMinuteRow
from db.session import open_database, writing
from db.store import Store
from db.writing.recordings import Taking
from footfall.config import Config
from footfall.config_sections import RetentionConfig
from footfall.errors import StoreError
from footfall.types import Recording
from tests.integration.conftest import minute
from tests.integration.db.one_source import MONDAY, at, content, counted, live, record, seen, sources

FILL = Taking(fill_gaps=True)


def test_a_recording_of_time_that_the_live_camera_counted_is_refused(store: Store, engine: Engine) -> None:
    live(store, range(10), [seen("live", at(n)) for n in range(10)])
    with pytest.raises(StoreError, match=r"shows 3 min that the live stream of camera north .* twice; --fill-gaps"):
        record(store, "late", at(7), at(12), [seen("file", at(n)) for n in range(7, 12)])
    assert counted(engine) == (10, 600.0)
    assert store.verify(MONDAY, MONDAY) == []


def test_visits_that_are_stored_before_their_minutes_count_as_observed(store: Store, engine: Engine) -> None:
    store.save_visits([seen("live", at(3))])
    with pytest.raises(StoreError, match="the live stream"):
        record(store, "a", at(0), at(10))
    record(store, "a", at(0), at(10), [seen("file", at(3)), seen("file", at(5))], FILL)
    store.save_minutes([minute(at(3))])
    assert counted(engine) == (2, 600.0)
    assert store.verify(MONDAY, MONDAY) == []


def test_only_the_unobserved_minutes_of_a_recording_fill_an_outage(store: Store, engine: Engine) -> None:
    live(store, [*range(5), *range(8, 12)], [seen("live", at(n, 20)) for n in (*range(5), *range(8, 12))])
    taken = record(store, "day", at(0), at(14), [seen("file", at(n, 21)) for n in range(14)], FILL)
    assert [(one.start, one.end) for one in taken.stretches] == [(at(5), at(8)), (at(12), at(14))]
    assert (len(taken.visits), taken.visits_left_out, taken.minutes_left_out) == (5, 9, 9)
    assert counted(engine) == (14, 14 * 60.0)
    again = record(store, "day", at(0), at(14), [seen("file", at(n, 21)) for n in range(14)], FILL)
    assert (again.visits, again.replaced) == (taken.visits, True)
    assert counted(engine) == (14, 14 * 60.0)
    assert store.verify(MONDAY, MONDAY) == []


def test_somebody_in_view_when_the_live_camera_fails_or_returns_counts_once(store: Store, engine: Engine) -> None:
    before, after = seen("live", at(4, 55), 3), seen("live", at(8, 1), 20)
    live(store, [*range(5), *range(8, 10)], [before, after])
    same_before, same_after = seen("file", at(4, 54), 20), seen("file", at(7, 50), 30)
    taken = record(store, "gap", at(0), at(10), [same_before, seen("file", at(6)), same_after], FILL)
    assert [one.entered_at for one in taken.visits] == [at(6)]
    assert counted(engine) == (3, 600.0)


def test_somebody_at_the_border_whom_the_live_camera_did_not_count_is_taken(store: Store, engine: Engine) -> None:
    # The stream broke off in the middle of minute 4: of two people who came then, one was counted before.
    live(store, range(5), [seen("live", at(4, 10), 5)])
    one, other = seen("file", at(4, 58), 9), seen("file", at(4, 59), 9)
    assert len(record(store, "gap", at(0), at(10), [one, other], FILL).visits) == 2
    assert counted(engine) == (3, 600.0)


def test_each_live_visit_explains_one_visit_at_the_border(store: Store, engine: Engine) -> None:
    live(store, range(5), [seen("live", at(4, 50), 9)])
    crowd = [seen("file", at(4, 50 + n), 15) for n in range(3)]
    taken = record(store, "gap", at(0), at(10), crowd, FILL)
    assert (len(taken.visits), taken.visits_left_out) == (2, 1)
    assert counted(engine) == (3, 600.0)


def test_live_records_that_come_late_do_not_count_again(
    store: Store, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    live(store, range(3), [seen("live", at(n)) for n in range(3)])
    record(store, "gap", at(3), at(6), [seen("file", at(n)) for n in range(3, 6)], FILL)
    for _ in range(2):  # a batch whose answer was lost is sent again
        live(store, range(8), [seen("live", at(n)) for n in range(8)])
    assert counted(engine) == (8, 480.0)
    assert store.verify(MONDAY, MONDAY) == []
    said = capsys.readouterr()
    said_lines = [line for line in (said.out + said.err).splitlines() if "left out" in line]
    assert [("visits" in line, "count=3" in line, "gap.ts" in line) for line in said_lines] == [
        (True, True, True),
        (False, True, True),
        (True, True, True),
        (False, True, True),
    ]


def test_files_of_a_recorder_may_share_a_second_where_they_meet(store: Store, engine: Engine) -> None:
    record(store, "nine", at(0), at(30, 8.6), [seen("file", at(30, 2), 6)])
    record(store, "half past", at(30, 8), at(60), [seen("file", at(30, 8), 4), seen("file", at(40))])
    assert counted(engine) == (2, 3600.0)  # who was in view at the joint is in both files
    assert store.verify(MONDAY, MONDAY) == []
    with pytest.raises(StoreError, match=r"shows 2 s that recording nine\.ts \(number 1\) of camera north"):
        record(store, "between", at(30, 6.5), at(30, 8.4))


def test_pauses_of_two_recordings_fit_into_each_other(store: Store, engine: Engine) -> None:
    def with_pause(name: str, minutes: list[int]) -> None:
        recording = Recording("north", name * 64, name, at(minutes[0]), at(minutes[-1] + 1), 9, 0, "v", length=9)
        store.save_recording(recording, [], [minute(at(one)) for one in minutes])

    with_pause("a", [0, 1, 6, 7])
    with_pause("b", [3, 4, 9])
    with pytest.raises(StoreError, match="recording a"):
        with_pause("c", [5, 6])
    assert counted(engine) == (0, 420.0)


def test_the_same_footage_is_not_counted_for_two_cameras(store: Store, engine: Engine) -> None:
    record(store, "a", at(0), at(5), [seen("file", at(1))])
    for camera in ("south", "bar"):
        with pytest.raises(StoreError, match=r"a\.ts: the same footage was counted for camera north"):
            record(store, "a", at(0), at(5), [seen("file", at(1), camera=camera)], camera=camera)


def test_the_whole_file_takes_the_place_of_its_own_first_half(store: Store, engine: Engine) -> None:
    record(store, "half", at(0), at(3), [seen("half", at(n)) for n in range(3)])
    whole = [seen("whole", at(n)) for n in range(6)]
    with pytest.raises(StoreError, match=r"half\.ts"):
        record(store, "whole", at(0), at(6), whole)
    half = store.find_recording("north", content("half"))
    assert half is not None
    taking = Taking(beginnings=frozenset({half.sha256, "0" * 64}))
    assert record(store, "whole", at(0), at(6), whole, taking).replaced
    assert store.find_recording("north", half.sha256) is None
    assert counted(engine) == (6, 360.0)
    assert store.verify(MONDAY, MONDAY) == []


def test_time_whose_minutes_retention_deleted_is_not_counted_again(store: Store, engine: Engine) -> None:
    live(store, range(5), [seen("live", at(1))])
    store.apply_retention(Config(retention=RetentionConfig(visits_days=1, minutes_days=1)), at(0) + timedelta(days=9))
    with pytest.raises(StoreError, match="whose single minutes are deleted"):
        record(store, "a", at(2), at(4), [seen("file", at(3))])
    assert record(store, "a", at(2), at(4), [seen("file", at(3))], FILL).visits == ()
    assert counted(engine) == (1, 300.0)


def test_time_of_a_camera_too_slow_to_count_as_observed_is_not_counted_again_either(
    store: Store, engine: Engine
) -> None:
    store.save_visits([seen("live", at(3))])
    store.save_minutes([replace(minute(at(n), live_s=0.0), frames_seen=60, frames_processed=60) for n in range(60)])
    keep = RetentionConfig(visits_days=1, minutes_days=1)
    store.apply_retention(Config(retention=keep), at(0) + timedelta(days=10))
    with pytest.raises(StoreError, match="whose single minutes are deleted"):
        record(store, "late", at(0), at(10), [seen("file", at(3))])
    assert counted(engine) == (1, 0.0)


def test_verification_names_minutes_that_two_sources_counted(store: Store, engine: Engine) -> None:
    record(store, "a", at(0), at(3))
    with writing(engine) as connection:  # as versions before this rule stored it
        row = {"camera_id": 1, "minute": at(1), "run": seen("x", at(0)).uid, "live_s": 60.0, "lag_s": 0.0}
        sums = dict.fromkeys(("frames_dropped", "frames_damaged", "faces", "faces_small"), 0)
        values = row | sums | {"frames_seen": 9, "frames_processed": 9, "picture": "ok"}
        connection.execute(insert(CameraMinuteRow).values(**values))
    assert sources(engine)[at(1)] == {1, None}
    [found] = store.verify(MONDAY, MONDAY)
    assert (found.table_name, found.cell, found.stored, found.derived) == ("camera_minutes", "10:01+0100 sources", 2, 1)


def _process_at_the_same_time(url: str, name: str, barrier: object) -> None:
    store = Store(open_database(url))
    barrier.wait()  # type: ignore[attr-defined]
    try:
        record(store, name, at(0), at(10), [seen(name, at(n)) for n in range(10)])
    except StoreError as error:
        raise SystemExit(3 if "visitors would count twice" in str(error) else 4) from None


def test_of_two_processes_that_count_the_same_time_at_once_one_is_refused(
    database_url: str, store: Store, engine: Engine
) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(3)
    processes = [
        spawn.Process(target=_process_at_the_same_time, args=(database_url, name, barrier)) for name in ("a", "b", "c")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert sorted(process.exitcode or 0 for process in processes) == [0, 3, 3]
    assert counted(engine) == (10, 600.0)
    assert store.verify(MONDAY, MONDAY) == []
