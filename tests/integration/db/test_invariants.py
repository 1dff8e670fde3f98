"""Whatever is stored, replayed, replaced, late or deleted: the totals equal what a plain dictionary counts."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from db.models import VisitRow
from db.reading import queries
from db.reading.selection import Selection
from db.session import open_database, reading, writing
from db.store import Store
from footfall.config import Config
from footfall.config_sections import RetentionConfig
from footfall.errors import StoreError
from footfall.local_time import local_day
from footfall.types import Gender, Recording, Visit
from tests.integration.conftest import RUN, first, minute, visit

START = datetime(2026, 3, 27, 20, 0, tzinfo=UTC)  # the clock changes on the 29th
FIRST, LAST = date(2026, 3, 1), date(2026, 6, 30)
BERLIN = ZoneInfo("Europe/Berlin")
GENDERS = tuple(Gender)
KEPT_DAYS = 2
WORKERS = 3


def numbered(number: int) -> Visit:
    """Return the live visit of this number: three hours after the one before, at either entrance.

    Half an hour beside every recording: which source counts a minute is tested in test_one_source.py.
    """
    camera = ("north", "south")[number % 2]
    return visit(number, START + timedelta(hours=3 * number + 0.5), camera, gender=GENDERS[number % 3])


def in_recording(recording: int, number: int, gender: Gender) -> Visit:
    """Return a visit that a recording of camera north gives; processing it again may judge another gender."""
    moment = START + timedelta(hours=24 * recording + number)
    return visit(0, moment, uid=uuid5(RUN, f"{recording} {number}"), gender=gender)


@dataclass
class Ledger:
    """What should be counted: every visit ever accepted, and whether its single row is still there."""

    visits: dict[UUID, Visit] = field(default_factory=dict)
    rows: set[UUID] = field(default_factory=set)
    gave: dict[int, set[UUID]] = field(default_factory=dict)
    purged: set[int] = field(default_factory=set)

    def accept(self, visits: Sequence[Visit]) -> int:
        new = {one.uid: one for one in visits if one.uid not in self.visits}
        self.visits |= new
        self.rows |= set(new)
        return len(new)

    def replace(self, recording: int, visits: Sequence[Visit]) -> None:
        for uid in self.gave.get(recording, set()):
            del self.visits[uid]
            self.rows.remove(uid)
        self.gave[recording] = {one.uid for one in visits}
        self.accept(visits)

    def forget_before(self, day: date) -> None:
        old = {uid for uid in self.rows if local_day(self.visits[uid].entered_at, BERLIN) < day}
        self.rows -= old
        self.purged |= {recording for recording, uids in self.gave.items() if uids & old}

    def totals(self) -> Counter[tuple[str, date, str]]:
        return Counter(
            (one.camera_id, local_day(one.entered_at, BERLIN), one.gender.value) for one in self.visits.values()
        )


live = st.tuples(st.just("live"), st.lists(st.integers(0, 60), max_size=8))
recorded = st.tuples(
    st.just("recording"),
    st.tuples(st.integers(0, 3), st.sets(st.integers(0, 9), max_size=6), st.sampled_from(GENDERS)),
)
judged = st.tuples(st.just("judged"), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 10_000)), max_size=8))
deleted = st.tuples(st.just("retention"), st.integers(0, 9))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(live, live, judged, recorded, recorded, deleted), max_size=12))
def test_totals_equal_a_recount_after_any_sequence(
    steps: list[tuple[str, object]], store: Store, engine: Engine, config: Config
) -> None:
    _empty(engine)
    ledger = Ledger()
    for kind, what in steps:
        _step(kind, what, store, ledger)
    with reading(engine) as connection:
        found = queries.daily(connection, Selection(FIRST, LAST), ("camera", "day", "gender"))
        by_hour = queries.hourly(connection, Selection(FIRST, LAST), ("camera", "day"))
        kept = set(connection.execute(VisitRow.__table__.select().with_only_columns(VisitRow.uid)).scalars())
    assert {tuple(row[:3]): row[3] for row in found.values.tolist()} == dict(ledger.totals())
    assert by_hour.values.tolist() == found.groupby(["camera", "day"])["visits"].sum().reset_index().values.tolist()
    assert kept == ledger.rows
    assert store.verify(FIRST, LAST) == []


def _step(kind: str, what: object, store: Store, ledger: Ledger) -> None:
    if kind == "live":
        assert isinstance(what, list)
        batch = [numbered(number) for number in what]
        assert store.save_visits(batch) == ledger.accept(batch)
    elif kind == "judged":
        assert isinstance(what, list)
        store.save_firsts([first(number, chance, numbered(number).camera_id) for number, chance in what])
    elif kind == "recording":
        assert isinstance(what, tuple)
        number, parts, gender = what
        batch = [in_recording(number, part, gender) for part in parts]
        start = START + timedelta(days=number)
        recording = Recording("north", f"{number:064}", "a.mp4", start, start + timedelta(hours=10), 9, 0, "v")
        try:
            store.save_recording(recording, batch, [minute(start, run=UUID(int=number))])
        except StoreError:
            assert number in ledger.purged
        else:
            ledger.replace(number, batch)
    else:
        assert isinstance(what, int)
        now = START + timedelta(days=what)
        store.apply_retention(Config(retention=RetentionConfig(visits_days=KEPT_DAYS)), now)
        ledger.forget_before(local_day(now, BERLIN) - timedelta(days=KEPT_DAYS))


def _empty(engine: Engine) -> None:
    tables = (
        "visits",
        "purged_visits",
        "hourly_visits",
        "hourly_totals",
        "daily_visits",
        "day_sheets",
        "visit_firsts",
        "hourly_firsts",
        "daily_firsts",
        "register_parts",
        "hourly_observation",
        "camera_minutes",
    )
    with writing(engine) as connection:
        for table in (*tables, "recordings", "deletions"):
            connection.execute(text(f"DELETE FROM {table}"))


def _first_of(worker: int, batch: int) -> int:
    """Return the first visit of a batch; workers 0 and 1 store the same visits at about the same time."""
    return 200 * (worker // 2) + 10 * batch


def _write_from_another_process(url: str, worker: int) -> None:
    store = Store(open_database(url))
    for batch in range(12):
        first = _first_of(worker, batch)
        store.save_visits([numbered(number) for number in range(first, first + 10)])
        store.save_minutes([minute(START + timedelta(minutes=batch), run=UUID(int=worker))])


def test_processes_that_write_at_once_lose_and_double_nothing(database_url: str, store: Store, engine: Engine) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_write_from_another_process, args=(database_url, n)) for n in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    numbers = {_first_of(worker, batch) + n for worker in range(WORKERS) for batch in range(12) for n in range(10)}
    expected = Counter(numbered(number).camera_id for number in numbers)
    with reading(engine) as connection:
        found = queries.daily(connection, Selection(FIRST, LAST), ("camera",))
    assert dict(found.values.tolist()) == dict(expected)
    assert store.verify(FIRST, LAST) == []
