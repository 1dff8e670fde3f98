"""Reads damaged copies of one recording; run as a program of its own, because a decoder's crash ends the process."""

from __future__ import annotations

import json
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from footfall.logs import configure_logging
from ingest.sources.kinds import open_source

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def damage(content: bytes, dice: random.Random) -> bytes:
    """Return `content` cut off, with bytes changed, or both."""
    damaged = bytearray(content)
    kind = dice.choice(("cut", "flip", "both"))
    if kind != "cut":
        first = dice.randrange(len(damaged))
        for _ in range(dice.choice((1, 10, 200))):
            # Half of the damage is near one place, as a bad sector makes it.
            place = (
                dice.randrange(len(damaged))
                if dice.random() < 0.5
                else min(first + dice.randrange(64), len(damaged) - 1)
            )
            damaged[place] = dice.randrange(256)
    if kind != "flip":
        del damaged[dice.randrange(len(damaged)) :]
    return bytes(damaged)


def main(folder: Path, originals: list[Path], cases: int) -> None:
    """Print, as JSON, how many cases were read, refused with a SourceError, and counted damaged frames."""
    configure_logging(level="error")
    counts = {"read": 0, "refused": 0, "damaged": 0, "frames": 0}
    for case in range(cases):
        dice = random.Random(case)
        original = originals[case % len(originals)]
        path = folder / f"damaged{original.suffix}"
        path.write_bytes(damage(original.read_bytes(), dice))
        print(f"case {case} {original.name}", file=sys.stderr, flush=True)
        try:
            source = open_source("door", CameraConfig(source=str(path), max_fps=60), START)
            try:
                for frame in source:
                    counts["frames"] += 1
                    if frame.image.shape[1::-1] != source.size:
                        raise AssertionError(f"case {case}: a frame of {frame.image.shape} from {source.size}")
            finally:
                source.close()
            counts["read"] += 1
            counts["damaged"] += source.damaged > 0
        except SourceError:
            counts["refused"] += 1
    print(json.dumps(counts))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2].split(",")], int(sys.argv[3]))
