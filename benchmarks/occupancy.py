"""How many are inside, on simulated days whose truth is known: `python -m benchmarks.occupancy`.

Beside the correction, on the same counts: the plain running difference of entries and exits, and the same with what is
left at closing taken off evenly over the opening hours ("zero at close only"). Live: each hour with what is known at
its end, and the balance of ten earlier days. Errors are means over open hours, as shares of the most that were inside.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from rich.console import Console
from rich.table import Table

from analytics.occupancy import Flow, Inside, Numbers, balance_of, inside_of_day, inside_so_far
from analytics.occupancy_gaps import MOST_GUESSED, flow_with_gaps
from benchmarks.occupancy_days import CLOSES_H, OPENS_H, Day, Errors, draw_day

OPEN = slice(OPENS_H, CLOSES_H - 1)
"""Ends of the hours while the mall is open; at closing there is nothing left to tell."""
PAST_DAYS = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of day."""

    name: str
    errors: Errors
    visitors: int = 3000


CASES = (
    Case("exits 10 %, entries 5 % missed", Errors()),
    Case("the same, 300 visitors", Errors(), 300),
    Case("the same, 10,000 visitors", Errors(), 10_000),
    Case("the same, twice as much in a crowd", Errors(crowd=2.0)),
    Case("entries 10 %, exits 5 % missed", Errors(0.1, 0.05)),
    Case("20 % and 10 % missed", Errors(0.1, 0.2)),
    Case("2 % missed, 3 % counted twice", Errors(0.02, 0.02, doubled=0.03)),
    Case("8 % missed both ways alike", Errors(0.08, 0.08)),
    Case("10 %, 5 %, one camera blind 12-14", Errors(blind=(12, 14))),
    Case("10 %, 5 %, one camera blind 9-12", Errors(blind=(9, 12))),
    Case("10 %, 5 %, one camera blind 10-18", Errors(blind=(10, 18))),
)
WAYS = ("plain difference", "zero at close only", "corrected", "corrected, live")


@dataclass(frozen=True, slots=True)
class Result:
    """One day: mean error by way, whether the intervals of a past and a live hour held, and how wide they were; the
    last two are None where too much was guessed to tell anything."""

    errors: dict[str, float]
    held: tuple[float, float] | None
    half_width: tuple[float, float] | None


def main() -> None:
    """Print how far off each way is, for each kind of day."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=200, help="days of each kind")
    arguments = parser.parse_args()
    print_results([run_case(case, arguments.days, seed) for seed, case in enumerate(CASES)], arguments.days)


def print_results(results: list[list[Result]], days: int) -> None:
    """Print a line for each case."""
    console = Console(width=170)
    console.print(f"{datetime.now().astimezone():%Y-%m-%d}, {os.cpu_count()} processors, {days} days of each kind")
    title = "mean error by hour, as a share of the most that were inside; 95 % intervals of a past day, and live"
    table = Table("case", *WAYS, "past: held, half-width", "live: held, half-width", title=title)
    for case, found in zip(CASES, results, strict=True):
        cells = [f"{100 * np.mean([one.errors[way] for one in found]):.1f} %" for way in WAYS]
        table.add_row(case.name, *cells, *(_interval(found, place) for place in (0, 1)))
    console.print(table)


def run_case(case: Case, days: int, seed: int) -> list[Result]:
    """Return one result a day."""
    random = np.random.default_rng(seed)
    past = [draw_day(random, case.visitors, replace(case.errors, blind=None)) for _ in range(PAST_DAYS)]
    balance = balance_of([(float(day.entries.sum()), float(day.exits.sum())) for day in past])
    found = []
    for _ in range(days):
        day = draw_day(random, case.visitors, case.errors)
        flow = flow_with_gaps(day.entries, day.exits, np.zeros_like(day.entries), day.watched)
        found.append(_judged(day, flow, inside_of_day(flow), inside_so_far(flow, balance)))
    return found


def _judged(day: Day, flow: Flow, over: Inside, live: Inside) -> Result:
    most = float(day.truth.max())
    plain = np.cumsum(day.entries.sum(axis=0) - day.exits.sum(axis=0))
    hours = np.arange(1, len(plain) + 1)
    evenly = plain - plain[-1] * np.clip((hours - OPENS_H) / (CLOSES_H - OPENS_H), 0, 1)
    estimates = dict(zip(WAYS, (plain, evenly, over.estimate, live.estimate), strict=True))
    errors = {way: float(np.abs(told - day.truth)[OPEN].mean()) / most for way, told in estimates.items()}
    if flow.guessed > MOST_GUESSED:
        return Result(errors, None, None)
    held = tuple(float(_holds(told, day.truth)[OPEN].mean()) for told in (over, live))
    widths = tuple(float((told.high - told.low)[OPEN].mean()) / 2 / most for told in (over, live))
    return Result(errors, (held[0], held[1]), (widths[0], widths[1]))


def _holds(told: Inside, truth: Numbers) -> Numbers:
    return ((told.low <= truth) & (truth <= told.high)).astype(float)


def _interval(found: list[Result], place: int) -> str:
    told = [one for one in found if one.held is not None and one.half_width is not None]
    if not told:
        return "withheld"
    held = 100 * np.mean([one.held[place] for one in told if one.held is not None])
    width = 100 * np.mean([one.half_width[place] for one in told if one.half_width is not None])
    rest = "" if len(told) == len(found) else f", told on {len(told)} of {len(found)}"
    return f"{held:.0f} %, ±{width:.1f} %{rest}"


if __name__ == "__main__":
    main()
