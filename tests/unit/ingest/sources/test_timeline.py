"""Time of frames: sampling, recordings and live streams."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.timeline import FrameSampler, LiveTimeline, RecordingTimeline

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("source_fps", "max_fps", "expected"), [(25, 10, 10), (30, 10, 10), (24, 5, 5), (8, 10, 8)])
def test_sampling_keeps_the_average_rate(source_fps: int, max_fps: int, expected: int) -> None:
    sampler = FrameSampler(max_fps)
    taken = sum(sampler.due(index / source_fps) for index in range(source_fps * 20))
    assert taken == pytest.approx(expected * 20, abs=1)


@given(st.lists(st.floats(0.001, 3.0), min_size=2, max_size=200), st.floats(1.0, 30.0))
def test_sampling_never_exceeds_the_rate(steps_s: list[float], max_fps: float) -> None:
    sampler, moment_s, taken = FrameSampler(max_fps), 0.0, 0
    for step_s in steps_s:
        taken += sampler.due(moment_s)
        moment_s += step_s
    assert taken <= moment_s * max_fps + 2


def test_sampling_takes_every_frame_of_a_slow_source() -> None:
    sampler = FrameSampler(10)
    assert all(sampler.due(moment_s) for moment_s in (0.0, 0.7, 1.3, 5.0, 5.11))


def test_a_recording_starts_at_zero_and_keeps_its_times() -> None:
    timeline = RecordingTimeline(0.04)
    assert [timeline.seconds(moment_s) for moment_s in (7.0, 7.5, 9.25)] == pytest.approx([0.0, 0.5, 2.25])


def test_a_frame_without_time_follows_its_predecessor() -> None:
    timeline = RecordingTimeline(0.04)
    assert [timeline.seconds(None) for _ in range(3)] == pytest.approx([0.0, 0.04, 0.08])


def test_a_small_step_back_is_damage() -> None:
    timeline = RecordingTimeline(0.04)
    timeline.seconds(0.0)
    timeline.seconds(1.0)
    assert timeline.seconds(0.96) is None
    assert timeline.seconds(1.04) == pytest.approx(1.04)


@pytest.mark.parametrize("elsewhere_s", [0.0, 50_000.0])
def test_files_joined_end_to_end_continue(elsewhere_s: float) -> None:
    timeline = RecordingTimeline(0.04)
    timeline.seconds(0.0)
    timeline.seconds(20.0)
    assert timeline.seconds(elsewhere_s) == pytest.approx(20.04)
    assert timeline.seconds(elsewhere_s + 0.04) == pytest.approx(20.08)


def test_a_first_stamp_of_zero_before_the_cameras_uptime_shifts_nothing() -> None:
    timeline = RecordingTimeline(0.04)
    stamps_s = [0.0, 18_000.04, 18_000.08, 18_000.12]
    timeline.foresee(stamps_s)
    assert [timeline.seconds(moment_s) for moment_s in stamps_s] == pytest.approx([0.0, 0.04, 0.08, 0.12])
    assert (timeline.joins, timeline.pauses) == (1, [])


@pytest.mark.parametrize(
    "stamps_s", [[0.0, 0.5, 1.0], [0.0, 3600.0, 7200.0], [0.0, 0.04, 60.0], [0.0], [0.0, None, 9.0]]
)
def test_a_first_stamp_that_fits_is_believed(stamps_s: list[float | None]) -> None:
    timeline = RecordingTimeline(0.04)
    timeline.foresee(stamps_s)
    times = [timeline.seconds(moment_s) for moment_s in stamps_s]
    assert times[-1] == pytest.approx(stamps_s[-1])
    assert timeline.joins == 0


def test_a_pause_is_believed_and_named_and_does_not_lengthen_the_last_frame() -> None:
    timeline = RecordingTimeline(9.4)
    for moment_s in (0.0, 0.04, 0.08, 1800.0, 1800.04):
        timeline.seconds(moment_s)
    ((before_s, length_s),) = timeline.pauses
    assert [before_s, length_s] == pytest.approx([0.08, 1799.92])
    assert timeline.end_s == pytest.approx(1800.08)


def test_a_single_frame_lasts_as_long_as_the_container_says() -> None:
    timeline = RecordingTimeline(0.5)
    timeline.seconds(3.0)
    assert timeline.end_s == 0.5


class Clock:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)


def test_a_live_frame_is_never_from_the_future_and_bursts_keep_their_distances() -> None:
    clock = Clock()
    timeline = LiveTimeline(trusted=True, now=clock)
    moments = []
    for presented_s, arrival_s in [(0.0, 0.0), (0.1, 0.1), (0.2, 0.9), (0.3, 0.9), (0.4, 0.9), (1.0, 1.0)]:
        clock.seconds = arrival_s
        moments.append((timeline.moment(presented_s) - NOON).total_seconds())
    assert moments == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 1.0], abs=0.01)


def test_a_live_stream_follows_a_camera_clock_that_runs_slow() -> None:
    clock = Clock()
    timeline = LiveTimeline(trusted=True, now=clock)
    for index in range(36_000):
        clock.seconds = index * 0.1
        moment = timeline.moment(index * 0.1 * 0.9999)  # 100 ppm slow: 0.36 s behind after this hour
    assert (clock() - moment).total_seconds() < 0.05


def test_a_live_stream_without_usable_time_is_dated_by_arrival() -> None:
    clock = Clock()
    timeline = LiveTimeline(trusted=False, now=clock)
    for arrival_s in (0.0, 0.5, 3.0):
        clock.seconds = arrival_s
        assert timeline.moment(0.04) == NOON + timedelta(seconds=arrival_s)


def test_a_camera_whose_clock_stood_still_is_not_behind_for_hours() -> None:
    clock = Clock()
    timeline = LiveTimeline(trusted=True, now=clock)
    timeline.moment(7.0)
    clock.seconds = 600.0
    assert timeline.moment(7.1) == NOON + timedelta(seconds=600)
    clock.seconds = 601.0
    assert timeline.moment(8.1) == NOON + timedelta(seconds=601)


def test_a_camera_that_restarts_its_clock_is_tied_to_the_present_again() -> None:
    clock = Clock()
    timeline = LiveTimeline(trusted=True, now=clock)
    timeline.moment(5000.0)
    clock.seconds = 60.0
    assert timeline.moment(0.0) == NOON + timedelta(seconds=60)


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("back_s", [30.0, 3600.0, 400 * 86_400.0])
def test_a_camera_is_watched_on_when_the_wall_clock_is_set_back(trusted: bool, back_s: float) -> None:
    clock, sampler = Clock(), FrameSampler(10)
    timeline = LiveTimeline(trusted=trusted, now=clock)

    def taken(begin_s: float, error_s: float) -> int:
        """Watch for ten seconds from `begin_s` on; the clock is wrong by `error_s`."""
        wanted = 0
        for index in range(250):
            clock.seconds = begin_s + index / 25 + error_s
            moment_s = (timeline.moment(begin_s + index / 25) - NOON).total_seconds()
            assert moment_s == pytest.approx(clock.seconds, abs=0.001)
            wanted += sampler.due(moment_s)
        return wanted

    assert taken(0.0, back_s) == pytest.approx(100, abs=1)
    assert taken(10.0, 0.0) == pytest.approx(100, abs=1)
