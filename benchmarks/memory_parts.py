"""Says what the memory of a camera's worker is made of, part by part, in a process like it.

    python -m benchmarks.memory_parts [--size 1280x720] [--fps 10] [--forked]

`benchmarks.live` measures real workers; this one loads the same modules and networks in their order, then decodes and
counts the sample scene. What a part touched first is laid to it, shared libraries too. A worker that is `--forked` has
the modules from the process that it is forked from, and of its own what it writes to.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

CAMERA = "entrance"
WAITING = 2
MEASURES = "FOOTFALL_BENCHMARK_MEASURES"
MEMORY = Path("/proc/self/smaps_rollup")
PARTS = (
    ("numpy", ("numpy",)),
    ("OpenCV", ("cv2",)),
    ("ONNX Runtime", ("onnxruntime",)),
    ("PyAV with FFmpeg", ("av",)),
    ("settings (pydantic)", ("footfall.config",)),
    ("logs (structlog)", ("structlog",)),
    ("the rest of a worker", ("app.worker_setup", "ingest.live.child", "ingest.sources.file")),
)


class Ledger:
    """Notes how memory grew since the last note: resident MiB, and those that are the process's own."""

    def __init__(self) -> None:
        self._before = (0.0, 0.0)
        self.lines = ["| part | resident MiB | its own MiB |", "| --- | --- | --- |"]

    def note(self, part: str) -> None:
        """Lay the growth to `part`."""
        now = _memory()
        self.lines.append(f"| {part} | {now[0] - self._before[0]:.0f} | {now[1] - self._before[1]:.0f} |")
        self._before = now

    def total(self) -> None:
        """Note all of it."""
        self.lines.append(f"| all together | {self._before[0]:.0f} | {self._before[1]:.0f} |")


def _memory() -> tuple[float, float]:
    sums = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in MEMORY.read_text().splitlines()[1:]}
    return sums["Rss"], sums["Private_Dirty"]


def measure(video: Path, forked: bool) -> Ledger | None:
    """Load and count as a worker does; the process that it is `forked` from returns None when it is done."""
    ledger = Ledger()
    if forked:
        return _in_a_fork(video, ledger)
    ledger.note("Python")
    for part, modules in PARTS:
        for module in modules:
            importlib.import_module(module)
        ledger.note(part)
    return _count(video, ledger)


def _in_a_fork(video: Path, ledger: Ledger) -> Ledger | None:
    gc.disable()  # as ingest.live.fork_server does
    for module in (module for _, modules in PARTS for module in modules):
        importlib.import_module(module)
    gc.freeze()
    if worker := os.fork():
        os.waitpid(worker, 0)
        return None
    gc.enable()
    ledger.note("Python and the modules, forked")
    return _count(video, ledger)


def _count(video: Path, ledger: Ledger) -> Ledger:
    from app.compose import Run, build_pipeline, load_networks
    from footfall.config import Config
    from ingest.sources.kinds import open_source

    config = Config.model_validate({"cameras": {CAMERA: {"source": str(video)}}})
    camera = config.camera(CAMERA)
    networks = load_networks(config, camera, checked=True)
    ledger.note("the networks, loaded")
    source = open_source(CAMERA, camera, datetime(2026, 3, 2, 9, tzinfo=UTC))
    frames = iter(source)
    waiting = list(islice(frames, WAITING))
    ledger.note(f"decoder, and {WAITING} frames that wait")
    pipeline = build_pipeline(config, camera, networks, Run(CAMERA, UUID(int=1), source.size))
    for frame in frames:
        waiting.append(frame)
        pipeline.process(waiting.pop(0))
    ledger.note("what the networks compute in, tracks and visits")
    ledger.total()
    return ledger


def main() -> None:
    """Measure in a process with a worker's environment, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--fps", type=int, default=10)
    parser.add_argument("--footage", type=Path, help="a recording to measure with instead of the scene")
    parser.add_argument("--forked", action="store_true")
    given = parser.parse_args()
    if os.environ.get(MEASURES):
        if (ledger := measure(given.footage, given.forked)) is not None:
            print("\n".join(ledger.lines))
        return
    if given.footage is None:
        from benchmarks.live import scene_footage

        given.footage = scene_footage(given.size, given.fps)
    command = [sys.executable, "-m", "benchmarks.memory_parts", "--footage", str(given.footage)]
    command += ["--forked"] if given.forked else []
    as_a_worker = {"OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
    subprocess.run(command, env={**as_a_worker, **os.environ, MEASURES: "yes"}, check=True)


if __name__ == "__main__":
    main()
