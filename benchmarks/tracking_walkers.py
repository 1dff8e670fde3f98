"""Counts 150 simulated walkers in six cases, beside SORT and ByteTrack: `python -m benchmarks.tracking_walkers`."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.peers import (
    RunTracker,
    run_footfall,
    run_library_bytetrack,
    run_library_sort,
)
from benchmarks.track_scores import LabelledBoxes, score
from benchmarks.walkers import WalkerOptions, WalkerScene, simulate
from tracking.boxes import iou

SEED = 2015
PEOPLE = 150
SPEEDS = (1.0, 0.25)
FRAME_RATES = (5.0, 10.0, 15.0)
TRACKERS: dict[str, RunTracker] = {
    "footfall": run_footfall,
    "SORT (trackers)": run_library_sort,
    "ByteTrack (trackers)": run_library_bytetrack,
}


@dataclass(frozen=True, slots=True)
class Identities:
    """How well ids stand for people: who has exactly one id that no one else has, and the ids of several or none."""

    exactly_one: int
    shared: int
    spurious: int


def main() -> None:
    """Simulate each case, run each tracker on it and print what each counted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    seed = parser.parse_args().seed
    console = Console(width=120)
    for speed in SPEEDS:
        for fps in FRAME_RATES:
            scene = simulate(WalkerOptions(seed, fps, speed, PEOPLE))
            console.print(_table(scene, f"{1.3 * speed:.2f} m/s at {fps:.0f} frames/s, seed {seed}"))


def _table(scene: WalkerScene, title: str) -> Table:
    table = Table(
        "tracker", "counted", "error", "one person, one id", "ids of several", "of nobody", "IDF1", title=title
    )
    for name, run in TRACKERS.items():
        output = run(scene.detections, scene.fps)
        result, people = score(scene.truth, output), identities(scene.truth, output)
        table.add_row(
            name,
            str(result.ids),
            f"{100 * (result.ids / PEOPLE - 1):+.1f} %",
            f"{people.exactly_one} of {PEOPLE}",
            str(people.shared),
            str(people.spurious),
            f"{result.idf1:.1f}",
        )
    return table


def identities(truth: list[LabelledBoxes], output: list[LabelledBoxes]) -> Identities:
    """Compare ids with people: an id belongs to everybody whom it covered (IoU 0.5) in a tenth of its boxes or more."""
    covered: dict[int, dict[int, int]] = {}
    length: dict[int, int] = {}
    for true_frame, given_frame in zip(truth, output, strict=True):
        overlap = iou(given_frame.boxes, true_frame.boxes)
        for row, given_id in enumerate(given_frame.ids):
            length[given_id] = length.get(given_id, 0) + 1
            if overlap.shape[1] and overlap[row].max() >= 0.5:
                person = true_frame.ids[int(np.argmax(overlap[row]))]
                people = covered.setdefault(given_id, {})
                people[person] = people.get(person, 0) + 1
    owners = {
        given_id: {person for person, count in covered.get(given_id, {}).items() if count >= 0.1 * boxes}
        for given_id, boxes in length.items()
    }
    ids_of: dict[int, list[int]] = {}
    for given_id, people_of_id in owners.items():
        for person in people_of_id:
            ids_of.setdefault(person, []).append(given_id)
    alone = sum(len(ids) == 1 and len(owners[ids[0]]) == 1 for ids in ids_of.values())
    return Identities(
        alone, sum(len(people) > 1 for people in owners.values()), sum(not people for people in owners.values())
    )


if __name__ == "__main__":
    main()
