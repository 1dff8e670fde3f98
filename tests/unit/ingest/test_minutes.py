"""Minutes say how long the camera really saw, and how many frames it was."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest

from footfall.types import CameraMinute, Frame, PictureState
from ingest.minutes import MinuteCounter, is_slow
from tests.unit.ingest.footage import START

RUN = UUID(int=7)
IMAGE = np.zeros((2, 2, 3), np.uint8)


def frame(index: int, at_s: float) -> Frame:
    return Frame("door", index, START + timedelta(seconds=at_s), IMAGE)


def test_a_steady_camera_is_live_all_the_time_and_minutes_split_exactly() -> None:
    counter = MinuteCounter("door", RUN)
    finished = []
    for index in range(1250):  # 125 s at 10 frames/s, of 25 decoded
        counter.frame(frame(index * 5 // 2, index / 10), faces=2, faces_small=1)
        finished += counter.take_finished()
    assert [minute.minute for minute in finished] == [START, START + timedelta(minutes=1)]
    minutes = finished + counter.take_all()
    assert [minute.live_s for minute in minutes] == pytest.approx([60, 60, 5])
    assert [minute.frames_processed for minute in minutes] == [600, 600, 50]
    assert sum(minute.frames_seen for minute in minutes) == 1249 * 5 // 2 + 1
    assert (minutes[0].faces, minutes[0].faces_small, minutes[0].lag_s) == (1200, 600, 0)
    assert {(minute.camera_id, minute.run) for minute in minutes} == {("door", RUN)}
    assert counter.take_all() == []


def test_a_gap_is_not_covered() -> None:
    counter = MinuteCounter("door", RUN)
    for index, at_s in enumerate([0.0, 0.1, 0.2, 30.2, 30.3]):
        counter.frame(frame(index, at_s), 0, 0)
    (minute,) = counter.take_all()
    assert minute.live_s == pytest.approx(0.5)


def test_a_covered_lens_is_not_live_time() -> None:
    counter = MinuteCounter("door", RUN)
    for index in range(100):
        state = PictureState.COVERED if 20 <= index < 60 else PictureState.OK
        counter.frame(frame(index, index / 10), 0, 0, state)
    (minute,) = counter.take_all()
    assert minute.live_s == pytest.approx(6.0)
    assert minute.picture is PictureState.COVERED


def test_losses_and_the_largest_lag_are_counted() -> None:
    late_s = iter([0.2, 3.5, 0.1])
    counter = MinuteCounter("door", RUN, now=lambda: START + timedelta(seconds=next(late_s)))
    counter.losses(START, dropped=4, damaged=1)
    for index in range(3):
        counter.frame(frame(index, index / 100), 0, 0)
    counter.losses(START, damaged=2)
    (minute,) = counter.take_all()
    assert (minute.frames_dropped, minute.frames_damaged) == (4, 3)
    assert minute.lag_s == pytest.approx(3.49)


def minute_of(steps_s: list[float], dropped: int) -> CameraMinute:
    """Return the minute that begins with frames `steps_s` apart, over and over."""
    counter, at_s, index = MinuteCounter("door", RUN), 0.0, 0
    counter.losses(START, dropped=dropped)
    while at_s < 60:
        counter.frame(frame(index, at_s), 0, 0)
        at_s += steps_s[index % len(steps_s)]
        index += 1
    return counter.take_all()[0]


@pytest.mark.parametrize(
    ("steps_s", "dropped", "live_s", "slow"),
    [
        ([0.1], 0, 60.0, False),
        ([0.2], 300, 60.0, False),  # half of ten frames a second dropped, evenly: nobody is missed
        ([0.1, 0.1, 0.4], 300, 42.2, True),  # the same number, in bursts
        ([0.25], 360, 53.3, True),
        ([0.25], 0, 53.3, False),  # a camera set to four frames a second: observed less, but not too slow
        ([0.333], 420, 40.0, True),
        ([0.5], 480, 0.0, True),
        ([1.0], 540, 0.0, True),
        ([0.1] * 10 + [0.9], 0, 35.2, False),
    ],
)
def test_so_few_looks_that_people_are_missed_are_not_observed(
    steps_s: list[float], dropped: int, live_s: float, slow: bool
) -> None:
    minute = minute_of(steps_s, dropped)
    assert minute.live_s == pytest.approx(live_s, abs=0.5)
    assert is_slow(minute) is slow
