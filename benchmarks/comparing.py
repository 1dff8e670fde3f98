"""Measures what comparing the visits of a day costs, from the file to the closed register, beside not comparing.

    python -m benchmarks.comparing [--faces-a-frame 4] [--rounds 3]

The footage is the sample scene, so dense that about so many faces are in view on average. Pinned to one core; processor
time, the least of some rounds in turn. What comparing takes is measured by itself, for on a busy machine two rounds
differ by more than that.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.compose import load_networks
from app.demo.scene import SceneOptions, SceneTruth, plan
from app.opening import open_store
from app.recordings import RecordingCounter
from app.registers import RECORDINGS, Registers, store_recorded, utc_now
from benchmarks.scene import rendered
from benchmarks.speed import CACHE, CAMERA, START, Timer, pin_to_one_core, warm_up
from footfall.config import Config
from footfall.config_sections import CameraConfig
from inference.processor import processor_name

MODES = ("off", "clothes", "faces")
FPS = 15
VISIBLE = 0.5
DENSITIES = range(20, 400, 10)


@dataclass(frozen=True, slots=True)
class Cost:
    """One run in one mode; `comparing_s` went into signatures and the register, `compared` visits had a signature."""

    mode: str
    frames: int
    processor_s: float
    comparing_s: float
    visits: int
    compared: int


def scene_of(faces_a_frame: float) -> SceneOptions:
    """Return the least dense scene that shows so many faces on average, as its truth says."""
    for per_minute in DENSITIES:
        options = SceneOptions(seed=4, people=40, people_per_minute=float(per_minute), fps=FPS)
        if mean_faces(plan(options)) >= faces_a_frame:
            return options
    raise SystemExit(f"no scene shows {faces_a_frame} faces a frame; ask for fewer")


def mean_faces(truth: SceneTruth) -> float:
    """Return how many faces at least half of which is seen are in view, on average over the frames."""
    seen = sum(face.visible >= VISIBLE for person in truth.people for face in person.faces)
    return seen / truth.frames


def count(video: Path, mode: str) -> Cost:
    """Count `video` as `footfall process` does in `mode`, and close the register."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config.model_validate(
            {
                "sites": {"main": {"time_zone": "UTC"}},
                "cameras": {CAMERA: CameraConfig(source=str(video))},
                "database_url": f"sqlite:///{Path(folder) / 'comparing.db'}",
                "reid": {"mode": mode},
            }
        )
        networks, store = load_networks(config, config.camera(CAMERA)), open_store(config)
        warm_up(networks)
        registers = Registers(config, RECORDINGS)
        timer = Timer.start()
        counted = RecordingCounter(config, CAMERA, networks, store, registers).count(video, START)
        _, counted_s = timer.elapsed()
        parts = store_recorded(registers, store, utc_now())
        _, processor_s = timer.elapsed()
    comparing_s = counted.times.signatures_s + processor_s - counted_s
    compared = sum(part.deleted for part in parts)
    return Cost(mode, counted.frames, processor_s, comparing_s, len(counted.visits), compared)


def table(costs: list[Cost]) -> str:
    """Return the least of the rounds of each mode as Markdown."""
    lines = [
        "| mode | frames/s of processor time | ms a frame | signatures and register | visits | with a signature |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    best = [min((one for one in costs if one.mode == mode), key=lambda one: one.processor_s) for mode in MODES]
    for one in best:
        rate, share = one.frames / one.processor_s, one.comparing_s / one.processor_s
        lines.append(f"| {one.mode} | {rate:.0f} | {1000 / rate:.2f} | {share:.1%} | {one.visits} | {one.compared} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces-a-frame", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    pin_to_one_core()
    options = scene_of(given.faces_a_frame)
    video, truth = rendered(options, CACHE)
    costs = [count(video, mode) for _ in range(given.rounds) for mode in MODES]
    print(f"{mean_faces(truth):.1f} faces a frame, {truth.frames} frames of {options.size}; {processor_name()}\n")
    print(table(costs))


if __name__ == "__main__":
    main()
