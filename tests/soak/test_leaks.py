"""Hours of footage leave no more memory, descriptors or threads behind than minutes do."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from app.service import Service
from app.store_sink import StoreSink
from footfall.config import Config
from footfall.types import Direction, Gender, Visit
from ingest.spooling.records import Batch
from tests.integration.reliability.bench import pid_of, running, settings, wait_until
from tests.integration.reliability.replay import ReplayServer
from tests.integration.reliability.stand_in import BEGINNING, FPS

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Length:
    """How much footage, how fast, on how many cameras; growth is counted from `warm_s` of footage on."""

    footage_s: float
    warm_s: float
    speed: float
    cameras: int
    growth_mib: float


SHORT = Length(footage_s=240, warm_s=120, speed=10, cameras=2, growth_mib=10)
LONG = Length(footage_s=7200, warm_s=600, speed=10, cameras=4, growth_mib=5)


@dataclass(frozen=True)
class Use:
    """What one process holds."""

    memory_mib: float
    descriptors: int
    threads: int


@pytest.mark.parametrize(
    "length", [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.soak)]
)
def test_memory_descriptors_and_threads_stay(tmp_path: Path, length: Length) -> None:
    frames = int(length.footage_s * FPS)
    servers = [ReplayServer(frames, FPS * length.speed) for _ in range(length.cameras)]
    config = settings(tmp_path, {f"door{number}": server.url for number, server in enumerate(servers)})
    _fill(config)
    patience_s = 10 * length.footage_s / length.speed + 240
    with running(config) as service:
        wait_until(lambda: all(pid_of(service, name) for name in config.cameras), "all workers")
        warm = length.warm_s * FPS
        wait_until(lambda: all(server.position >= warm for server in servers), "warm workers", patience_s)
        before = _use_of_all(service)
        wait_until(lambda: all(server.at_end for server in servers), "the end of the footage", patience_s)
        after = _use_of_all(service)
        beats = {name: camera.heartbeat for name, camera in service.health().cameras.items()}
        restarts = {name: camera.restarts for name, camera in service.health().cameras.items()}
    for server in servers:
        server.close()
    print("\n| process | MiB when warm | MiB at the end | descriptors | threads |\n| --- | ---: | ---: | ---: | ---: |")
    for name, was in before.items():
        now = after[name]
        print(
            f"| {name} | {was.memory_mib:.1f} | {now.memory_mib:.1f} | {was.descriptors} → {now.descriptors} "
            f"| {was.threads} → {now.threads} |"
        )
    assert set(restarts.values()) == {0}, "a worker ended on the way"
    assert all(beat.frames_processed + beat.frames_dropped > 0.9 * frames for beat in beats.values())
    for name, was in before.items():
        assert after[name].memory_mib - was.memory_mib < length.growth_mib, name
        assert after[name].descriptors <= was.descriptors + 1, name
        assert after[name].threads <= was.threads, name


def _fill(config: Config) -> None:
    """Store visits of earlier days: while a new database grows, SQLite's cache of its pages grows to 2 MB with it."""
    moments = [BEGINNING - timedelta(days=3, seconds=number) for number in range(15_000)]
    values = (Direction.IN, Gender.FEMALE, "25-34", 30.5, 0.91, 4, 0.7, "test")
    sink = StoreSink(config)
    sink(Batch(visits=tuple(Visit(uuid4(), "door0", moment, moment, *values) for moment in moments)))
    sink.close()


def _use_of_all(service: Service) -> dict[str, Use]:
    processes = {name: psutil.Process(pid_of(service, name)) for name in service.health().cameras}
    return {name: _use(process) for name, process in {**processes, "supervisor": psutil.Process()}.items()}


def _use(process: psutil.Process) -> Use:
    """Return the middle of some samples: descriptors come and go with every write of the spool."""
    samples = []
    for _ in range(9):
        samples.append((process.memory_info().rss / MEBIBYTE, process.num_fds(), process.num_threads()))
        time.sleep(0.11)
    memory, descriptors, threads = zip(*samples, strict=True)
    return Use(statistics.median(memory), int(statistics.median(descriptors)), int(statistics.median(threads)))
