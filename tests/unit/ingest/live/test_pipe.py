"""What a worker tells its supervisor: no sighting is lost while there is room, and nothing is left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from footfall.types import Direction
from ingest.live.heartbeat import Heartbeat, WorkerState
from ingest.live.messages import to_message
from ingest.live.pipe import Inbox, Outbox
from reid.types import Sighting, Signature

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEAT = Heartbeat("door", WorkerState.LIVE, frames_seen=7)


def sighting(number: int, faces: int = 3) -> Sighting:
    random = np.random.default_rng(number)
    numbers = [random.normal(size=size).astype(np.float32) for size in ((faces, 128), faces, faces, 40)]
    moment = NOON + timedelta(seconds=number)
    values = (moment, moment + timedelta(seconds=3), Direction.IN, True, 0.25, None)
    return Sighting(UUID(int=number), "door", "Südtor", *values, Signature(*numbers))


def plain(one: Sighting | Heartbeat) -> object:
    """Return what `one` says in a shape that can be compared."""
    if isinstance(one, Heartbeat) or one.signature is None:
        return one
    signature = one.signature
    arrays = (signature.faces, signature.face_px, signature.quality, signature.clothes)
    return replace(one, signature=None), [(values.shape, values.tolist()) for values in arrays]


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def test_sightings_and_heartbeats_arrive_as_they_were_sent(ends: tuple[int, int]) -> None:
    inbox, outbox = Inbox(ends[0]), Outbox(ends[1])
    sent: list[Sighting | Heartbeat] = [
        sighting(1),
        BEAT,
        replace(sighting(2), signature=None),
        sighting(3, faces=0),
        sighting(4),
    ]
    for one in sent:
        outbox.beat(one) if isinstance(one, Heartbeat) else outbox.tell(one)
    assert [plain(one) for one in inbox.read()] == [plain(one) for one in sent]
    assert inbox.read() == []


def test_a_full_pipe_delays_sightings_and_loses_heartbeats(ends: tuple[int, int]) -> None:
    inbox, outbox = Inbox(ends[0]), Outbox(ends[1])
    sent = [sighting(number) for number in range(100)]
    for one in sent:
        outbox.tell(one)
    outbox.beat(BEAT)
    arrived = inbox.read()
    assert 0 < len(arrived) < len(sent)
    while not outbox.flush():
        arrived += inbox.read()
    outbox.beat(BEAT)
    arrived += inbox.read()
    assert [plain(one) for one in arrived] == [*(plain(one) for one in sent), BEAT]
    assert outbox.lost == 0


def test_what_waits_too_long_gives_way_to_what_is_new(ends: tuple[int, int]) -> None:
    inbox, outbox = Inbox(ends[0]), Outbox(ends[1], most_waiting=3)
    for number in range(100):
        outbox.tell(sighting(number))
    assert outbox.lost > 0
    arrived = inbox.read()
    while not outbox.flush():
        arrived += inbox.read()
    arrived += inbox.read()
    found = [one.uid.int for one in arrived if isinstance(one, Sighting)]
    assert found == sorted(found) and found[-2:] == [98, 99]
    assert len(found) + outbox.lost == 100


def test_what_a_library_prints_and_what_is_no_sighting_is_left_out(ends: tuple[int, int]) -> None:
    inbox, outbox = Inbox(ends[0]), Outbox(ends[1])
    message = bytes(to_message(sighting(1)))
    for rubble in (b"a warning\n", b'{"sighting":{},"shape":null}\n\n', b'{"sighting":3,"shape":[9999,9999,9999]}\n'):
        os.write(ends[1], rubble)
    os.write(ends[1], message[:700])
    assert inbox.read() == []
    os.write(ends[1], message[700:])
    outbox.beat(BEAT)
    assert [plain(one) for one in inbox.read()] == [plain(sighting(1)), BEAT]


def test_neither_end_keeps_what_passed(ends: tuple[int, int]) -> None:
    inbox, outbox = Inbox(ends[0]), Outbox(ends[1])
    outbox.tell(sighting(1))
    assert len(inbox.read()) == 1
    assert not any(inbox._buffer)
    assert not outbox._waiting


def test_a_supervisor_that_is_gone_or_does_not_read_holds_nobody_up() -> None:
    reading, writing = os.pipe()
    outbox = Outbox(writing)
    for number in range(100):
        outbox.tell(sighting(number))
    outbox.close(within_s=0.01)
    assert outbox.lost > 0
    os.close(reading)
    outbox.tell(sighting(1))
    outbox.beat(BEAT)
    assert outbox.flush()
    os.close(writing)
