"""Does a crowd look like a turned camera, and is a turned one noticed: `python -m benchmarks.moved_view [--data DIR]`.

Each clip is looped as a fixed camera would go on, and, cut to two thirds of its width, turned in mid loop. Nothing is
written.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from footfall.config_sections import CameraConfig
from footfall.types import ImageArray, PictureState
from ingest.picture import PictureMonitor
from ingest.sources.kinds import open_source

CLIPS = ("crowd_street_640x360_30s.mp4", "plaza_walking_720p_14s.mp4", "stadium_180faces_720p_8s.mp4")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LOOKS_PER_S = 2
BEGINNINGS = (0.0, 0.3, 0.6)
"""At which share of the clip the camera is switched on: what it sees first is what it believes to be usual."""
PART = 0.65
TURNS = {"a tenth aside": (PART / 10, 0.1), "a third aside": (PART / 3, 0.1), "a tenth down": (0.0, 0.1 + PART / 10)}
BEFORE_TURN_S = AFTER_TURN_S = 120


def main() -> None:
    """Print minutes of false alarm, and seconds until a real turn is noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("FOOTFALL_DATA", Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--minutes", type=int, default=6)
    given = parser.parse_args()
    clips = {name: list(_pictures(given.data / "clips" / name)) for name in CLIPS}
    table = Table("clip", f"fixed, alarm in {given.minutes} min", *(f"turned {name}" for name in TURNS), "another view")
    for name, pictures in clips.items():
        other = clips[CLIPS[(CLIPS.index(name) + 1) % len(CLIPS)]]
        cells = [_false_alarm_minutes(pictures, begin, given.minutes) for begin in BEGINNINGS]
        ahead = _turned(pictures, (0.0, 0.1))
        delays = [_noticed_after(ahead, _turned(pictures, to)) for to in TURNS.values()]
        delays.append(_noticed_after(pictures, other))
        table.add_row(name.split("_", maxsplit=1)[0], ", ".join(f"{cell:.1f}" for cell in cells), *delays)
    Console(width=140).print(table)


def _pictures(path: Path) -> Iterator[ImageArray]:
    source = open_source("clip", CameraConfig(source=str(path), max_fps=LOOKS_PER_S), START)
    for frame in source:
        yield np.asarray(cv2.resize(frame.image, (640, 360), interpolation=cv2.INTER_AREA), np.uint8)
    source.close()


def _part(picture: ImageArray, left: float, top: float) -> ImageArray:
    height, width = picture.shape[:2]
    x, y = round(left * width), round(top * height)
    return np.ascontiguousarray(picture[y : y + round(PART * height), x : x + round(PART * width)])


def _turned(pictures: list[ImageArray], to: tuple[float, float]) -> list[ImageArray]:
    return [_part(picture, *to) for picture in pictures]


def _watch(monitor: PictureMonitor, pictures: list[ImageArray], looks: range) -> Iterator[PictureState]:
    for look in looks:
        yield monitor.update(pictures[look % len(pictures)], START + timedelta(seconds=look / LOOKS_PER_S))


def _false_alarm_minutes(pictures: list[ImageArray], begin: float, minutes: int) -> float:
    first = round(begin * len(pictures))
    states = _watch(PictureMonitor(), pictures[first:] + pictures[:first], range(minutes * 60 * LOOKS_PER_S))
    return sum(state is not PictureState.OK for state in states) / LOOKS_PER_S / 60


def _noticed_after(before: list[ImageArray], after: list[ImageArray]) -> str:
    monitor = PictureMonitor()
    turn, end = BEFORE_TURN_S * LOOKS_PER_S, (BEFORE_TURN_S + AFTER_TURN_S) * LOOKS_PER_S
    list(_watch(monitor, before, range(turn)))
    noticed = _first(_watch(monitor, after, range(turn, end)), lambda state: state is not PictureState.OK)
    back = _first(_watch(monitor, before, range(end, end + turn)), lambda state: state is PictureState.OK)
    return f"noticed after {noticed}, gone after {back}"


def _first(states: Iterator[PictureState], wanted: Callable[[PictureState], bool]) -> str:
    found = [number for number, state in enumerate(states) if wanted(state)]
    return f"{found[0] / LOOKS_PER_S:.0f} s" if found else "never"


if __name__ == "__main__":
    main()
