"""Visits are compared in a thread of their own, so that nothing waits for it, and the end is quick."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from app.live_registers import LiveRegisters
from app.registers_aside import RegistersAside
from ingest.spooling.records import Record
from reid.comparison import Comparison
from reid.types import First, RegisterPart
from tests.unit.app.test_registers import NOON, looks, seen, settings

PATIENCE_S = 60.0


@pytest.fixture
def written() -> list[Record]:
    return []


@pytest.fixture
def aside(written: list[Record]) -> Iterator[RegistersAside]:
    def write(records: Sequence[Record]) -> None:
        written.extend(records)

    def make(in_haste: Callable[[], bool]) -> LiveRegisters:
        return LiveRegisters(settings(), "box east", write, lambda: NOON, in_haste)

    made = RegistersAside(make, every_s=0.01)
    made.start()
    yield made
    made.close(PATIENCE_S)


def test_a_comparison_that_takes_long_holds_up_nobody_and_is_broken_off_at_the_end(
    aside: RegistersAside, written: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    comparing, ending = threading.Event(), threading.Event()
    real = Comparison._round

    def slow(comparison: Comparison, *given: object) -> object:
        comparing.set()
        assert ending.wait(PATIENCE_S)
        return real(comparison, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Comparison, "_round", slow)
    people = [1, 2, 3, 2]
    for person in people:
        aside.see(seen(person, NOON))
    assert comparing.wait(PATIENCE_S)
    last = seen(4, NOON)
    aside.see(last)  # comes back at once
    aside.hurry()
    ending.set()
    aside.close(PATIENCE_S)
    part = [record for record in written if isinstance(record, RegisterPart)][-1]
    firsts = {record.uid: record for record in written if isinstance(record, First)}
    assert (part.arrivals, part.held, part.deleted) == (5, 0, 5)
    assert len(firsts) == 5 and firsts[last.uid].compared
    assert part.closed_at == NOON
    assert last.signature is not None and not last.signature.faces.any()


def test_visits_that_never_cease_do_not_keep_judgements_from_being_written(
    aside: RegistersAside, written: list[Record]
) -> None:
    for number in range(10_000):
        if written:
            break
        aside.see(seen(number % 7, NOON, signature=looks(number % 7)))
        threading.Event().wait(0.005)  # sooner than the registers are written
    assert written


def test_a_defect_does_not_end_the_comparing(
    aside: RegistersAside, written: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(LiveRegisters, "see", lambda *given: 1 / 0)
        aside.see(seen(1, NOON))
        aside.close(0.0)
    aside._thread.join(PATIENCE_S)
    assert not aside._thread.is_alive()
