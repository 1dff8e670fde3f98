"""Measures what live cameras cost: each worker's processor time and memory, as `footfall run` starts them.

    python -m benchmarks.live [--cameras 4] [--seconds 60] [--size 1280x720] [--fps 10] [--start forked alone]

Every camera sends the sample scene over and over. Processor time, also that to the first frame, and memory are the
kernel's figures of the workers' processes and of the one that they are forked from, after a time in which they load;
the share is of the processors asked for with `--cores`. With several words behind `--start` there is one round for
each, with new workers: forked, as `footfall run` starts them, or each a program of its own that shares nothing but
files.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from app.demo.scene import SceneOptions
from app.worker_setup import SET_UP
from benchmarks.live_cameras import live_cameras
from benchmarks.scene import rendered, size_of
from benchmarks.speed import CACHE
from footfall.config import Config
from inference.processor import processor_name
from ingest.live.assignment import Assignment
from ingest.live.forking import Forking, worker_starter
from ingest.live.heartbeat import Heartbeat
from ingest.live.process import Alone, Starter, WorkerProcess

POLL_S = 0.2
PATIENCE_S = 180.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
FORKED, ALONE = "forked", "alone"
PEOPLE = 10
"""In one round of the footage, which begins anew when they are gone."""
MIB = 1024.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process had used of the processor, s, and holds of memory, MiB: all of it, its share of it where others
    hold the same, and what nobody else holds; of a worker also what it said of its frames, and what it had used when it
    had processed the first one.
    """

    processor_s: float
    resident_mib: float
    proportional_mib: float
    own_mib: float
    heartbeat: Heartbeat | None = None
    starting_s: float = 0.0


class WatchedWorker:
    """One worker's process and its last heartbeat."""

    def __init__(self, config: Config, camera_id: str, starter: Starter) -> None:
        self._process = WorkerProcess(Assignment.of(config, camera_id, SET_UP), starter=starter)
        self._heartbeat = Heartbeat(camera_id)
        self._starting_s = 0.0

    def heartbeat(self) -> Heartbeat:
        """Return what it said last."""
        for message in self._process.messages():
            if isinstance(message, Heartbeat):
                self._heartbeat = message
        if (code := self._process.exit_code()) is not None:
            raise SystemExit(f"worker {self._heartbeat.camera_id} ended with {code}: {self._heartbeat.reason}")
        if not self._starting_s and self._heartbeat.frames_processed:
            self._starting_s = usage_of(self._process.pid).processor_s
        return self._heartbeat

    def usage(self) -> Usage:
        """Return what it uses at present."""
        return replace(usage_of(self._process.pid), heartbeat=self.heartbeat(), starting_s=self._starting_s)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.close()


def usage_of(pid: int) -> Usage:
    """Return what a process uses at present."""
    process = Path(f"/proc/{pid}")
    ticks = [int(part) for part in (process / "stat").read_text().rpartition(")")[2].split()[11:13]]
    memory = memory_mib((process / "smaps_rollup").read_text())
    own = memory["Private_Clean"] + memory["Private_Dirty"]
    return Usage(sum(ticks) / TICKS_PER_S, memory["Rss"], memory["Pss"], own)


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


def watch(video: Path, cameras: int, settle_s: float, seconds: float, start: str) -> list[tuple[Usage, Usage]]:
    """Return what each worker had used at the beginning and at the end of `seconds`; last, what it was forked from."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sources = [camera.url for camera in stack.enter_context(live_cameras(video, cameras))]
        config = settings(sources, folder)
        starter = worker_starter(SET_UP) if start == FORKED else Alone()
        stack.callback(starter.close)
        patiently(starter.is_ready, "nothing to fork from")
        workers = [WatchedWorker(config, camera_id, starter) for camera_id in config.cameras]
        for worker in workers:
            stack.callback(worker.close)
        patiently(lambda: all(worker.heartbeat().frames_processed for worker in workers), "a worker saw no frame")
        time.sleep(settle_s)
        others = [starter.server_pid] if isinstance(starter, Forking) and starter.server_pid else []
        before = [worker.usage() for worker in workers] + [usage_of(pid) for pid in others]
        time.sleep(seconds)
        after = [worker.usage() for worker in workers] + [usage_of(pid) for pid in others]
        return list(zip(before, after, strict=True))


def patiently(holds: Callable[[], object], trouble: str) -> None:
    """Wait until `holds`."""
    give_up = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > give_up:
            raise SystemExit(f"{trouble} within {PATIENCE_S:.0f} s")
        time.sleep(POLL_S)


def report(pairs: Sequence[tuple[Usage, Usage]], seconds: float, cores: int) -> str:
    """Return the figures as Markdown."""
    lines = [
        "| worker | frames/s processed | dropped | s to the first frame | share of one core | ms a frame "
        "| resident MiB | proportional MiB | its own MiB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for before, after in pairs:
        used_s = after.processor_s - before.processor_s
        memory = f"| {after.resident_mib:.0f} | {after.proportional_mib:.0f} | {after.own_mib:.0f} |"
        if before.heartbeat is None or after.heartbeat is None:
            lines.append(
                f"| what they are forked from | | | {before.processor_s:.1f} | {used_s / seconds:.1%} | {memory}"
            )
            continue
        processed = after.heartbeat.frames_processed - before.heartbeat.frames_processed
        dropped = after.heartbeat.frames_dropped - before.heartbeat.frames_dropped
        lines.append(
            f"| {after.heartbeat.camera_id} | {processed / seconds:.1f} | {dropped} | {after.starting_s:.1f} "
            f"| {used_s / seconds:.1%} | {1000 * used_s / max(processed, 1):.1f} {memory}"
        )
    used_s = sum(after.processor_s - before.processor_s for before, after in pairs)
    proportional = sum(after.proportional_mib for _, after in pairs)
    lines.append(f"\nAll together: {used_s / seconds / cores:.1%} of {cores} cores, {proportional:.0f} MiB.")
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
    parser.add_argument("--start", nargs="+", choices=(FORKED, ALONE), default=[FORKED])
    given = parser.parse_args()
    video = scene_footage(given.size, given.fps, given.people_per_minute)
    print(f"{given.cameras} cameras, {given.size} at {given.fps} frames/s; {processor_name()}")
    for start in given.start:
        pairs = watch(video, given.cameras, given.settle, given.seconds, start)
        print(f"\n{start}, load {os.getloadavg()[0]:.1f}\n\n{report(pairs, given.seconds, given.cores)}", flush=True)


if __name__ == "__main__":
    main()
