"""The register of a day: people are counted once, whatever the order, and nothing of them is left after the close."""

from __future__ import annotations

import random
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.types import Direction
from reid.register import DayRegister
from reid.types import FIRST_SCALE, First, ReidMode, Sighting
from tests.unit.reid.days import OPENS, People, register

CLOSES = OPENS + timedelta(hours=12)
SURE = 0.9 * FIRST_SCALE


def first_of(made: DayRegister, sighting: Sighting) -> int:
    found = next(first for first in made.firsts() if first.uid == sighting.uid)
    assert found.first is not None
    return found.first


def with_strangers(people: People, *sightings: Sighting) -> list[Sighting]:
    """Return `sightings` among two hundred visits of others, at times of their own."""
    return [*people.day(range(1000, 1200), 97.0), *sightings]


def test_who_comes_again_is_one_person() -> None:
    people = People()
    before, again = people.visit(1, 5.0), people.visit(1, 7000.0)
    made = register(with_strangers(people, before, again))
    assert first_of(made, before) > SURE
    assert first_of(made, again) < FIRST_SCALE - SURE


def test_strangers_are_all_counted_and_the_interval_holds_them() -> None:
    part = register(People().day(range(300))).close(CLOSES)
    assert part.arrivals == part.compared == 300
    assert part.unique == pytest.approx(300, rel=0.02)
    assert part.low is not None and part.high is not None
    assert part.low <= 300 <= part.high + 3


def test_a_day_of_returns_is_counted_by_person() -> None:
    persons = [number % 120 for number in range(300)]
    part = register(People().day(persons)).close(CLOSES)
    assert part.unique == pytest.approx(120, rel=0.05)
    assert part.low is not None and part.high is not None
    assert part.low <= 120 <= part.high


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 12), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_coming_does_not_matter(persons: list[int], shuffle: random.Random) -> None:
    sightings = People().day(persons)
    shuffled = sightings.copy()
    shuffle.shuffle(shuffled)
    late = register()
    for sighting in shuffled:
        late.add(sighting)
        late.changed_firsts()  # compares what has come so far
    one = {first.uid: first.first for first in register(sightings).firsts()}
    other = {first.uid: first.first for first in late.firsts()}
    assert one.keys() == other.keys()
    assert all(abs((one[uid] or 0) - (other[uid] or 0)) <= 1 for uid in one)


def test_a_visit_told_twice_is_one_visit_and_one_taken_back_is_none() -> None:
    people = People()
    before, again = people.visit(1, 5.0), people.visit(1, 7000.0)
    made = register(with_strangers(people, before, again, replace(before, left_at=before.left_at)))
    assert made.part().arrivals == 202
    made.remove([before.uid])
    assert made.part().arrivals == 201
    assert first_of(made, again) > SURE


def test_a_visit_told_again_while_another_waits_leaves_that_ones_judgement_as_it_was() -> None:
    people = People()
    strangers = people.day(range(1000, 1200), 30.0)
    before, waits = people.visit(1, 6500.0), people.visit(1, 7000.0)
    plain, twice = register([*strangers, before]), register([*strangers, before])
    for made in (plain, twice):
        made.part()
        made.add(waits)
    twice.add(before)
    one, other = ({first.uid: first.first or 0 for first in made.changed_firsts()} for made in (plain, twice))
    assert one[waits.uid] < FIRST_SCALE - SURE
    assert abs(one[waits.uid] - other[waits.uid]) <= 5
    assert abs(twice.part().returns_per_pair - plain.part().returns_per_pair) < 1e-6


def test_what_comes_one_by_one_is_judged_nearly_as_if_it_came_at_once() -> None:
    people = People()
    persons = [number % 50 for number in range(110)]
    sightings = people.day(persons)
    made = register()
    told: dict[UUID, First] = {}
    for sighting in sightings:
        made.add(sighting)
        told |= {first.uid: first for first in made.changed_firsts()}
    at_once = {first.uid: first.first or 0 for first in register(sightings).firsts()}
    apart = [abs((told[uid].first or 0) - first) for uid, first in at_once.items()]
    assert np.mean(apart) < 0.02 * FIRST_SCALE


def test_only_what_changed_is_told_again() -> None:
    made = register(People().day(range(100)))
    assert len(made.changed_firsts()) == 100
    assert made.changed_firsts() == []


def test_two_cameras_of_one_entrance_see_one_person() -> None:
    people = People()
    one = people.visit(1, 5.0, camera="left")
    other = people.visit(1, 6.0, camera="right")
    made = register(with_strangers(people, one, other))
    assert min(first_of(made, one), first_of(made, other)) < FIRST_SCALE - SURE


def test_two_faces_in_one_view_at_once_are_two_people_even_twins() -> None:
    people = People()
    one, other = people.visit(1, 5.0), people.visit(1, 6.0)
    made = register(with_strangers(people, one, other))
    assert first_of(made, one) > SURE
    assert first_of(made, other) > SURE


def test_nobody_is_at_two_entrances_within_seconds() -> None:
    people = People()
    one, other = people.visit(1, 5.0), people.visit(1, 9.0, camera="far", entrance="other door")
    made = register(with_strangers(people, one, other))
    assert first_of(made, other) > SURE


def test_a_day_of_staff_alone_has_an_interval_that_is_one() -> None:
    part = register(People().day(range(5)), is_open=lambda moment: False).close(CLOSES)
    assert (part.arrivals, part.staff, part.unique) == (5, 5, 0.0)
    assert (part.low, part.high) == (0.0, 0.0)


def test_the_interval_holds_the_number_and_no_more_people_than_came_as_visitors() -> None:
    people = People()
    early = [people.visit(person, -7200.0 + 60.0 * person) for person in range(30)]
    part = register([*early, *people.day(range(100, 140))], is_open=lambda moment: moment >= OPENS).close(CLOSES)
    assert part.low is not None and part.high is not None
    assert part.low <= part.unique <= part.high <= part.arrivals - part.staff == 40


def test_a_template_that_is_no_number_spoils_nobody_elses() -> None:
    people = People()
    broken = people.visit(1, 5.0)
    assert broken.signature is not None
    broken.signature.faces[:] = np.inf
    broken.signature.clothes[:] = -np.inf
    made = register([*people.day(range(10)), broken])
    assert {first.uid: first.compared for first in made.firsts()}[broken.uid] is False
    assert made.part().unique == pytest.approx(11, abs=1)


def test_a_day_without_signatures_is_counted_by_visits_and_not_told() -> None:
    sightings = [replace(one, signature=None) for one in People().day([1, 1, 2, 2])]
    part = register(sightings).close(CLOSES)
    assert (part.arrivals, part.compared, part.unique) == (4, 0, 4.0)
    assert part.low is None and part.high is None


def test_a_visit_without_a_signature_is_judged_as_the_average() -> None:
    people = People()
    sightings = people.day([number % 60 for number in range(120)])
    blind = [replace(one, signature=None) if number % 10 == 9 else one for number, one in enumerate(sightings)]
    firsts = register(blind).firsts()
    unknown = [first.first or 0 for first in firsts if not first.compared]
    share = np.mean([first.first or 0 for first in firsts if first.compared])
    assert np.mean(unknown) == pytest.approx(share, rel=0.2)


def test_too_many_visits_without_a_signature_leave_no_interval() -> None:
    people = People()
    blind = [replace(one, signature=None) if number % 3 else one for number, one in enumerate(people.day(range(90)))]
    part = register(blind).part()
    assert part.compared == 30
    assert part.low is None


def test_staff_who_pass_again_and_again_are_no_visitors() -> None:
    people = People()
    staff = [people.visit(1, 50.0 + 3000.0 * number) for number in range(12)]
    made = register(with_strangers(people, *staff))
    part = made.close(CLOSES)
    assert part.staff == 12
    assert {first.uid for first in made.firsts() if first.staff} == {one.uid for one in staff}
    assert part.unique == pytest.approx(200, rel=0.02)


def test_who_comes_in_before_opening_is_staff_all_day() -> None:
    people = People()
    early, later = people.visit(1, -1800.0), people.visit(1, 8000.0)
    made = register(with_strangers(people, early, later), is_open=lambda moment: moment >= OPENS)
    assert {first.uid for first in made.firsts() if first.staff} == {early.uid, later.uid}


def test_a_person_who_leaves_gives_the_length_of_the_stay() -> None:
    people = People()
    came, left = people.visit(1, 5.0), people.visit(1, 5.0 + 47 * 60, direction=Direction.OUT)
    made = register(with_strangers(people, came, left))
    assert next(first for first in made.firsts() if first.uid == left.uid).first is None
    stays = made.part().stays
    assert stays[47 // 5] > 0.5
    assert sum(stays) == stays[47 // 5]


def test_the_sum_is_that_of_what_is_told() -> None:
    made = register(People().day([number % 50 for number in range(120)]))
    part = made.close(CLOSES)
    assert part.unique == sum(first.first or 0 for first in made.firsts() if not first.staff) / FIRST_SCALE


def test_nothing_of_a_template_is_left_after_the_close() -> None:
    made = register(People().day(range(50)))
    blocks = made.templates()
    assert any(block.any() for block in blocks)
    judged = made.firsts()
    part = made.close(CLOSES)
    assert not any(block.any() for block in blocks)
    assert (part.held, part.deleted, part.closed_at) == (0, 50, CLOSES)
    assert made.firsts() == judged
    assert made.part() == part
    with pytest.raises(ValueError, match="closed"):
        made.add(People(9).visit(1, 3.0))


def test_a_template_is_overwritten_when_its_visit_is_taken_back() -> None:
    sighting = People().visit(1, 5.0)
    made = register([sighting])
    made.remove([sighting.uid])
    assert not any(block.any() for block in made.templates())


def test_blocks_of_memory_never_move_as_the_day_grows() -> None:
    people = People()
    made = register(people.day(range(10)))
    before = made.templates()
    for sighting in people.day(range(10, 1100), 30.0):
        made.add(sighting)
    after = made.templates()
    assert len(after) > len(before)
    assert all(any(one is other for other in after) for one in before)


def test_clothes_mode_keeps_no_face() -> None:
    made = register(People().day(range(20)), mode=ReidMode.CLOTHES)
    assert len(made.templates()) == 1
    assert register(People().day(range(20)), mode=ReidMode.OFF).templates() == ()


def test_a_signature_of_another_network_is_refused() -> None:
    people = People()
    sighting = people.visit(2, 9.0)
    assert sighting.signature is not None
    other = replace(sighting, signature=replace(sighting.signature, faces=np.ones((3, 8), np.float32)))
    with pytest.raises(ValueError, match="template"):
        register([people.visit(1, 5.0), other])


def test_a_signature_does_not_show_itself() -> None:
    assert "0." not in repr(People().signature(1))


def test_a_busy_day_takes_little_memory() -> None:
    sightings = People().day(range(3000), 10.0)
    tracemalloc.start()
    try:
        register(sightings).close(CLOSES)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 36e6  # every pair as one float32
