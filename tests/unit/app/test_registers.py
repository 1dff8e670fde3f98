"""Visits of a day are compared until it is over; then their templates are gone and the last word is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from app.live_registers import LiveRegisters
from app.registers import LATE, opening_check, require_comparable
from footfall.config import Config
from footfall.config_sections import SiteConfig
from footfall.errors import ConfigError
from footfall.types import Direction, FloatArray, Gender, Visit
from ingest.sightings import sighting_of
from ingest.spooling import writer
from ingest.spooling.records import Record
from ingest.spooling.spool import Spool, SpoolError
from ingest.spooling.writer import SpoolWriter
from reid.register import DayRegister
from reid.types import First, RegisterPart, Sighting, Signature

NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)  # in Berlin
MONDAY = date(2026, 3, 2)
SITES = {"mall": {"time_zone": "Europe/Berlin"}, "pier": {"time_zone": "Asia/Tokyo"}}
CAMERAS = {"north": {"source": "0", "site": "mall"}, "south": {"source": "1", "site": "mall"}}
PIER = {"pier": {"source": "2", "site": "pier"}}


def settings(mode: str = "faces", **more: object) -> Config:
    values: dict[str, object] = {"sites": SITES, "cameras": {**CAMERAS, **PIER}, "reid": {"mode": mode}}
    return Config(**(values | more))  # type: ignore[arg-type]


def looks(person: int, width: int = 16) -> Signature:
    random = np.random.default_rng(person)
    faces, clothes = random.normal(size=(3, width)), random.normal(size=20)
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    clothes /= np.linalg.norm(clothes)
    px, quality = np.full(3, 60, np.float32), np.full(3, 0.8, np.float32)
    return Signature(faces.astype(np.float32), px, quality, clothes.astype(np.float32))


def seen(person: int, at: datetime, camera_id: str = "north", signature: Signature | None = None) -> Sighting:
    moments = (at, at + timedelta(seconds=3))
    return Sighting(uuid4(), camera_id, camera_id, *moments, Direction.IN, True, None, None, signature or looks(person))


class Bench:
    """Registers with a clock that stands until it is moved, and what they wrote."""

    def __init__(self, config: Config | None = None) -> None:
        self.now = NOON
        self.written: list[Record] = []
        self.registers = LiveRegisters(config or settings(), "box east", self._write, lambda: self.now)

    def _write(self, records: Sequence[Record]) -> None:
        self.written += records

    def parts(self) -> list[RegisterPart]:
        return [record for record in self.written if isinstance(record, RegisterPart)]

    def firsts(self) -> dict[UUID, First]:
        return {record.uid: record for record in self.written if isinstance(record, First)}


def test_what_changed_is_written_with_its_part_first_and_once() -> None:
    bench = Bench()
    bench.registers.see(seen(1, NOON))
    bench.registers.write()
    part, first = bench.written
    assert isinstance(part, RegisterPart) and isinstance(first, First)
    assert (part.site, part.day, part.origin, part.arrivals, part.held) == ("mall", MONDAY, "box east", 1, 1)
    assert (first.part, first.first, first.compared) == (part.uid, 10_000, True)
    bench.registers.write()
    assert len(bench.written) == 2


def test_templates_that_were_handed_over_are_overwritten() -> None:
    bench = Bench()
    kept = [seen(1, NOON), seen(1, NOON - timedelta(days=3))]  # one of them too late
    for one in kept:
        bench.registers.see(one)
    for one in kept:
        assert one.signature is not None
        assert not one.signature.faces.any() and not one.signature.clothes.any()


def test_a_day_is_closed_after_midnight_with_everything_deleted() -> None:
    bench = Bench()
    for person in range(3):
        bench.registers.see(seen(person, NOON))
    midnight = datetime(2026, 3, 2, 23, tzinfo=UTC)
    bench.now = midnight + LATE - timedelta(seconds=1)
    bench.registers.see(seen(3, midnight - timedelta(seconds=2)))  # held back for a while
    bench.registers.write()
    assert bench.parts()[-1].held == bench.registers.held == 4
    bench.now = midnight + LATE
    bench.registers.write()
    last = bench.parts()[-1]
    assert (last.arrivals, last.held, last.deleted, last.closed_at) == (4, 0, 4, bench.now)
    assert len(bench.firsts()) == 4
    assert bench.registers.held == 0


def test_a_visit_of_a_day_that_is_over_is_not_compared() -> None:
    bench = Bench()
    bench.registers.see(seen(1, NOON - timedelta(days=1)))
    bench.registers.write()
    assert bench.written == []
    assert bench.registers.late == 1


class FullDisk(Spool):
    """A spool on a disk without room."""

    full = True

    def put(self, records: Iterable[Record]) -> None:
        if self.full:
            raise SpoolError("the disk is full")
        super().put(records)


def test_the_last_word_of_a_day_waits_for_room_on_the_disk_although_nobody_comes_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_EVERY_S", 0.0)
    spool = FullDisk(tmp_path / "_registers.spool")
    now = NOON
    registers = LiveRegisters(settings(), "box east", SpoolWriter(spool).write, lambda: now)
    registers.see(seen(1, NOON))
    now = NOON + timedelta(days=1)
    registers.write()
    spool.full = False
    registers.write()
    found: list[Record] = []
    spool.drain(lambda batch: found.extend(batch.records()))
    assert [part.closed_at for part in found if isinstance(part, RegisterPart)] == [now]
    assert len(found) == 2


def test_a_day_that_a_wrong_clock_began_does_not_hold_its_templates_until_it_comes() -> None:
    bench = Bench()
    bench.now = NOON + timedelta(days=400)
    bench.registers.see(seen(1, bench.now))
    bench.registers.write()
    bench.now = NOON
    bench.registers.write()
    assert bench.registers.held == 0
    assert [(part.deleted, part.closed_at) for part in bench.parts()][-1] == (1, NOON)
    bench.registers.see(seen(1, NOON + timedelta(days=400)))
    bench.registers.write()
    assert (bench.registers.held, bench.registers.late) == (0, 1)


def test_every_site_has_its_own_day() -> None:
    bench = Bench()
    bench.now = datetime(2026, 3, 2, 14, 50, tzinfo=UTC)  # ten to midnight in Tokyo
    bench.registers.see(seen(1, bench.now))
    bench.registers.see(seen(1, bench.now, "pier"))
    bench.registers.see(seen(1, bench.now + timedelta(minutes=12), "pier"))
    bench.registers.write()
    assert {(part.site, part.day.day, part.arrivals) for part in bench.parts()} == {
        ("mall", 2, 1),
        ("pier", 2, 1),
        ("pier", 3, 1),
    }


def test_a_day_of_25_hours_is_one_day() -> None:
    bench = Bench()
    for hour in (22.1, 46.9):  # from just after midnight to just before, 24.8 hours later, of 25 October 2026 in Berlin
        bench.now = datetime(2026, 10, 24, tzinfo=UTC) + timedelta(hours=hour)
        bench.registers.see(seen(1, bench.now - timedelta(seconds=5)))
    bench.now = datetime(2026, 10, 25, 23, tzinfo=UTC) + LATE
    bench.registers.write()
    assert [(part.day, part.arrivals) for part in bench.parts() if part.closed_at] == [(date(2026, 10, 25), 2)]


def test_who_comes_twice_is_first_once_whatever_entrance() -> None:
    bench = Bench()
    for person in range(30):
        bench.registers.see(seen(person, NOON + timedelta(minutes=person)))
    again = seen(3, NOON + timedelta(hours=2), "south")
    bench.registers.see(again)
    bench.registers.write()
    first = bench.firsts()[again.uid].first
    assert first is not None and first < 5_000
    assert bench.parts()[-1].unique < 30.6


def test_the_end_of_the_program_is_the_end_of_a_part() -> None:
    bench = Bench()
    bench.registers.see(seen(1, NOON))
    bench.registers.close()
    [part] = bench.parts()
    assert (part.held, part.deleted, part.closed_at) == (0, 1, NOON)


def test_the_end_of_a_part_is_said_when_all_its_judgements_are_written() -> None:
    bench = Bench()
    seen_now = [seen(person, NOON) for person in range(3)]
    for one in seen_now:
        bench.registers.see(one)
    bench.registers.close()
    *judged, last = bench.written
    assert {first.uid for first in judged if isinstance(first, First)} == {one.uid for one in seen_now}
    assert isinstance(last, RegisterPart) and last.closed_at == NOON


def test_another_way_to_compare_begins_another_part_and_another_camera_does_not() -> None:
    bench = Bench(settings(cameras=CAMERAS))
    bench.registers.see(seen(1, NOON))
    bench.registers.use(settings())
    bench.registers.see(seen(1, NOON, "pier"))
    assert bench.written == []
    bench.registers.use(settings("clothes"))
    assert {(part.site, part.mode, part.deleted) for part in bench.parts()} == {
        ("mall", "faces", 1),
        ("pier", "faces", 1),
    }
    bench.registers.see(seen(1, NOON))
    bench.registers.use(settings("off"))
    assert bench.parts()[-1].mode == "clothes"
    assert len({part.uid for part in bench.parts()}) == 3
    bench.registers.see(seen(1, NOON))
    bench.registers.write()
    assert len(bench.parts()) == 3


def test_a_site_that_goes_takes_its_templates_along() -> None:
    bench = Bench()
    bench.registers.see(seen(1, NOON, "pier"))
    cameras = {"north": {"source": "0"}}
    bench.registers.use(settings(sites={"mall": SITES["mall"]}, cameras=cameras))
    assert [(part.site, part.deleted) for part in bench.parts()] == [("pier", 1)]
    bench.registers.see(seen(1, NOON, "pier"))
    assert bench.registers.late == 1


def test_templates_of_another_network_are_not_compared() -> None:
    bench = Bench()
    bench.registers.see(seen(1, NOON))
    other = seen(2, NOON, signature=looks(2, width=24))
    bench.registers.see(other)
    bench.registers.write()
    assert not bench.firsts()[other.uid].compared


@pytest.mark.parametrize(
    ("line", "direction", "arrives"),
    [
        (None, Direction.NONE, True),
        (((0, 0.5), (1, 0.5)), Direction.IN, True),
        (((0, 0.5), (1, 0.5)), Direction.OUT, False),
        (((0, 0.5), (1, 0.5)), Direction.NONE, False),
    ],
)
def test_who_arrives(line: object, direction: Direction, arrives: bool) -> None:
    camera = Config(cameras={"north": {"source": "0", "line": line}}).camera("north")
    values = (direction, Gender.UNKNOWN, "unknown", None, None, 1, 0.5, "test")
    told = sighting_of(Visit(uuid4(), "north", NOON, NOON, *values), camera, None)
    assert (told.is_arrival, told.entrance, told.signature) == (arrives, "north", None)


def test_who_waits_for_the_doors_to_open_is_no_staff() -> None:
    is_open = opening_check(SiteConfig(time_zone="Europe/Berlin", opening_hours="09:00-21:00"))
    eight = datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert [is_open(eight + timedelta(minutes=minutes)) for minutes in (0, 44, 46, 780 + 14, 780 + 16)] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_a_day_needs_a_time_zone_to_be_compared_in() -> None:
    cameras = {"north": {"source": "0"}}
    require_comparable(Config(cameras=cameras))
    require_comparable(settings())
    with pytest.raises(ConfigError, match=r"reid\.mode: .*\[sites\]"):
        require_comparable(Config(cameras=cameras, reid={"mode": "clothes"}))


def test_a_defect_of_the_comparison_does_not_end_the_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.registers.see(seen(1, NOON))

    def broken(*given: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(DayRegister, "add", broken)
    bench.registers.see(seen(2, NOON))
    bench.registers.write()
    assert bench.parts()[-1].arrivals == 1


def test_a_register_that_cannot_be_closed_loses_its_templates_and_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    blocks: list[FloatArray] = []
    for camera in ("pier", "north"):
        bench.registers.see(seen(1, NOON, camera))
    real = DayRegister.close

    def broken(register: DayRegister, now: datetime) -> RegisterPart:
        if register.part().site == "pier":
            blocks.extend(register.templates())
            assert any(block.any() for block in blocks)
            raise ZeroDivisionError("a defect")
        return real(register, now)

    monkeypatch.setattr(DayRegister, "close", broken)
    bench.registers.close()
    assert [part.site for part in bench.parts()] == ["mall"]
    assert blocks and not any(block.any() for block in blocks)
    bench.registers.write()
    assert len(bench.parts()) == 1
