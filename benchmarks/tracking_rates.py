"""Counts simulated walkers with fewer and fewer frames looked at: `python -m benchmarks.tracking_rates`.

Where the count breaks off is where a minute must stop counting as observed (`ingest.minutes.LONGEST_STEP_S`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.walkers import WalkerOptions, WalkerScene, simulate
from footfall.types import Frame
from ingest.minutes import MinuteCounter
from tracking import Tracker

SEEDS = (2015, 2016, 2017)
PEOPLE = 150
STEADY_FPS = (10.0, 5.0, 4.0, 3.5, 3.0, 2.5, 2.0, 1.0)
DROPPED_SHARES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8)
CAMERA_FPS = 10.0
START = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING = np.zeros((2, 2, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Case:
    """How walkers come by: `speed` as a share of 350 px/s, and the size of their faces, px."""

    name: str
    speed: float
    face_px: float


CASES = (
    Case("1.3 m/s, faces of 48 px, 3.7 s in view", 1.0, 48.0),
    Case("1.3 m/s, faces of 96 px, 1.8 s in view", 2.0, 96.0),
    Case("0.65 m/s, faces of 48 px, 7.3 s in view", 0.5, 48.0),
)


def main() -> None:
    """Print what is counted at each rate, and the share of time that counts as observed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    seeds = parser.parse_args().seeds
    console = Console(width=130)
    steady = Table("frames/s", *(case.name for case in CASES), title=f"steady rates, seeds {seeds}")
    for fps in STEADY_FPS:
        cells = [_cell([_count(_scene(case, seed, fps), 0.0, seed) for seed in seeds]) for case in CASES]
        steady.add_row(f"{fps:g}", *cells)
    console.print(steady)
    dropped = Table("dropped", *(case.name for case in CASES), title=f"{CAMERA_FPS:g} frames/s, dropped at random")
    for share in DROPPED_SHARES:
        cells = [_cell([_count(_scene(case, seed, CAMERA_FPS), share, seed) for seed in seeds]) for case in CASES]
        dropped.add_row(f"{100 * share:.0f} %", *cells)
    console.print(dropped)


def _scene(case: Case, seed: int, fps: float) -> WalkerScene:
    return simulate(WalkerOptions(seed, fps, case.speed, PEOPLE, face_px=case.face_px))


def _count(scene: WalkerScene, dropped_share: float, seed: int) -> tuple[int, float]:
    """Return the people counted and the share of the time that counts as observed."""
    kept = np.flatnonzero(np.random.default_rng(seed).random(len(scene.detections)) >= dropped_share).tolist()
    tracker, ids = Tracker(), set[int]()
    minutes = MinuteCounter("walkers", UUID(int=seed))
    for index in kept:
        at = START + timedelta(seconds=index / scene.fps)
        detections = scene.detections[index]
        ids |= {track.id for track in tracker.update(detections, at).active if track.detection is not None}
        minutes.frame(Frame("walkers", index, at, NOTHING), len(detections), 0)
    observed_s = sum(minute.live_s for minute in minutes.take_all())
    return len(ids), observed_s / (len(scene.detections) / scene.fps)


def _cell(results: Sequence[tuple[int, float]]) -> str:
    counted = float(np.mean([count for count, _ in results]))
    observed = float(np.mean([share for _, share in results]))
    return f"{100 * (counted / PEOPLE - 1):+.1f} %, observed {100 * observed:.0f} %"


if __name__ == "__main__":
    main()
