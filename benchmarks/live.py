"""Measures what live cameras cost: each worker's processor time and memory, as `footfall run` starts them.

    python -m benchmarks.live [--cameras 4] [--seconds 60] [--size 1280x720] [--fps 10]

Every camera sends the sample scene over and over. Processor time and memory are the kernel's figures of the workers'
processes alone, after a time in which they load; the share is of the processors asked for with `--cores`.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from app.demo.scene import SceneOptions
from app.worker_setup import SET_UP
from benchmarks.live_cameras import live_cameras
from benchmarks.scene import rendered, size_of
from benchmarks.speed import CACHE
from footfall.config import Config
from inference.processor import processor_name
from ingest.live.assignment import Assignment
from ingest.live.heartbeat import Heartbeat
from ingest.live.process import WorkerProcess

POLL_S = 0.2
PATIENCE_S = 180.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PEOPLE = 10
"""In one round of the footage, which begins anew when they are gone."""
MIB = 1024.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a worker had used of the processor, s, and holds of memory, MiB, and what it said of its frames."""

    processor_s: float
    resident_mib: float
    proportional_mib: float
    own_mib: float
    heartbeat: Heartbeat


class WatchedWorker:
    """One worker's process and its last heartbeat."""

    def __init__(self, config: Config, camera_id: str) -> None:
        self._process = WorkerProcess(Assignment.of(config, camera_id, SET_UP))
        self._heartbeat = Heartbeat(camera_id)

    def heartbeat(self) -> Heartbeat:
        """Return what it said last."""
        for message in self._process.messages():
            if isinstance(message, Heartbeat):
                self._heartbeat = message
        if (code := self._process.exit_code()) is not None:
            raise SystemExit(f"worker {self._heartbeat.camera_id} ended with {code}: {self._heartbeat.reason}")
        return self._heartbeat

    def usage(self) -> Usage:
        """Return what it uses at present."""
        process = Path(f"/proc/{self._process.pid}")
        ticks = [int(part) for part in (process / "stat").read_text().rpartition(")")[2].split()[11:13]]
        memory = memory_mib((process / "smaps_rollup").read_text())
        return Usage(sum(ticks) / TICKS_PER_S, memory["Rss"], memory["Pss"], memory["Anonymous"], self.heartbeat())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.close()


def memory_mib(rollup: str) -> dict[str, float]:
    """Return the sums of a process's memory, MiB, by the kernel's names for them (`/proc/PID/smaps_rollup`)."""
    return {name: int(kib) / MIB for name, kib in re.findall(r"^(\w+): +(\d+) kB", rollup, re.MULTILINE)}


def settings(sources: Sequence[str], folder: Path) -> Config:
    """Return the default settings with these cameras."""
    return Config.model_validate(
        {
            "cameras": {f"door-{number}": {"source": source} for number, source in enumerate(sources, 1)},
            "service": {"spool_directory": folder},
        }
    )


def scene_footage(size: str, fps: int, people_per_minute: float = 40.0) -> Path:
    """Return a short sample scene of `size`, such as 1280x720."""
    options = SceneOptions(seed=4, people=PEOPLE, people_per_minute=people_per_minute, size=size_of(size), fps=fps)
    return rendered(options, CACHE)[0]


def watch(video: Path, cameras: int, settle_s: float, seconds: float) -> list[tuple[Usage, Usage]]:
    """Return what each worker had used at the beginning and at the end of `seconds`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sources = [camera.url for camera in stack.enter_context(live_cameras(video, cameras))]
        config = settings(sources, folder)
        workers = [WatchedWorker(config, camera_id) for camera_id in config.cameras]
        for worker in workers:
            stack.callback(worker.close)
        give_up = time.monotonic() + PATIENCE_S
        while not all(worker.heartbeat().frames_processed for worker in workers):
            if time.monotonic() > give_up:
                raise SystemExit(f"no worker saw a frame within {PATIENCE_S:.0f} s")
            time.sleep(POLL_S)
        time.sleep(settle_s)
        before = [worker.usage() for worker in workers]
        time.sleep(seconds)
        return list(zip(before, [worker.usage() for worker in workers], strict=True))


def report(pairs: Sequence[tuple[Usage, Usage]], seconds: float, cores: int) -> str:
    """Return the figures as Markdown."""
    lines = [
        "| worker | frames/s processed | dropped | share of one core | ms a frame "
        "| resident MiB | proportional MiB | its own MiB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for before, after in pairs:
        processed = after.heartbeat.frames_processed - before.heartbeat.frames_processed
        dropped = after.heartbeat.frames_dropped - before.heartbeat.frames_dropped
        used_s = after.processor_s - before.processor_s
        lines.append(
            f"| {after.heartbeat.camera_id} | {processed / seconds:.1f} | {dropped} | {used_s / seconds:.1%} "
            f"| {1000 * used_s / max(processed, 1):.1f} | {after.resident_mib:.0f} | {after.proportional_mib:.0f} "
            f"| {after.own_mib:.0f} |"
        )
    used_s = sum(after.processor_s - before.processor_s for before, after in pairs)
    lines.append(f"\nAll together: {used_s / seconds / cores:.1%} of {cores} cores.")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--settle", type=float, default=15.0, help="seconds that are not measured")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--fps", type=int, default=10)
    parser.add_argument("--people-per-minute", type=float, default=40.0)
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    video = scene_footage(given.size, given.fps, given.people_per_minute)
    pairs = watch(video, given.cameras, given.settle, given.seconds)
    load = os.getloadavg()[0]
    print(f"{given.cameras} cameras, {given.size} at {given.fps} frames/s; {processor_name()}, load {load:.1f}\n")
    print(report(pairs, given.seconds, given.cores))


if __name__ == "__main__":
    main()
