"""Counts unique visitors on simulated days whose truth is known: `python -m benchmarks.unique`.

Real photographs of people who were held back, shrunk to 28-64 px and degraded, three to five faces a visit; clothes of
a model of colours. Beside it, on the same days: counting visits, and thresholds on the likeness of two faces, each
put where it accepts a known share of that very day's strangers, which no real system knows. The people held back are
too few for more than a sixth of 3,000 visits to be returns.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from analytics.unique import UniqueEstimate, combined
from benchmarks.unique_people import draw_town, prepare_built_in
from inference.clothing import clothing_signature
from reid.pair_model import PairModel, load_pair_model
from reid.register import DayRegister, RegisterOptions
from reid.signatures import face_template
from reid.types import RegisterPart, ReidMode, Sighting
from training.embedding.days import OPENS, Day, DayPlan, Looks

RATES = (1e-2, 1e-3, 1e-4)
NOON = OPENS + timedelta(hours=6)
MODES = (ReidMode.FACES, ReidMode.CLOTHES)


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of day; `crash` restarts the program at noon."""

    name: str
    plan: DayPlan
    days: int
    crash: bool = False


SMALL, LARGE = 300, 3000
CASES = (
    *(Case(f"{SMALL} visits, {share:.0%} return", DayPlan(SMALL, share), 8) for share in (0.0, 0.2, 0.4, 0.6)),
    Case(f"{SMALL}, 30 % return, 3 of staff", DayPlan(SMALL, 0.3, staff=3), 8),
    Case(f"{SMALL}, 30 % return, 80 % in dark coats", DayPlan(SMALL, 0.3, dark=0.8), 8),
    Case(f"{SMALL}, 30 % return, crash at noon", DayPlan(SMALL, 0.3), 8, crash=True),
    *(Case(f"{LARGE} visits, {share:.0%} return", DayPlan(LARGE, share), 2) for share in (0.0, 0.05, 0.1, 0.15)),
    Case(f"{LARGE}, 10 % return, 4 of staff, crash", DayPlan(LARGE, 0.1, staff=4), 2, crash=True),
)


@dataclass(frozen=True, slots=True)
class Result:
    """One day counted every way, as shares by which each is off; `held` is None when no interval was told."""

    errors: dict[str, float]
    held: dict[str, bool | None]
    half_width: dict[str, float | None]


def main() -> None:
    """Print how far off each way of counting is, for each kind of day."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=float, default=1.0, help="factor on the number of days")
    parser.add_argument("--only", default="", help="cases whose name holds this")
    arguments = parser.parse_args()
    cases = [replace(case, days=max(1, round(case.days * arguments.days))) for case in CASES]
    print_results(prepare_built_in(), load_pair_model(), [case for case in cases if arguments.only in case.name])


def print_results(looks: dict[str, Looks], model: PairModel, cases: Sequence[Case]) -> None:
    """Run `cases` and print a line each, then what all days together say."""
    console = Console(width=150)
    console.print(f"{datetime.now().astimezone():%Y-%m-%d}, {os.cpu_count()} processors, {model.version}")
    ways = ["faces", "clothes", "visits", *(f"FAR {rate:g}" for rate in RATES)]
    table = Table("case", "unique", *ways, "interval: faces", "clothes", title="error of the unique count, mean (95 %)")
    every: list[Result] = []
    for number, case in enumerate(cases):
        truth, results = run_case(case, looks, model, seed=number)
        cells = [_errors([result.errors[way] for result in results]) for way in ways]
        table.add_row(case.name, f"{truth:.0f}", *cells, *(_interval(results, mode.value) for mode in MODES))
        console.print(f"{case.name}: {', '.join(f'{way} {cell}' for way, cell in zip(ways, cells, strict=True))}")
        every += results
    cells = [_errors([result.errors[way] for result in every]) for way in ways]
    table.add_row("all days", "", *cells, *(_interval(every, mode.value) for mode in MODES), style="bold")
    console.print(table)


def run_case(case: Case, looks: dict[str, Looks], model: PairModel, seed: int) -> tuple[float, list[Result]]:
    """Return the mean number of people who really came, and one result a day."""
    truth, results = [], []
    for number in range(case.days):
        random = np.random.default_rng((seed, number))
        day = draw_town(random, looks, clothing_signature).day(random, case.plan)
        truth.append(day.unique)
        told = {mode.value: _count(day, case.crash, mode, model) for mode in MODES}
        rivals = {"visits": float((~day.staff).sum()), **_thresholds(day)}
        counted = {**{name: one.unique for name, one in told.items()}, **rivals}
        results.append(
            Result(
                errors={name: value / day.unique - 1.0 for name, value in counted.items()},
                held={name: _holds(one, day.unique) for name, one in told.items()},
                half_width={name: _half_width(one) for name, one in told.items()},
            )
        )
    return float(np.mean(truth)), results


def _count(day: Day, crash: bool, mode: ReidMode, model: PairModel) -> UniqueEstimate:
    halves: Iterable[list[Sighting]] = [day.sightings]
    if crash:
        halves = (
            [one for one in day.sightings if one.entered_at < NOON],
            [one for one in day.sightings if one.entered_at >= NOON],
        )
    return combined([_register(half, mode, model) for half in halves])


def _register(sightings: list[Sighting], mode: ReidMode, model: PairModel) -> RegisterPart:
    register = DayRegister("mall", date(2026, 3, 2), "benchmark", RegisterOptions(mode), model)
    for sighting in sightings:
        register.add(sighting)
    return register.close(NOON)


def _thresholds(day: Day) -> dict[str, float]:
    """Return how many visitors, staff left out, look like nobody before them, by thresholds that the truth sets."""
    visits = [one for one, staff in zip(day.sightings, day.staff.tolist(), strict=True) if not staff]
    persons = day.persons[~day.staff]
    templates = [face_template(one.signature) for one in visits if one.signature is not None]
    faces = np.stack([one for one in templates if one is not None])
    scores = faces @ faces.T
    earlier = np.tri(len(faces), k=-1, dtype=np.bool_)
    false = scores[earlier & (persons[:, None] != persons)]
    highest = np.where(earlier, scores, -1.0).max(axis=1)
    return {f"FAR {rate:g}": float((highest <= np.quantile(false, 1.0 - rate)).sum()) for rate in RATES}


def _holds(told: UniqueEstimate, truth: int) -> bool | None:
    return None if told.low is None or told.high is None else told.low <= truth <= told.high


def _half_width(told: UniqueEstimate) -> float | None:
    return None if told.low is None or told.high is None else (told.high - told.low) / 2 / told.unique


def _errors(errors: Sequence[float]) -> str:
    values: npt.NDArray[np.float64] = np.array(errors)
    return f"{100 * values.mean():+.1f} ({100 * np.quantile(np.abs(values), 0.95):.1f}) %"


def _interval(results: Sequence[Result], mode: str) -> str:
    held = [one.held[mode] for one in results if one.held[mode] is not None]
    widths = [width for one in results if (width := one.half_width[mode]) is not None]
    if not held:
        return "never told"
    told = "" if len(held) == len(results) else f", told {len(held)} of {len(results)}"
    return f"±{100 * float(np.mean(widths)):.0f} %, holds {sum(map(bool, held))} of {len(held)}{told}"


if __name__ == "__main__":
    main()
