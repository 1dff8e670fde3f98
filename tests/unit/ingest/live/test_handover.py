"""Whoever was in view when a worker was killed is counted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from footfall.types import Direction, Gender, Visit
from ingest.live.handover import Handover

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RUN = UUID(int=7)


def visit(name: str, entered_s: float, left_s: float, samples: int = 3) -> Visit:
    entered_at, left_at = NOON + timedelta(seconds=entered_s), NOON + timedelta(seconds=left_s)
    values = (Direction.NONE, Gender.FEMALE, "25-34", 30.0, 0.9, samples, 0.5, "test")
    return Visit(uuid5(RUN, name), "door", entered_at, left_at, *values)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_somebody_who_is_still_there_stays_one_visit() -> None:
    before = replace(visit("before", 0, 4, samples=5), gender=Gender.MALE, direction=Direction.IN)
    handover = Handover([before])
    assert handover.step(at(6), [], []) == []
    assert handover.step(at(6.6), [visit("after", 6, 6.6)], []) == []
    assert handover.step(at(12), [], []) == []
    [joined] = handover.step(at(13), [], [visit("after", 6, 11)])
    assert joined == replace(before, left_at=at(11))
    assert handover.known_as(visit("after", 6, 11).uid) == before.uid
    assert handover.known_as(before.uid) == before.uid


def test_somebody_who_left_meanwhile_is_counted_as_seen_until_then() -> None:
    left = visit("before", 0, 4)
    handover = Handover([left])
    assert handover.step(at(6), [], []) == []
    assert handover.step(at(9), [visit("newcomer", 8, 9)], []) == [left]
    newcomer = visit("newcomer", 8, 12)
    assert handover.step(at(14), [], [newcomer]) == [newcomer]


def test_somebody_who_had_left_before_the_kill_is_not_continued_by_the_next_one() -> None:
    """Their track still waited for them to come back; the next person comes right after the kill."""
    left, still_there = visit("left", 0, 4), visit("still there", 3, 5.2)
    handover = Handover([left, still_there], last_frame_at=at(5.3))
    assert handover.step(at(5.4), [], []) == [left]
    [joined] = handover.step(at(9), [], [visit("after", 5.5, 8)])
    assert (joined.uid, joined.entered_at, joined.left_at) == (still_there.uid, at(3), at(8))


def test_somebody_who_walks_in_after_the_first_frames_is_a_visit_of_their_own() -> None:
    left, newcomer = visit("left", 3, 5), visit("newcomer", 6.5, 8)
    handover = Handover([left], last_frame_at=at(5))
    over = handover.step(at(6), [], []) + handover.step(at(9.5), [], [newcomer])
    assert over == [left, newcomer]


def test_after_a_long_gap_nobody_is_the_same() -> None:
    left, other = visit("before", 0, 4), visit("after", 30, 33)
    handover = Handover([left])
    assert handover.step(at(30), [], []) == [left]
    assert handover.step(at(35), [], [other]) == [other]


def test_after_a_start_under_an_earlier_clock_nobody_is_the_same() -> None:
    left, other = visit("before", 1000, 1004), visit("after", 30, 33)
    handover = Handover([left], last_frame_at=at(1004))
    assert handover.step(at(30), [], []) == [left]
    assert handover.step(at(35), [], [other]) == [other]


def test_two_left_and_one_found_again_are_two() -> None:
    handover = Handover([visit("one", 0, 4), visit("two", 1, 4)])
    handover.step(at(5), [], [])
    over = handover.step(at(8), [visit("after", 5, 8)], [])
    over += handover.step(at(10), [], [visit("after", 5, 9)])
    assert sorted(item.uid for item in over) == sorted([uuid5(RUN, "one"), uuid5(RUN, "two")])


def test_of_two_who_may_be_the_same_only_one_is_joined() -> None:
    """Two left and two came meanwhile, or all four are two: nobody knows, so the day is off by one at most."""
    handover = Handover([visit("one", 0, 4), visit("two", 1, 4)], last_frame_at=at(4))
    over = handover.step(at(7), [], []) + handover.step(at(8), [visit("three", 7, 8), visit("four", 7, 8)], [])
    over += handover.step(at(12), [], [visit("three", 7, 9), visit("four", 7, 9)])
    assert sorted(item.uid for item in over) == sorted(uuid5(RUN, name) for name in ("one", "two", "four"))


def test_a_second_kill_before_anybody_left_still_knows_them() -> None:
    first = Handover([visit("before", 0, 4)])
    first.step(at(6), [], [])
    first.step(at(6.5), [visit("after", 6, 6.5)], [])
    [known] = first.unfinished([visit("after", 6, 7)])
    assert (known.uid, known.entered_at, known.left_at) == (uuid5(RUN, "before"), NOON, at(7))
    second = Handover([known])
    second.step(at(9), [], [])
    assert [item.uid for item in second.step(at(12), [], [])] == [uuid5(RUN, "before")]


def test_a_worker_that_ends_before_the_first_frame_hands_on_what_it_got() -> None:
    left = visit("before", 0, 4)
    handover = Handover([left])
    assert handover.unfinished([]) == (left,)
    assert handover.give_up() == [left]
    assert handover.unfinished([]) == ()
