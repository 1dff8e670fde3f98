"""Do audits find what is true, and do their intervals hold it: `python -m benchmarks.audits [--audits 100]`.

Simulated entrances of several densities: people cross, a camera sees the faces of some of them shortly before, counts
somebody who is not there now and then, and a thumb is a moment late. Nothing is written.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from analytics.audit_matching import compare
from analytics.audits import Rate, Tally, counted_per_person, recall_of
from footfall.local_time import Interval

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE_PER_MINUTE = (2, 6, 12, 20, 30)
MINUTES = 20
RECALL, FALSE_PER_PERSON = 0.90, 0.03
UNDIRECTED = 0.05  # visits whose direction the camera cannot tell
SEED = 5


def one_audit(rng: np.random.Generator, people_per_minute: float) -> tuple[Tally, float]:
    """Return the tally of one simulated audit and the share of its people that the camera really saw."""
    length_s = 60.0 * MINUTES
    people = int(rng.poisson(people_per_minute * MINUTES))
    crossed = np.sort(rng.uniform(0, length_s, people))
    seen = rng.random(people) < RECALL
    directions = np.where(rng.random(people) < 0.6, "in", "out")
    taps = pd.DataFrame(
        {
            "number": np.arange(people),
            "kind": directions,
            "tapped_at": _moments(crossed + np.abs(rng.normal(0.5, 0.6, people))),
            "gender": None,
            "age_group": None,
            "undone": False,
        }
    )
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
    """Print a row for each density."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=int, default=100, help="how many for each density")
    audits: int = parser.parse_args().audits
    table = Table("people/min", "camera sees", "audit says", "its interval holds", "who came: interval holds")
    for people_per_minute in PEOPLE_PER_MINUTE:
        rng = np.random.default_rng([SEED, people_per_minute])
        found = [one_audit(rng, people_per_minute) for _ in range(audits)]
        says = np.mean([tally.matched / tally.tapped for tally, _ in found])
        holds = np.mean([_holds(recall_of(tally), RECALL) for tally, _ in found])
        ratio_holds = np.mean([_holds(counted_per_person(tally), RECALL + FALSE_PER_PERSON) for tally, _ in found])
        truth = np.mean([seen for _, seen in found])
        table.add_row(
            str(people_per_minute), f"{100 * truth:.1f} %", f"{100 * says:.1f} %", f"{holds:.0%}", f"{ratio_holds:.0%}"
        )
    Console().print(table)


def _moments(seconds: np.ndarray[tuple[int], np.dtype[np.float64]]) -> pd.Series:
    return pd.Series(pd.Timestamp(START) + pd.to_timedelta(seconds, unit="s")).dt.floor("us")


def _holds(rate: Rate | None, truth: float) -> bool:
    return rate is not None and rate.low <= truth <= rate.high


if __name__ == "__main__":
    main()
