"""Two boxes that share signatures beside one that sees everything: `python -m benchmarks.across`.

Days of 300 visits at two entrances, an entrance a box, with faces of people of LFW and FairFace who were held back
(`benchmarks.unique` says how they are made). The boxes tell each other every hour through a real Redis server, which
has to be installed. Beside it: the same two boxes alone. Before it: how much memory the entries of a day take there.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import redis

from analytics.unique import UniqueEstimate, combined
from app.registers import Registers, utc_now
from app.sharing.opening import open_exchange
from footfall.config import Config
from footfall.types import Direction
from inference import load_embedding
from inference.clothing import clothing_signature
from inference.processor import processor_name
from reid.types import RegisterPart, Sighting, Signature
from tools.served import free_port
from training.arrays import kept, select_rows
from training.data.framed import read_framed
from training.embedding.days import OPENS, Day, DayPlan, Looks, Town, look_at, strangers, visitors
from training.embedding.people import in_benchmark

CACHE = Path(".cache/unique")
MOST = {"lfw": 900, "fairface": 500}  # photographs of each set
PHOTOGRAPHS = 6  # of one person
VIEWS = 4
SEED = 2026
RETURNS = (0.0, 0.2, 0.4)
HOUR = timedelta(hours=1)
SECRET = "one secret for all boxes of the benchmark"
VISITORS = 50_000
MEMORY_ONLY = ("--save", "", "--appendonly", "no")


@dataclass(frozen=True, slots=True)
class Result:
    """One day: how many came, and what is told of them by one box, by two that share and by two alone."""

    truth: int
    one: UniqueEstimate
    sharing: UniqueEstimate
    alone: UniqueEstimate


def main() -> None:
    """Print how far the ways to count are from the truth and from each other, and the memory of a large day."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=Path, default=Path(".cache/embedding"), help="folder of lfw.npy, fairface.npy")
    parser.add_argument("--days", type=int, default=4, help="days of each kind")
    parser.add_argument("--visits", type=int, default=300)
    arguments = parser.parse_args()
    print(f"{datetime.now().astimezone():%Y-%m-%d}, {processor_name()}")
    with redis_server() as url:
        print_memory(url)
        town = draw_town(arguments.faces)
        for returns in RETURNS:
            plan = DayPlan(arguments.visits, returns)
            print_days(returns, [count_day(town, plan, url, number) for number in range(arguments.days)])


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a server that keeps nothing but memory, and give its address."""
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("no Redis server; `apt install redis-server`")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, *MEMORY_ONLY]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait()


def settings(url: str) -> Config:
    """Return the settings of a box with both entrances; without `url` it shares nothing."""
    cameras = {f"camera-{number}": {"source": "0", "entrance": f"entrance {number}"} for number in range(2)}
    return Config(
        sites={"mall": {"time_zone": "UTC"}},
        cameras=cameras,
        reid={"mode": "faces", "max_interval_share": 2.0},
        sharing={"redis_url": url, "secret": SECRET},
    )


def draw_town(faces: Path) -> Town:
    """Return people who can come again, with one photograph a visit, and people who come once."""
    network, random = load_embedding(), np.random.default_rng(SEED)

    def look(name: str, most: int) -> Looks:
        cached = read_framed(faces / f"{name}.npy")
        rows = random.permutation(np.flatnonzero(in_benchmark(name, cached.groups)))
        groups = cached.groups[rows]
        chosen = np.concatenate([rows[groups == group][:PHOTOGRAPHS] for group in np.unique(groups)])[:most]
        return look_at(cached, chosen, network.embed, random, VIEWS)

    looks = {
        name: kept(
            CACHE / f"across-{name}-{network.model_version}.npz".replace(" ", "-"), Looks, partial(look, name, most)
        )
        for name, most in MOST.items()
    }
    names, counts = np.unique(looks["lfw"].groups, return_counts=True)
    alone = np.isin(looks["lfw"].groups, names[counts == 1])
    once = strangers(random, select_rows(looks["lfw"], alone)) + strangers(random, looks["fairface"])
    return Town(visitors(random, looks["lfw"], (1, 1)), once, clothing_signature)


def count_day(town: Town, plan: DayPlan, url: str, seed: int) -> Result:
    """Draw a day and count it three ways."""

    def drawn() -> Day:  # anew for each way: who takes a visit overwrites what it looked like
        random = np.random.default_rng((SEED, seed, round(100 * plan.returns)))
        return town.day(random, plan)

    return Result(
        truth=drawn().unique,
        one=combined(_counted([drawn().sightings], "")),
        sharing=combined(_counted(_by_entrance(drawn()), url)),
        alone=combined(_counted(_by_entrance(drawn()), "")),
    )


def _by_entrance(day: Day) -> list[list[Sighting]]:
    return [[one for one in day.sightings if one.entrance == f"entrance {number}"] for number in range(2)]


def _counted(sightings: Sequence[Sequence[Sighting]], url: str) -> list[RegisterPart]:
    """Return what a box for each of `sightings` tells of its day, all telling each other every hour."""
    config, later = settings(url), _days_until_tomorrow()
    boxes = [Registers(config, f"box {n}", exchange=open_exchange(config)) for n in range(len(sightings))]
    for hour in range(13):
        for box, own in zip(boxes, sightings, strict=True):
            for one in own:
                if hour * HOUR <= one.entered_at - OPENS < (hour + 1) * HOUR:
                    box.see(_at(one, later))
            box.share()
    for box in boxes:
        box.share()
    parts = [record for box in boxes for record in box.close(box.places, utc_now())]
    if url:
        with redis.Redis.from_url(url) as client:
            client.flushall()
    return [part for part in parts if isinstance(part, RegisterPart)]


def _days_until_tomorrow() -> timedelta:
    """Return how far the benchmark's day is moved: the server forgets days that are over."""
    return timedelta(days=(utc_now() - OPENS).days + 2)


def _at(sighting: Sighting, later: timedelta) -> Sighting:
    return replace(
        sighting,
        camera_id=sighting.camera_id.replace(" ", "-"),
        entered_at=sighting.entered_at + later,
        left_at=sighting.left_at + later,
    )


def print_days(returns: float, results: Sequence[Result]) -> None:
    """Print what days of one kind gave."""
    print(f"\n{returns:.0%} of the visits are returns; unique visitors, and the 95 % interval")
    print("truth   one box           two that share    two alone         sharing: within the one's interval")
    agree = 0
    for result in results:
        within = result.one.low is not None and result.one.high is not None
        within = within and (result.one.low or 0.0) <= result.sharing.unique <= (result.one.high or 0.0)
        agree += within
        cells = [_cell(one) for one in (result.one, result.sharing, result.alone)]
        print(f"{result.truth:5d}   {cells[0]:18s}{cells[1]:18s}{cells[2]:18s}{'yes' if within else 'no'}")
    apart = max(abs(one.sharing.unique - one.one.unique) / one.one.unique for one in results)
    print(f"two that share are within the interval on {agree} of {len(results)} days, at most {apart:.2%} apart")


def _cell(told: UniqueEstimate) -> str:
    return f"{told.unique:.1f} " + ("not told" if told.low is None else f"{told.low:.0f}-{told.high:.0f}")


def print_memory(url: str) -> None:
    """Print how much memory the server needs for the entries of a large day, and how long that takes to send."""
    config, random = settings(url), np.random.default_rng(SEED)
    exchange = open_exchange(config)
    assert exchange is not None
    version, widths = load_embedding().model_version, _widths()
    boxes = Registers(config, "box")
    at = datetime.now(UTC).replace(hour=12, minute=0) + timedelta(days=2)
    sighting = _invented(random, at, widths)
    place = boxes.place_of(sighting)
    with _client(url) as client:
        before, began = int(client.info("memory")["used_memory"]), time.process_time()
        for number in range(VISITORS):
            one = replace(_invented(random, at, widths), uid=UUID(int=number))
            exchange.note(place, boxes.end_of(place), one)
        sealed_s = time.process_time() - began
        began = time.process_time()
        exchange.share(lambda *_: None)
        shared_s = time.process_time() - began
        after = int(client.info("memory")["used_memory"])
        (key,) = client.keys("*")
        entry = client.xrevrange(key, count=1)[0][1]
        size = len(entry[b"s"])
        assert exchange.not_shared(place) == 0, exchange.problem
        client.flushall()
    print(
        f"a signature of {widths[0]} + {widths[1]} numbers ({version} and clothes) is {size} bytes sealed; "
        f"{VISITORS} take {(after - before) / 1024**2:.0f} MiB in Redis, {(after - before) / VISITORS:.0f} bytes each; "
        f"processor time of this side: {1e6 * sealed_s / VISITORS:.0f} µs to draw and seal one, "
        f"{1e6 * shared_s / VISITORS:.0f} µs to send and hear it"
    )


def _widths() -> tuple[int, int]:
    """Return how many numbers the templates of a face and of clothes have."""
    picture = np.zeros((360, 640, 3), np.uint8)
    network = load_embedding()
    side = network.input_size
    faces = network.embed_aligned(np.zeros((1, side, side, 3), np.uint8))
    clothes = clothing_signature(picture, np.array([[300, 60, 340, 110]], np.float32))
    return faces.shape[1], clothes.shape[1]


def _invented(random: np.random.Generator, at: datetime, widths: tuple[int, int]) -> Sighting:
    faces = random.normal(size=(1, widths[0])).astype(np.float32)
    clothes = random.normal(size=widths[1]).astype(np.float32)
    ones = np.ones(1, np.float32)
    signature = Signature(faces, ones, ones, clothes)
    return Sighting(UUID(int=0), "camera-0", "entrance 0", at, at, Direction.IN, True, signature=signature)


@contextmanager
def _client(url: str) -> Iterator[Any]:
    client = redis.Redis.from_url(url)
    for _ in range(600):
        try:
            client.ping()
            break
        except redis.ConnectionError:
            time.sleep(0.05)
    yield client
    client.close()


if __name__ == "__main__":
    main()
