"""Whatever comes in whatever order: every minute keeps one source, and nobody counts twice."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from db.reading.recordings import counted_files
from db.session import reading, writing
from db.store import Store
from db.writing.recordings import Taking
from footfall.errors import StoreError
from footfall.types import Visit
from tests.integration.conftest import minute
from tests.integration.db.one_source import MONDAY, at, counted, record, seen, sources

MINUTES = 24
FILES = ("a", "b", "c")
Step = tuple[str, str, int, int]

spans = st.tuples(st.integers(0, MINUTES - 1), st.integers(1, 10))
steps = st.builds(
    lambda what, name, span: (what, name, span[0], min(span[0] + span[1], MINUTES)),
    st.sampled_from(("visits", "minutes", "both", "plain", "plain", "fill", "fill", "remove")),
    st.sampled_from(FILES),
    spans,
)


@dataclass
class Model:
    """Who owns each minute, in plain Python: "live" or the name of a recording."""

    owner: dict[int, str] = field(default_factory=dict)
    live_visits: set[int] = field(default_factory=set)

    def live(self, minutes: range, *, with_visits: bool) -> None:
        free = [one for one in minutes if self.owner.get(one, "live") == "live"]
        self.owner |= dict.fromkeys(free, "live")
        self.live_visits |= set(free) if with_visits else set()

    def release(self, name: str) -> None:
        self.owner = {one: owner for one, owner in self.owner.items() if owner != name}

    def refuses(self, name: str, minutes: range) -> bool:
        return any(self.owner.get(one, name) != name for one in minutes)

    def take(self, name: str, minutes: range) -> None:
        self.release(name)
        self.owner |= {one: name for one in minutes if one not in self.owner}

    def visits(self) -> int:
        return len(self.live_visits) + sum(owner != "live" for owner in self.owner.values())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(steps, max_size=12))
def test_every_minute_keeps_its_source(sequence: list[Step], store: Store, engine: Engine) -> None:
    _empty(engine)
    model = Model()
    for step in sequence:
        _do(step, model, store, engine)
    names = {number: name for name, number in _numbers(engine).items()}
    stored = {moment: {names[one] if one else "live" for one in numbers} for moment, numbers in sources(engine).items()}
    assert all(len(found) == 1 for found in stored.values())
    owned = {at(one): {owner} for one, owner in model.owner.items()}
    assert stored.items() <= owned.items()  # live minutes of which only visits came have no row yet
    assert all(owned[moment] == {"live"} for moment in owned.keys() - stored.keys())
    assert counted(engine)[0] == model.visits()
    assert store.verify(MONDAY, MONDAY) == []


def _do(step: Step, model: Model, store: Store, engine: Engine) -> None:
    """Take one step in both worlds; a visit lies in the middle of every minute."""
    what, name, first, end = step
    minutes = range(first, end)
    if what in ("visits", "both"):
        store.save_visits([seen("live", at(one, 20)) for one in minutes])
        model.live(minutes, with_visits=True)
    if what in ("minutes", "both"):
        store.save_minutes([minute(at(one)) for one in minutes])
        model.live(minutes, with_visits=False)
    if what == "remove" and (number := _numbers(engine).get(name)):
        store.remove_recording(number)
        model.release(name)
    if what in ("plain", "fill"):
        visits = [seen(name, at(one, 21)) for one in minutes]
        fill_gaps = what == "fill"
        try:
            record(store, name, at(first), at(end), visits, Taking(fill_gaps))
        except StoreError:
            assert not fill_gaps and model.refuses(name, minutes)
        else:
            assert fill_gaps or not model.refuses(name, minutes)
            model.take(name, minutes)


def _numbers(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {found.name.removesuffix(".ts"): found.number for found in counted_files(connection)}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(st.tuples(st.integers(0, 1180), st.integers(2, 20)), max_size=25, unique=True),
    fails=st.integers(120, 500),
    lasts=st.integers(60, 500),
    recorder_first=st.booleans(),
)
def test_nobody_counts_twice_around_an_outage(
    people: list[tuple[int, int]], fails: int, lasts: int, recorder_first: bool, store: Store, engine: Engine
) -> None:
    _empty(engine)
    returns = fails + lasts
    everybody = [seen("day", at(0, start), stay) for start, stay in people]
    watched = ((at(0), at(0, fails)), (at(0, returns), at(20)))
    by_live = [one for start, end in watched for one in _clipped("live", everybody, start, end)]
    first_back = -(-returns // 60)
    rows = [minute(at(one), live_s=float(_watched_s(one, fails, returns))) for one in range(20)]
    rows = [row for row in rows if row.live_s > 0]
    if recorder_first:
        start, end = at(fails // 60 + 1), at(max(first_back - 1, fails // 60 + 2))
        record(store, "outage", start, end, _clipped("outage", everybody, start, end))
    store.save_visits(by_live)
    store.save_minutes(rows)
    with contextlib.suppress(StoreError):
        record(store, "day", at(0), at(20), everybody, Taking(fill_gaps=True))
    visits, _ = counted(engine)
    assert visits <= len(everybody)
    assert all(len(found) == 1 for found in sources(engine).values())
    assert store.verify(MONDAY, MONDAY) == []


def _clipped(source: str, people: list[Visit], start: datetime, end: datetime) -> list[Visit]:
    """Return the visits as a source counts them that watches from `start` to `end`: it sees nothing else of anybody."""
    stays = [(one.uid, max(one.entered_at, start), min(one.left_at, end)) for one in people]
    return [
        seen(f"{source} {uid}", entered_at, (left_at - entered_at).total_seconds())
        for uid, entered_at, left_at in stays
        if (left_at - entered_at).total_seconds() >= 1
    ]


def _watched_s(number: int, fails: int, returns: int) -> int:
    seconds = range(60 * number, 60 * number + 60)
    return sum(second < fails or second >= returns for second in seconds)


def _empty(engine: Engine) -> None:
    tables = ("visits", "hourly_visits", "hourly_totals", "daily_visits", "day_sheets", "hourly_observation")
    with writing(engine) as connection:
        for table in (*tables, "camera_minutes", "recordings"):
            connection.execute(text(f"DELETE FROM {table}"))
