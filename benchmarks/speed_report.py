"""The speed figures as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.pipeline import StageTimes

FOOTAGE_FPS = 25
STAGES = ("decode", "gate", "detect", "track", "attributes", "store")


@dataclass(frozen=True, slots=True)
class Measured:
    """One program's run over one file; `times` is None for a program that does not keep them."""

    name: str
    frames: int
    wall_s: float
    processor_s: float
    visits: int
    times: StageTimes | None


@dataclass(frozen=True, slots=True)
class SoakPoint:
    """Resident memory after so many frames, and the visits ended until then."""

    frames: int
    memory_mib: float
    visits: int


def report(measured: Sequence[Measured], points: Sequence[SoakPoint]) -> str:
    """Return rates, stages and memory as three tables."""
    parts = [_rates(measured), _stages(measured)]
    if points:
        parts.append(_memory(points))
    return "\n\n".join(parts) + "\n"


def _rates(measured: Sequence[Measured]) -> str:
    lines = [
        "| run | frames | detected | frames/s of wall clock | frames/s of processor time | ms a frame | visits |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in measured:
        detected = one.frames if one.times is None else one.times.detected
        lines.append(
            f"| {one.name} | {one.frames} | {detected} | {one.frames / one.wall_s:.0f} "
            f"| {one.frames / one.processor_s:.0f} | {1000 * one.processor_s / one.frames:.2f} | {one.visits} |"
        )
    return "\n".join(lines)


def _stages(measured: Sequence[Measured]) -> str:
    lines = [
        f"| ms of processor time for each frame of the file (store: wall clock) | {' | '.join(STAGES)} |",
        f"| --- |{' --- |' * len(STAGES)}",
    ]
    for one in measured:
        if one.times is not None:
            seconds = [getattr(one.times, f"{stage}_s") for stage in STAGES]
            cells = " | ".join(f"{1000 * second / one.frames:.2f}" for second in seconds)
            lines.append(f"| {one.name} | {cells} |")
    return "\n".join(lines)


def _memory(points: Sequence[SoakPoint]) -> str:
    lines = ["| frames | resident memory, MiB | visits |", "| --- | --- | --- |"]
    lines += [f"| {point.frames} | {point.memory_mib:.1f} | {point.visits} |" for point in points]
    return "\n".join(lines)
