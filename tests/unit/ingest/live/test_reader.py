"""A slow worker stays near the present; every silence becomes one outage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from queue import Queue
from uuid import uuid4

import numpy as np
import pytest

from footfall.errors import SourceError
from footfall.types import Frame, Outage, OutageReason
from ingest.live.checkpoint import Checkpoint
from ingest.live.outages import OutageLog, Trouble
from ingest.live.reader import FrameBuffer, LiveOptions, LiveReader
from ingest.live.silence import SilenceWatch

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PICTURE = np.zeros((90, 160, 3), np.uint8)
FPS = 25


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def frame(index: int) -> Frame:
    return Frame("door", index, NOON + timedelta(seconds=index / FPS), PICTURE)


@pytest.mark.parametrize("work_s", [0.01, 0.1, 0.3, 0.6, 0.9])
def test_a_slow_worker_is_at_most_a_second_behind_when_it_is_done(work_s: float) -> None:
    clock = Clock()
    buffer = FrameBuffer(max_behind_s=1.0, clock=clock)
    began_s, end_s, arrived, taken = clock.now_s, clock.now_s + 60, 0, 0
    behind_s: list[float] = []
    while clock.now_s < end_s:
        got = buffer.take(0.0)
        until_s = clock.now_s + (work_s if got is not None else 1 / FPS)
        while began_s + arrived / FPS <= until_s:  # frames arrive while the worker works
            clock.now_s = began_s + arrived / FPS
            buffer.put(frame(arrived))
            arrived += 1
        clock.now_s = until_s
        if got is not None:
            taken += 1
            behind_s.append(clock.now_s - (began_s + got.index / FPS))
    assert max(behind_s[2:]) <= 1.0 + 1e-6  # how long the worker takes is known after its second frame
    assert taken >= 60 / max(work_s, 1 / FPS) * 0.9, "the worker was kept waiting"
    assert (buffer.dropped > 0) == (work_s > 1 / FPS)
    left = 0
    while buffer.take(0.0) is not None:
        left += 1
    assert taken + left + buffer.dropped == arrived


def asked_until(watch: SilenceWatch, clock: Clock, end_s: float) -> float:
    """Ask twice a second, as a worker does, and return the last answer."""
    silent_s = 0.0
    while clock.now_s < end_s and not silent_s:
        clock.now_s += 0.5
        silent_s = watch.silent_s()
    return silent_s


def test_a_silent_stream_is_noticed_within_three_seconds() -> None:
    clock = Clock()
    watch = SilenceWatch(after_s=2.5, after_gaps=4.0, clock=clock)
    watch.frame_arrived(follows=False)
    assert asked_until(watch, clock, clock.now_s + 20) == 3.0


def test_a_camera_with_a_frame_every_two_seconds_is_not_silent() -> None:
    clock = Clock()
    watch = SilenceWatch(after_s=2.5, after_gaps=4.0, clock=clock)
    watch.frame_arrived(follows=False)
    for _ in range(30):
        assert asked_until(watch, clock, clock.now_s + 2) == 0.0
        watch.frame_arrived(follows=True)
    assert 7.0 < asked_until(watch, clock, clock.now_s + 20) < 8.5


def test_a_computer_that_stood_still_is_not_a_silent_stream() -> None:
    """Suspended or starved: the frames wait in the socket, and the reader gets its turn first."""
    clock = Clock()
    watch = SilenceWatch(after_s=2.5, after_gaps=4.0, clock=clock)
    watch.frame_arrived(follows=False)
    assert asked_until(watch, clock, clock.now_s + 1) == 0.0
    clock.now_s += 60
    assert watch.silent_s() == 0.0
    watch.frame_arrived(follows=True)
    assert asked_until(watch, clock, clock.now_s + 1) == 0.0


class Stream:
    """A camera that sends frames of these seconds and then hangs up."""

    decoded = damaged = 0

    def __init__(self, *seconds: float) -> None:
        self._seconds = seconds

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames at once."""
        for index, second in enumerate(self._seconds):
            yield Frame("door", index, NOON + timedelta(seconds=second), PICTURE)

    def close(self) -> None:
        """Hang up."""


class Tap:
    """A camera whose frames the test hands over one by one; None hangs up."""

    damaged = 0

    def __init__(self, frames: Queue[Frame | None]) -> None:
        self._frames = frames
        self.decoded = 0

    def __iter__(self) -> Iterator[Frame]:
        """Yield what is handed over."""
        yield from iter(self._frames.get, None)

    def close(self) -> None:
        """Hang up."""


def test_a_camera_that_was_away_for_a_night_comes_back() -> None:
    """Over a thousand attempts: a pause that doubled each time would be no number any more."""
    tries = 0

    def connect() -> Stream:
        nonlocal tries
        tries += 1
        if tries <= 1100:
            raise SourceError("nothing listens at that address and port")
        return Stream(0.0, 0.1)

    reader = LiveReader(connect, OutageLog("door"), LiveOptions(first_pause_s=1e-5, longest_pause_s=1e-4))
    reader.start()
    assert reader.take(60.0) is not None
    assert reader.stop(10.0)


def test_a_read_that_never_returns_is_noticed_and_a_pause_between_frames_is_not() -> None:
    """The driver of a webcam may hold a read for ever; the worker ends then, and another one opens the device anew."""
    clock, frames = Clock(), Queue[Frame | None]()
    tap = Tap(frames)
    reader = LiveReader([tap].pop, OutageLog("door"), clock=clock)
    reader.start()
    frames.put(frame(0))
    assert reader.take(10.0) is not None
    for _ in range(5):  # a camera that gives the same picture again and again is read, and gives no frame
        clock.now_s += 120
        tap.decoded += 1
        reader.require_progress()
    clock.now_s += 320
    with pytest.raises(RuntimeError, match="does nothing any more, for 320 s"):
        reader.require_progress()
    frames.put(None)
    assert reader.stop(10.0)
    reader.require_progress()


def test_a_time_that_the_computer_slept_through_is_an_outage() -> None:
    """Nobody was there to notice the silence; the dates of the frames tell."""
    log, streams = OutageLog("door"), [Stream(0.0, 0.1, 60.0, 60.1)]
    reader = LiveReader(streams.pop, log)
    reader.start()
    assert [reader.take(5.0) is not None for _ in range(4)] == [True] * 4
    assert reader.stop()
    slept = [item for item in log.take() if item.reason == "asleep"]
    assert [item.ended_at for item in slept] == [None, NOON + timedelta(seconds=60)]
    assert {item.started_at for item in slept} == {NOON + timedelta(seconds=0.1)}


def test_what_a_frozen_stream_still_hands_out_does_not_end_its_outage() -> None:
    """libav gives out the frame it held when its own timeout ends; the outage goes on until frames flow."""
    clock, log = Clock(), OutageLog("door")
    frames: Queue[Frame | None] = Queue()
    streams = [Tap(frames)]
    reader = LiveReader(streams.pop, log, clock=clock)
    reader.start()
    for second, apart_s, ends in ((0.0, 0.0, True), (0.1, 3.5, False), (3.0, 0.0, False), (3.2, 0.2, True)):
        for _ in range(int(apart_s / 0.5)):
            clock.now_s += 0.5
            reader.notice_silence()
        clock.now_s += apart_s % 0.5
        frames.put(Frame("door", int(second * 10), NOON + timedelta(seconds=second), PICTURE))
        assert reader.take(10.0) is not None
        assert (log.current is None) == ends, second
    frames.put(None)
    reader.stop(10.0)
    assert len({item.uid for item in log.take() if item.reason == "silent"}) == 1


def test_frames_come_in_order_and_none_is_invented() -> None:
    clock = Clock()
    buffer = FrameBuffer(max_behind_s=1.0, clock=clock)
    for index in range(3):
        buffer.put(frame(index))
    assert [got.index for got in (buffer.take(0), buffer.take(0), buffer.take(0)) if got] == [0, 1, 2]
    assert buffer.take(0) is None
    assert buffer.dropped == 0


ENDED = Trouble(OutageReason.STREAM_ENDED, "the stream ended")
REFUSED = Trouble(OutageReason.NO_CONNECTION, "user name or password refused")
STOPPED = Trouble(OutageReason.NOT_RUNNING, "the program was stopped")


def stretches(log: OutageLog) -> list[tuple[str, float, float | None]]:
    """Return reason, begin and end (seconds after noon) of every outage as it stands now."""

    def second(at: datetime | None) -> float | None:
        return None if at is None else (at - NOON).total_seconds()

    newest = {item.uid: item for item in log.take()}
    return [(item.reason, second(item.started_at) or 0.0, second(item.ended_at)) for item in newest.values()]


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_an_outage_lasts_from_the_last_frame_before_to_the_first_one_after() -> None:
    log = OutageLog("door")
    log.frame_seen(NOON)
    log.begin(after(3), ENDED)
    [begun] = log.take()
    assert (begun.started_at, begun.ended_at, begun.reason) == (NOON, None, "stream ended")
    log.frame_seen(after(9))
    [ended] = log.take()
    assert (ended.uid, ended.ended_at, ended.reason) == (begun.uid, after(9), "stream ended")
    assert log.take() == ()


def test_each_stretch_of_blindness_has_its_own_reason() -> None:
    log = OutageLog("door")
    log.frame_seen(NOON)
    log.begin(after(3), ENDED)
    log.begin(after(4), REFUSED)
    log.begin(after(5), REFUSED)
    assert log.detail == "user name or password refused"
    log.frame_seen(after(9))
    assert stretches(log) == [("stream ended", 0, 4), ("no connection", 4, 9)]
    assert log.detail == ""


def test_a_connection_that_fails_in_turns_begins_no_new_stretch_each_time() -> None:
    log = OutageLog("door")
    log.frame_seen(NOON)
    for second in range(3, 1800, 3):
        log.begin(after(second), ENDED if second % 2 else REFUSED)
    log.frame_seen(after(1800))
    found = stretches(log)
    assert len(found) <= 5
    assert (found[0][1], found[-1][2]) == (0, 1800)
    assert [one[2] for one in found[:-1]] == [one[1] for one in found[1:]]


def test_a_timeout_of_what_was_silent_is_no_new_reason() -> None:
    log = OutageLog("door")
    log.frame_seen(NOON)
    log.begin(after(3), Trouble(OutageReason.SILENT, "connected, but no frame for 3 s"))
    log.begin(after(4), ENDED)
    log.frame_seen(after(9))
    assert stretches(log) == [("silent", 0, 9)]


def test_an_outage_of_a_minute_is_not_blamed_for_the_hours_in_which_the_program_did_not_run() -> None:
    blind = Outage(uuid4(), "door", NOON, None, "stream ended")
    left = Checkpoint(NOON, blind, stopped_cleanly=True, saved_at=after(60))
    log = OutageLog("door", left, STOPPED)
    log.frame_seen(after(89 * 60))
    assert stretches(log) == [("stream ended", 0, 60), ("not running", 60, 89 * 60)]


def test_a_camera_that_does_not_answer_after_a_start_ends_the_time_without_a_program() -> None:
    log = OutageLog("door", Checkpoint(NOON, saved_at=after(1)), STOPPED)
    log.begin(after(3600), REFUSED)
    log.frame_seen(after(3700))
    assert stretches(log) == [("not running", 0, 3600), ("no connection", 3600, 3700)]


def test_what_an_older_program_left_open_is_ended_by_the_first_frame() -> None:
    """Its checkpoint does not say until when it lived."""
    left = Outage(uuid4(), "door", after(-3600), None, "no answer")
    log = OutageLog("door", Checkpoint(after(-3600), left), STOPPED)
    log.frame_seen(NOON)
    [ended] = log.take()
    assert (ended.uid, ended.ended_at, ended.reason) == (left.uid, NOON, "no answer")


def test_the_time_between_two_runs_is_an_outage() -> None:
    log = OutageLog("door", Checkpoint(after(-300), stopped_cleanly=True), STOPPED)
    log.frame_seen(NOON)
    assert stretches(log) == [("not running", -300, 0)]


def test_a_camera_never_seen_before_has_no_outage_until_something_fails() -> None:
    log = OutageLog("door")
    log.frame_seen(NOON)
    assert log.take() == ()


def test_no_url_reaches_the_record_and_no_password_the_detail() -> None:
    log = OutageLog("door")
    log.begin(NOON, Trouble(OutageReason.NO_CONNECTION, "rtsp://guard:secret@127.0.0.1/cam\nrefused\x00"))
    assert log.take()[0].reason == "no connection"
    assert log.detail == "rtsp://127.0.0.1/*** refused"
