"""Audits in both databases: stored once, compared with what cameras saw, held against settings, kept and deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from db.audits import MOST_TAPS, Audit, AuditRefusedError, Tap
from db.reading.audits import audits, setup_at, taps_of
from db.session import reading
from db.store import Store
from db.writing.audits import end_audit, save_audit, void_audit
from footfall.config import Config
from footfall.config_sections import CameraConfig, ReportConfig, RetentionConfig
from footfall.errors import StoreError
from footfall.types import Direction
from reports.audit_files import audit_rows
from reports.audits import CheckedAudit, checked_audits, estimate_of_day
from reports.writer import ReportWriter
from tests.conftest import FakeClock
from tests.integration.conftest import minute, visit

PEOPLE = 60  # one every ten seconds for ten minutes; the camera misses every tenth
LINE = ((0.0, 0.5), (1.0, 0.5))


@pytest.fixture
def audit(engine: Engine, store: Store, clock: FakeClock) -> Audit:
    """Ten minutes at the north entrance, seen by its camera, an hour before now."""
    start = clock() - timedelta(hours=1)
    made = Audit(uuid4(), "mall", "North", "", "ann", start, start + timedelta(minutes=10))
    people = range(PEOPLE)
    save_audit(engine, made, [Tap(number + 1, "in", at(start, number), "female", "18-34") for number in people])
    store.save_visits([visit(number, at(start, number) - timedelta(seconds=4)) for number in people if number % 10])
    store.save_minutes([minute(start + timedelta(minutes=number)) for number in range(10)])
    return made


def at(start: datetime, number: int) -> datetime:
    return start + timedelta(seconds=10 * number + 5)


def the_one(engine: Engine, clock: FakeClock) -> CheckedAudit:
    [one] = checked_audits(engine, None, clock())
    return one


def test_what_is_sent_twice_is_stored_once_and_later_words_win(engine: Engine, audit: Audit) -> None:
    tap = Tap(1, "in", audit.started_at, undone=True, revision=2)
    for revised in (tap, replace(tap, undone=False, revision=1), tap):
        save_audit(engine, replace(audit, ended_at=None), [revised])
    with reading(engine) as connection:
        [stored] = audits(connection)
        taps = taps_of(connection, audit.uid)
    assert stored.audit == audit  # an end that was said once stays
    assert (stored.taps, len(taps), bool(taps.loc[0, "undone"])) == (PEOPLE - 1, PEOPLE, True)


def test_nobody_continues_the_audit_of_somebody_else_or_at_a_place_that_is_not_there(
    engine: Engine, audit: Audit
) -> None:
    with pytest.raises(AuditRefusedError, match="begun by somebody else"):
        save_audit(engine, replace(audit, auditor="bob"), [])
    with pytest.raises(AuditRefusedError, match="no entrance 'West' at 'mall'; there are: North, South"):
        save_audit(engine, replace(audit, uid=uuid4(), entrance="West"), [])
    with pytest.raises(AuditRefusedError, match="no camera 'south' at 'North'"):
        save_audit(engine, replace(audit, uid=uuid4(), camera="south"), [])


def test_too_many_taps_are_refused_and_nothing_of_them_is_kept(engine: Engine, audit: Audit) -> None:
    many = [Tap(number, "in", audit.started_at) for number in range(PEOPLE + 1, MOST_TAPS + 2)]
    with pytest.raises(AuditRefusedError, match="at most 5000 taps"):
        save_audit(engine, audit, many)
    with reading(engine) as connection:
        assert len(taps_of(connection, audit.uid)) == PEOPLE


def test_an_audit_says_what_the_camera_counts_and_how_many_came(engine: Engine, audit: Audit, clock: FakeClock) -> None:
    one = the_one(engine, clock)
    assert one.comparison is not None and one.void == "" and one.is_final
    assert (one.comparison.total.tapped, one.comparison.total.matched) == (60, 54)
    assert one.comparison.genders["female"]["female"] == 54
    estimate = estimate_of_day(engine, "mall", audit.started_at.date(), [one])
    assert estimate is not None and estimate.whole
    assert (estimate.counted, round(estimate.came.estimate)) == (54, 60)
    assert estimate.came.low < 60 < estimate.came.high
    assert (list(estimate.by_entrance), estimate.entrances) == (["North"], 1)


def test_an_entrance_tells_who_came_where_another_is_not_audited(
    engine: Engine, store: Store, audit: Audit, clock: FakeClock, tmp_path: Path
) -> None:
    day = audit.started_at.date()
    store.save_visits([visit(7000 + n, audit.started_at, "south") for n in range(9)])
    estimate = estimate_of_day(engine, "mall", day, [the_one(engine, clock)])
    assert estimate is not None and not estimate.whole
    assert (list(estimate.by_entrance), estimate.entrances) == (["North"], 2)
    table = ReportWriter(engine, ReportConfig(directory=tmp_path), store, clock).table("mall", day)
    totals = table[table["row"].isin(["entrance total", "site total"])].set_index("entrance")
    assert totals["estimate"].dropna().to_dict() == {"North": 60.0}
    assert totals["low"].dropna().to_dict()["North"] < 60 < totals["high"].dropna().to_dict()["North"]
    assert totals["coverage"].dropna().to_dict() == {"all": 0.5}


def test_visits_that_arrive_late_change_what_an_audit_came_to(
    engine: Engine, store: Store, audit: Audit, clock: FakeClock
) -> None:
    assert the_one(engine, clock).comparison is not None
    store.save_visits([visit(0, at(audit.started_at, 0) - timedelta(seconds=4))])
    one = the_one(engine, clock)
    assert one.comparison is not None and one.comparison.total.matched == 55


def moved(config: Config) -> Config:
    return changed(config, entrance="Garden")


def lined(config: Config) -> Config:
    return changed(config, line=LINE)


def changed(config: Config, **changes: object) -> Config:
    camera = CameraConfig.model_validate({"source": "0", "site": "mall", "entrance": "North"} | changes)
    return config.model_copy(update={"cameras": {**config.cameras, "north": camera}})


@pytest.mark.parametrize(
    ("change", "words"),
    [(lined, "camera north changed its counting line since"), (moved, "other cameras watch North since")],
)
def test_an_audit_is_void_after_the_camera_was_set_otherwise_and_holds_for_the_days_before(
    engine: Engine, store: Store, audit: Audit, clock: FakeClock, config: Config, change: object, words: str
) -> None:
    the_one(engine, clock)
    day = audit.started_at.date()
    clock.advance(days=1)
    store.sync(change(config))  # type: ignore[operator]
    store.save_visits([visit(100, clock())])
    one = the_one(engine, clock)
    assert one.void == words
    assert estimate_of_day(engine, "mall", clock().date(), [one]) is None
    if change is lined:
        assert estimate_of_day(engine, "mall", day, [one]) is not None
        store.sync(config)
        clock.advance(seconds=1)
        store.sync(config)
        assert the_one(engine, clock).void == ""


def test_an_audit_is_void_for_another_network(engine: Engine, store: Store, audit: Audit, clock: FakeClock) -> None:
    the_one(engine, clock)
    clock.advance(days=1)
    store.save_visits([visit(100, clock(), model_version="newer")])
    one = the_one(engine, clock)
    assert one.void == "camera north changed its network since"
    assert estimate_of_day(engine, "mall", clock().date(), [one]) is None
    assert estimate_of_day(engine, "mall", audit.started_at.date(), [one]) is not None


def test_the_setup_of_a_camera_tells_no_secret(engine: Engine, store: Store, clock: FakeClock, config: Config) -> None:
    clock.advance(days=1)
    store.sync(changed(config, source="rtsp://admin:hush@10.0.0.5:554/stream?key=hush2"))
    with reading(engine) as connection:
        setup = setup_at(connection, 1)
    assert setup["place"] == {"entrance": "North", "address": "10.0.0.5:554"}


def test_an_audit_does_not_count_where_the_camera_did_not_watch_or_its_clock_is_wrong(
    engine: Engine, store: Store, clock: FakeClock
) -> None:
    start = clock() - timedelta(hours=1)
    unseen = Audit(uuid4(), "mall", "South", "", "ann", start, start + timedelta(minutes=10))
    save_audit(engine, unseen, [Tap(number + 1, "out", at(start, number)) for number in range(PEOPLE)])
    assert the_one(engine, clock).void == "the camera watched only 0% of the time"
    store.save_minutes([minute(start + timedelta(minutes=number), "south") for number in range(10)])
    ahead = timedelta(seconds=7.5)  # between two people, so that nobody is near a visit
    every_other = [visit(n, at(start, 2 * n) + ahead, "south", direction=Direction.OUT) for n in range(PEOPLE // 2)]
    save_audit(engine, unseen, [Tap(n + 1, "out", at(start, n), undone=n % 2 == 1, revision=2) for n in range(PEOPLE)])
    store.save_visits(every_other)
    assert the_one(engine, clock).void.startswith("taps and visits do not fall together")


def test_an_audit_can_be_voided_by_hand_and_counted_again(engine: Engine, audit: Audit, clock: FakeClock) -> None:
    void_audit(engine, audit.uid, "called away")
    assert the_one(engine, clock).void == "called away"
    assert estimate_of_day(engine, "mall", audit.started_at.date(), [the_one(engine, clock)]) is None
    void_audit(engine, audit.uid, "")
    assert the_one(engine, clock).void == ""
    with pytest.raises(StoreError, match="no audit"):
        void_audit(engine, UUID(int=1), "x")


def test_an_audit_that_was_left_open_is_ended_with_its_last_tap(engine: Engine, audit: Audit, clock: FakeClock) -> None:
    left = Audit(uuid4(), "mall", "North", "", "bob", audit.started_at)
    save_audit(engine, left, [Tap(number + 1, "in", at(left.started_at, number)) for number in range(30)])
    with pytest.raises(AuditRefusedError, match="somebody tapped less than 15 minutes ago"):
        end_audit(engine, left.uid, at(left.started_at, 31))
    end = end_audit(engine, left.uid, clock())
    assert end == at(left.started_at, 29) + timedelta(seconds=1)
    one = next(one for one in checked_audits(engine, None, clock()) if one.audit.uid == left.uid)
    assert one.comparison is not None and one.comparison.total.tapped == 30 and one.void == ""
    for uid, words in ((left.uid, "this audit has ended"), (UUID(int=1), "no audit")):
        with pytest.raises(AuditRefusedError, match=words):
            end_audit(engine, uid, clock())
    later = end + timedelta(minutes=3)
    save_audit(engine, replace(left, ended_at=later), [])  # the phone found a network
    with reading(engine) as connection:
        assert [one.audit.ended_at for one in audits(connection, uid=left.uid)] == [later]


def test_retention_deletes_taps_and_keeps_what_they_came_to(
    engine: Engine, store: Store, audit: Audit, clock: FakeClock, config: Config
) -> None:
    before = the_one(engine, clock).comparison
    clock.advance(days=41)
    kept = config.model_copy(update={"retention": RetentionConfig(visits_days=10, minutes_days=40)})
    deleted = {one.table_name: one.rows for one in store.apply_retention(kept, clock())}
    assert deleted["audit_taps"] == PEOPLE and deleted["visits"] == 54
    with reading(engine) as connection:
        assert taps_of(connection, audit.uid).empty
    one = the_one(engine, clock)
    assert one.comparison == before
    assert estimate_of_day(engine, "mall", audit.started_at.date(), [one]) is None  # nobody knows the network of then


def test_the_export_holds_every_tap_and_what_became_of_it(engine: Engine, audit: Audit, clock: FakeClock) -> None:
    table = audit_rows(engine, [the_one(engine, clock)])
    taps = table[table["row"] == "tap"]
    assert taps["outcome"].value_counts().to_dict() == {"matched": 54, "missed": 6}
    named = table.set_index("name")["value"]
    assert (named["all by hand"], named["all matched"], named["network of north"]) == ("60", "54", '"test"')
