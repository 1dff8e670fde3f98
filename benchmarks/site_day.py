"""What comparing a whole site's day costs a box: `python -m benchmarks.site_day [--visits 1000 5000 20000]`.

With sharing every box compares the visits of all boxes, N squared of them. Here a register takes a day of that many
visits, half of them another box's, with invented templates as wide as the real ones; a tenth are returns. Told is
processor time of all threads, which other work on the machine changes far less than the clock.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from uuid import UUID

import numpy as np
import psutil

from footfall.types import Direction
from inference.processor import processor_name
from reid.comparison import GROWTH
from reid.pair_model import load_pair_model
from reid.register import DayRegister, RegisterOptions
from reid.types import ReidMode, Sighting, Signature

SEED = 2026
OPENS = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPEN = timedelta(hours=12)
EXCHANGE_S = 10  # between two exchanges of a running box
RETURNS = 0.1
FACE, CLOTHES = 128, 64  # numbers of the templates; how wide they are hardly matters beside the rest
EXCHANGES = 5  # of which the mean is told


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a day of `visits`: processor seconds of comparing all once and of one exchange, MiB that are held."""

    visits: int
    anew_s: float
    exchange_s: float
    held_mib: float
    peak_mib: float

    @property
    def day_s(self) -> float:
        """All comparisons of the day: anew whenever it has grown by GROWTH, at the square of what there is by then.

        An exchange goes with the number of visits, so half of the last one on average.
        """
        anew_s = self.anew_s / (1.0 - (1.0 + GROWTH) ** -2)
        return anew_s + self.exchange_s / 2 * (OPEN.total_seconds() / EXCHANGE_S)


def measured(visits: int) -> Cost:
    """Fill a register with `visits` and measure what the end of the day costs."""
    me = psutil.Process()
    before = me.memory_info().rss
    register = DayRegister("mall", OPENS.date(), "box", RegisterOptions(ReidMode.FACES), load_pair_model())
    new = each_exchange(visits)
    coming = sightings(visits + EXCHANGES * new)
    for _ in range(visits):
        register.add(next(coming))
    began = time.process_time()
    register.firsts()
    anew_s = time.process_time() - began
    peak = me.memory_info().rss
    began = time.process_time()
    for _ in range(EXCHANGES):
        for _ in range(new):
            register.add(next(coming))
        register.part()
        register.changed_firsts()
    exchange_s = (time.process_time() - began) / EXCHANGES
    held = me.memory_info().rss
    return Cost(visits, anew_s, exchange_s, (held - before) / 2**20, (max(peak, held) - before) / 2**20)


def each_exchange(visits: int) -> int:
    """Return how many visits come between two exchanges on a day of `visits`."""
    return math.ceil(visits * EXCHANGE_S / OPEN.total_seconds())


def sightings(count: int) -> Iterator[Sighting]:
    """Give visits through the day, at two boxes in turns."""
    random = np.random.default_rng(SEED)
    people = np.where(random.random(count) < RETURNS, random.integers(0, count, count), np.arange(count))
    for number, person in enumerate(people.tolist()):
        looks = np.random.default_rng((SEED, person))
        faces = looks.normal(size=(1, FACE)) + 0.4 * random.normal(size=(1, FACE))
        clothes = looks.normal(size=CLOTHES) + 0.4 * random.normal(size=CLOTHES)
        faces, clothes = faces / np.linalg.norm(faces), clothes / np.linalg.norm(clothes)
        one = np.ones(1, np.float32)
        at, box = OPENS + number / count * OPEN, number % 2
        yield Sighting(
            uid=UUID(int=int(random.integers(1, 2**62)) << 64 | number),
            camera_id=f"camera-{box}",
            entrance=f"entrance {box}",
            entered_at=at,
            left_at=at + timedelta(seconds=3),
            direction=Direction.IN if number % 4 < 2 else Direction.OUT,
            is_arrival=number % 4 < 2,
            signature=Signature(faces.astype(np.float32), 60 * one, one, clothes.astype(np.float32)),
            is_own=box == 0,
        )


def main() -> None:
    """Print a row for each size of day, with the load of the machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, nargs="+", default=[1000, 5000, 20_000])
    given = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program has it; read where NumPy is loaded anew
    print(f"{datetime.now().astimezone():%Y-%m-%d}, {processor_name()}")
    print("| visits of the site | all anew, s | an exchange, s | all day, s | share of a core | MiB held | at most |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for visits in given.visits:
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:  # memory that another size left would be used again
            cost = alone.submit(measured, visits).result()
        share = cost.day_s / OPEN.total_seconds()
        print(
            f"| {visits} | {cost.anew_s:.1f} | {cost.exchange_s:.2f} | {cost.day_s:.0f} | {share:.1%} | "
            f"{cost.held_mib:.0f} | {cost.peak_mib:.0f} |",
            flush=True,
        )
    print(f"\nLoad of the machine at the end: {os.getloadavg()[0]:.1f} processes on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
