"""Corrected shares beside labels added up and QuaPy's, on held-back faces; and what an audit repairs in another domain.

    FOOTFALL_WILD=... FOOTFALL_DATA=... python -m benchmarks.shares            (QuaPy: pip install --no-deps quapy)

Visitors are drawn from faces that neither a training nor the network's table of confusions saw, judged at 80 px, with
five mixes of ages from a young Saturday to a Tuesday morning of pensioners. Judgements are cached in `.cache/judged`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analytics.calibration import Calibration, Places, pooled
from analytics.confusion import read_confusion
from analytics.shares import corrected
from benchmarks.share_trials import Faces, Method, draw, kept, methods, of_size, score, table_anew, taps, told
from inference.attributes import load_attributes
from inference.manifest import packaged_model
from training.data.faces import UNKNOWN
from training.demographics.calibration import GROUP_STARTS
from training.demographics.confusion import GENDER_FROM_YEARS, calibration_faces, confusion_table
from training.demographics.judged import SETS, SIZES_PX, JudgedFaces, judged_faces
from training.demographics.metrics import group_mass, group_of

Mixes = dict[str, tuple[int, ...]]
LARGE, SMALL = len(SIZES_PX) - 1, 0
EXTREMES: Mixes = {
    "a school's outing": (2, 80, 8, 4, 3, 1, 1, 1),
    "students": (1, 4, 80, 10, 2, 1, 1, 1),
    "a tea dance": (0, 0, 1, 2, 3, 4, 20, 70),
}
TRIALS = {500: 20, 5000: 6}
MIXES: Mixes = {
    "young Saturday": (14, 12, 22, 24, 13, 8, 4, 3),
    "families": (24, 5, 8, 20, 24, 11, 5, 3),
    "an even day": (10, 6, 12, 22, 18, 14, 10, 8),
    "office hours": (3, 2, 12, 28, 25, 19, 8, 3),
    "pensioners' Tuesday": (4, 1, 4, 8, 10, 14, 22, 37),
}
WOMEN: Mixes = {"women 30 %": (30, 70), "42 %": (42, 58), "50 %": (50, 50), "60 %": (60, 40), "72 %": (72, 28)}
DECADE_STARTS = (0, 10, 20, 30, 40, 50, 60, 70)
DECADE_MIXES: Mixes = {
    "young Saturday": (8, 20, 30, 22, 11, 5, 3, 1),
    "families": (22, 8, 17, 28, 15, 6, 3, 1),
    "an even day": (8, 10, 20, 20, 16, 13, 8, 5),
    "office hours": (2, 5, 27, 30, 21, 12, 2, 1),
    "pensioners' Tuesday": (3, 2, 7, 9, 12, 18, 27, 22),
}
FOUR_AGES = np.array([0, 0, 1, 1, 2, 2, 3, 3])
TAPS_A_MINUTE, MISTAKES = 5, 0.02
AUDITS_MINUTES = (0, 10, 30, 120)


def main() -> None:
    """Print every table."""
    model = packaged_model("demographics")
    text = load_attributes(model).confusion
    if text is None:
        sys.exit("the built-in network carries no table; run `python -m training demographics calibrate` first")
    table, known = read_confusion(text), calibration_faces(model)
    aside = judged_faces(model, SETS)
    aside = aside.select(aside.for_benchmark)
    of_ages, ages = of_size(table.of_ages(GROUP_STARTS), LARGE), aged(aside, LARGE, GROUP_STARTS)
    print(f"{len(ages.true)} faces of known age, {len(gendered(aside, LARGE).true)} of known gender from 13 years on")
    print(f"the table rests on {table.ages[0].sum():.0f} and {table.gender[0].sum():.0f} others")
    compare("Eight age groups", of_ages, aged(known, LARGE, GROUP_STARTS), ages, MIXES)
    compare("Days unlike any other", of_ages, aged(known, LARGE, GROUP_STARTS), ages, EXTREMES)
    for name, size in (("Gender", LARGE), ("Gender at 28 px", SMALL)):
        compare(name, of_size(table.of_gender(), size), gendered(known, size), gendered(aside, size), WOMEN)
    another_domain(model)
    speed(of_ages, ages)


def another_domain(model: Path) -> None:
    """Print the same for FairFace with a table of the other sets, and what audits repair."""
    known = calibration_faces(model, [name for name in SETS if name != "fairface"])
    table = confusion_table(known)
    fairface = judged_faces(model, ["fairface"])
    fairface = fairface.select(fairface.for_benchmark)
    ages, genders = aged(fairface, LARGE, DECADE_STARTS, exact=False), gendered(fairface, LARGE)
    print(f"\nFairFace: {len(ages.true)} faces; the table of the other sets rests on {table.ages[0].sum():.0f} ages")
    by_decade, by_gender = (of_size(one, LARGE) for one in (table.of_ages(DECADE_STARTS), table.of_gender()))
    compare("FairFace, eight age groups", by_decade, aged(known, LARGE, DECADE_STARTS), ages, DECADE_MIXES)
    compare("FairFace, gender", by_gender, gendered(known, LARGE), genders, WOMEN)
    repaired("FairFace, eight age groups", by_decade, ages, DECADE_MIXES, FOUR_AGES)
    repaired("FairFace, gender", by_gender, genders, WOMEN, np.array([0, 1]))


def aged(faces: JudgedFaces, size: int, starts: tuple[int, ...], exact: bool = True) -> Faces:
    """Return the faces whose age is known, to the year or at least to the group, with probabilities by group."""
    known = faces.youngest_years != UNKNOWN
    if exact:
        known &= faces.youngest_years == faces.oldest_years
    part = faces.select(known)
    mass = group_mass(part.age_probabilities[:, size], starts).astype(np.float64)
    return Faces(kept(mass), group_of(part.youngest_years, starts))


def gendered(faces: JudgedFaces, size: int) -> Faces:
    """Return the faces old enough for a gender, with the probabilities of woman and man."""
    young = (faces.youngest_years != UNKNOWN) & (faces.youngest_years < GENDER_FROM_YEARS)
    part = faces.select((faces.female != UNKNOWN) & ~young)
    p_female = part.p_female[:, size].astype(np.float64)
    return Faces(kept(np.stack([p_female, 1 - p_female], axis=1)), (1 - part.female).astype(np.intp))


def compare(title: str, calibration: Calibration, known: Faces, faces: Faces, mixes: Mixes) -> None:
    """Print the error of each method by mix, and how often ours hold the truth.

    `known` are the faces that the table was made of: the last line makes it anew of as many of them for every day, so
    that the intervals are seen with many tables, not with the one that there happens to be.
    """
    for count, repeats in TRIALS.items():
        days = {name: crowds(faces, mix, count, repeats) for name, mix in mixes.items()}
        print(f"\n{title}, {count:,} visitors: error in points\n\n| | {' | '.join(mixes)} | mean | held % | width |")
        print("| --- |" + " ---: |" * (len(mixes) + 3))
        for name, method in methods().items():
            print(f"| {name} | {line(method, [calibration] * repeats, days)} |", flush=True)
        anew = [table_anew(calibration, known, seed) for seed in range(repeats)]
        print(f"| as told, table drawn anew | {line(told, anew, days)} |", flush=True)


def crowds(faces: Faces, mix: Sequence[int], count: int, repeats: int) -> list[Faces]:
    """Return `repeats` days of `count` visitors, the same ones every time."""
    return [draw(faces, mix, count, np.random.default_rng(seed)) for seed in range(repeats)]


def line(method: Method, calibrations: Sequence[Calibration], days: dict[str, list[Faces]]) -> str:
    """Return the cells of one method."""
    scores = [score(method, calibrations, part) for part in days.values()]
    errors, held, width = zip(*((one.error, one.held, one.width) for one in scores), strict=True)
    means = [f"{np.mean(errors):.2f}", *("–" if np.isnan(x).all() else f"{np.mean(x):.1f}" for x in (held, width))]
    return " | ".join([*(f"{error:.2f}" for error in errors), *means])


def repaired(title: str, model: Calibration, faces: Faces, mixes: Mixes, coarse: Places) -> None:
    """Print what audits of several lengths, at `TAPS_A_MINUTE` with `MISTAKES`, leave of the error."""
    head = [f"{name} at {count:,}" for count in TRIALS for name in ("error", "held %", "width")]
    print(f"\n{title}, repaired by taps\n\n| minutes | taps | {' | '.join(head)} |\n|{' ---: |' * (len(head) + 2)}")
    for minutes in AUDITS_MINUTES:
        cells = []
        for count, repeats in TRIALS.items():
            scores = []
            for number, mix in enumerate(mixes.values()):
                for seed in range(repeats):
                    random = np.random.default_rng((number, seed))
                    seen = draw(faces, mix, minutes * TAPS_A_MINUTE, random)
                    table = pooled(model, taps(seen, coarse, MISTAKES, random), coarse)
                    day = draw(faces, mix, count, random)
                    scores.append(score(told, [table], [day]))
            cells.append(f"{np.mean([one.error for one in scores]):.2f}")
            cells += [f"{np.mean(values):.1f}" for values in ([s.held for s in scores], [s.width for s in scores])]
        print(f"| {minutes} | {minutes * TAPS_A_MINUTE} | {' | '.join(cells)} |", flush=True)


def speed(calibration: Calibration, faces: Faces) -> None:
    """Print the processor time of a day of 2,000 visits."""
    day = draw(faces, MIXES["an even day"], 2000, np.random.default_rng(0))
    taken = []
    for seed in range(9):
        began = time.process_time()
        corrected(day.probabilities, None, calibration, None, seed)
        taken.append(1000 * (time.process_time() - began))
    print(f"\na day of 2,000 visits, eight groups, 200 repetitions: {np.median(taken):.0f} ms of processor time")


if __name__ == "__main__":
    main()
