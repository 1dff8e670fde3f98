"""The plain sentence that says what stands out about a day; pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from analytics.completeness import COMPLETE_SHARE, is_complete
from dashboard.numbers.came_in import without_line_sentence
from dashboard.numbers.comparison import Comparison
from dashboard.numbers.unique_words import unique_sentence
from dashboard.wording import count, duration, listing, percent, short_day

# Visits arrive like a Poisson process: differences within three standard deviations are ordinary.
NOTABLE_DEVIATIONS = 3.0
NOTABLE_SHARE = 0.25
MANY_UNKNOWN = 0.35


@dataclass(frozen=True, slots=True)
class Gap:
    """A camera that did not watch: its label, for how long within the opening hours, and why."""

    camera: str
    lost_s: float
    reason: str


def headline(compared: Comparison, gaps: list[Gap]) -> list[str]:
    """Return what stands out about a day, most important first; every item is plain text.

    Args:
        compared: the day beside the one a week before.
        gaps: cameras that did not watch, longest first.
    """
    totals, hours = compared.totals, compared.hours
    if totals.visits == 0:
        return (
            []
            if totals.observed_share
            else [f"No number of this day means anything: nobody was watching.{_blame(gaps)}"]
        )
    busiest = hours.iloc[int(hours["came_in"].to_numpy().argmax())]
    sentences = [
        _total(compared),
        unique_sentence(compared.people.day),
        f"Busiest hour: {busiest['label'][:5]}, when {count(busiest['came_in'])} came in." if totals.came_in else "",
        _notable_hour(hours, compared.until) if compared.enough else "",
    ]
    sentences.append(_incomplete(compared, gaps))
    before, before_name = compared.before, short_day(compared.before_day)
    if compared.enough and before is not None and not is_complete(before.observed_share):
        sentences.append(f"Compare with care: of {before_name} only {percent(before.observed_share)} was observed.")
    if totals.unknown_share is not None and totals.unknown_share > MANY_UNKNOWN:
        sentences.append(
            f"Gender or age is unknown for {percent(totals.unknown_share)} of the visits: "
            "faces were small, turned away or dark."
        )
    sentences.append(without_line_sentence(compared.without_line))
    return [sentence for sentence in sentences if sentence]


def brief(compared: Comparison, gaps: list[Gap]) -> list[str]:
    """Return the first sentence about a day, and whether it can be trusted; every item is plain text."""
    if compared.totals.visits == 0:
        return headline(compared, gaps)
    return [sentence for sentence in (_total(compared), _incomplete(compared, gaps)) if sentence]


def _incomplete(compared: Comparison, gaps: list[Gap]) -> str:
    share = compared.totals.observed_share
    if is_complete(share):
        return ""
    return f"Only {percent(share)} of the opening time was observed, so more people came than counted.{_blame(gaps)}"


def _total(compared: Comparison) -> str:
    before_name = short_day(compared.before_day)
    when = "so far today" if compared.so_far else f"on {short_day(compared.day)}"
    what = f"{count(compared.totals.came_in)} came in {when}"
    if compared.pair is None or compared.pair[1].came_in == 0:
        if compared.so_far and (compared.hours["compared"] > 0).any():  # who came that day came later
            return f"{what}; it is compared with {before_name} once a whole hour is over."
        return f"{what}; no numbers of {before_name} to compare with."
    basis, before = compared.pair
    if not compared.enough:
        seen = f"{percent(basis.observed_share)} and {percent(before.observed_share)} of the opening time"
        return f"{what}; too little was observed to compare with {before_name}: {seen}."
    begun = f"{what}. Until {compared.until}, that is" if compared.so_far else f"{what},"
    relative = (basis.came_in - before.came_in) / before.came_in
    usual = abs(basis.came_in - before.came_in) <= NOTABLE_DEVIATIONS * math.sqrt(basis.came_in + before.came_in)
    if usual or round(100 * relative) == 0:
        return f"{begun} about as many as on {before_name}."
    return f"{begun} {abs(100 * relative):.0f}% {'more' if relative > 0 else 'fewer'} than on {before_name}."


def _notable_hour(hours: pd.DataFrame, until: str) -> str:
    both = hours.dropna(subset=["compared"])
    both = both[both["label"] < until] if until else both
    for observed in ("observed", "before_observed"):
        both = both[both[observed].isna() | (both[observed] >= COMPLETE_SHARE)]
    if len(both) < 3:
        return ""
    scale = (both["came_in"].sum() or 1) / (both["compared"].sum() or 1)
    expected = both["compared"] * scale
    deviation = (both["came_in"] - expected) / (both["came_in"] + expected + 1).pow(0.5)
    position = int(deviation.abs().to_numpy().argmax())
    row, usual = both.iloc[position], float(expected.iloc[position])
    difference = float(row["came_in"]) - usual
    if abs(float(deviation.iloc[position])) < NOTABLE_DEVIATIONS or abs(difference) < NOTABLE_SHARE * max(usual, 1):
        return ""
    return (
        f"{row['label'][:5]} stands out: {count(abs(difference))} {'more' if difference > 0 else 'fewer'} "
        "than the week before would suggest."
    )


def _blame(gaps: list[Gap]) -> str:
    if not gaps:
        return ""
    named = [f"{gap.camera} ({duration(gap.lost_s)}: {gap.reason})" for gap in gaps[:3]]
    return f" Not watching: {listing(named)}."
