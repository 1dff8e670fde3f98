"""Do audits find what is true, and do their intervals hold it: `python -m benchmarks.audits [--audits 100]`.

Simulated entrances of several densities: people cross, a camera sees the faces of some of them shortly before, counts
somebody who is not there now and then, and a thumb is a moment late. Once the auditor makes no mistakes, once 2 of 100
taps are wrong: a person not tapped, tapped twice, or in the other direction. Nothing is written.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Console
from rich.table import Table

from analytics.audit_matching import compare
from analytics.audits import Rate, Tally, counted_per_person, recall_of
from footfall.local_time import Interval

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.str_]
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE_PER_MINUTE = (2, 6, 12, 20, 30, 45)
MINUTES = 20
RECALL, FALSE_PER_PERSON = 0.90, 0.03
UNDIRECTED = 0.05  # visits whose direction the camera cannot tell
MISTAKES = 0.02  # of the taps, a third of each kind
SEED = 5


def one_audit(rng: np.random.Generator, people_per_minute: float, mistakes: float = 0.0) -> tuple[Tally, float]:
    """Return the tally of one simulated audit and the share of its people that the camera really saw."""
    length_s = 60.0 * MINUTES
    people = int(rng.poisson(people_per_minute * MINUTES))
    crossed = np.sort(rng.uniform(0, length_s, people))
    seen = rng.random(people) < RECALL
    directions = np.where(rng.random(people) < 0.6, "in", "out")
    taps = _taps(crossed, directions, mistakes, rng)
    left = crossed[seen] - rng.uniform(0, 2, seen.sum())
    nobody = rng.uniform(0, length_s, rng.poisson(FALSE_PER_PERSON * people))
    known = np.where(rng.random(len(left)) < UNDIRECTED, "none", directions[seen])
    visits = pd.DataFrame(
        {
            "entered_at": _moments(np.concatenate([left - rng.uniform(1, 5, len(left)), nobody])),
            "left_at": _moments(np.concatenate([left, nobody + 2])),
            "direction": np.concatenate([known, np.full(len(nobody), "in")]),
            "gender": "unknown",
            "age_years": np.nan,
        }
    )
    window = Interval(START, START + timedelta(seconds=length_s))
    return compare(taps, visits, [window], 1, 1.0).total, float(seen.mean())


def main() -> None:
    """Print a row for each density, without and with wrong taps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=int, default=100, help="how many for each density")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    for mistakes in (0.0, MISTAKES):
        table = Table("people/min", "camera sees", "paired", "audit says", "interval holds", "wide", "who came: holds")
        table.title = f"{mistakes:.0%} wrong taps"
        for people_per_minute in PEOPLE_PER_MINUTE:
            rng = np.random.default_rng([given.seed, people_per_minute])
            found = [one_audit(rng, people_per_minute, mistakes) for _ in range(given.audits)]
            table.add_row(str(people_per_minute), *_cells(found))
        Console().print(table)


def _cells(found: list[tuple[Tally, float]]) -> list[str]:
    rates = [recall_of(tally) for tally, _ in found]
    told = [rate for rate in rates if rate is not None]
    ratios = [counted_per_person(tally) for tally, _ in found]
    silent = "" if len(told) == len(rates) else f" ({len(rates) - len(told)} say nothing)"
    return [
        f"{100 * np.mean([seen for _, seen in found]):.1f} %",
        f"{100 * np.mean([tally.matched / tally.tapped for tally, _ in found]):.1f} %",
        f"{100 * np.mean([rate.estimate for rate in told]):.1f} %{silent}",
        f"{np.mean([_holds(rate, RECALL) for rate in told]):.0%}",
        f"{100 * np.mean([rate.high - rate.low for rate in told]):.1f}",
        f"{np.mean([_holds(ratio, RECALL + FALSE_PER_PERSON) for ratio in ratios if ratio is not None]):.0%}",
    ]


def _taps(crossed: Floats, directions: Words, mistakes: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return the taps of people who crossed at these seconds: a share of `mistakes` not, twice, or the other way."""
    moments = crossed + np.abs(rng.normal(0.5, 0.6, len(crossed)))
    kinds = directions.copy()
    if mistakes:
        wrong = rng.choice(4, len(crossed), p=[1 - mistakes, *[mistakes / 3] * 3])
        kinds[wrong == 1] = np.where(kinds[wrong == 1] == "in", "out", "in")
        twice = wrong == 2
        moments, kinds = (
            np.concatenate([moments[wrong != 3], moments[twice] + 0.3]),
            np.concatenate([kinds[wrong != 3], kinds[twice]]),
        )
        order = np.argsort(moments)
        moments, kinds = moments[order], kinds[order]
    taps = pd.DataFrame({"number": np.arange(len(moments)), "kind": kinds, "tapped_at": _moments(moments)})
    return taps.assign(gender=None, age_group=None, undone=False)


def _moments(seconds: Floats) -> pd.Series:
    return pd.Series(pd.Timestamp(START) + pd.to_timedelta(seconds, unit="s")).dt.floor("us")


def _holds(rate: Rate | None, truth: float) -> bool:
    return rate is not None and rate.low <= truth <= rate.high


if __name__ == "__main__":
    main()
