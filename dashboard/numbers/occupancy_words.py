"""How many are inside in plain sentences, and why that is not told; pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.wording import count, listing
from reports.occupancy import DayInside, NotInside

SETTINGS = "footfall.toml"
WHY_NOT = {
    NotInside.NOBODY: "nobody was counted yet.",
    NotInside.OPEN_AT_MIDNIGHT: "the count begins anew when the mall is empty, but it is open at midnight. Opening "
    f"hours are set in {SETTINGS}.",
    NotInside.UNWATCHED: "the cameras did not watch for too much of the day.",
    NotInside.UNBALANCED: "many more went one way than the other. See whether the counting lines cross the whole way, "
    "and which side is inside.",
    NotInside.UNSEEN: "most people who were seen crossed no counting line.",
    NotInside.UNSURE: "too few came to say it with any certainty.",
}


def why_not(told: DayInside, labels: Mapping[str, str]) -> str:
    """Return one sentence that says why nobody can tell how many are inside, empty where it is told."""
    if told.not_told is None:
        return ""
    if told.not_told is NotInside.NO_LINE:
        cameras = listing([labels.get(name, name) for name in told.cameras])
        reason = f"{cameras} sees no directions. Give it a counting line (line in {SETTINGS})."
        if len(told.cameras) > 1:
            reason = f"{cameras} see no directions. Give them counting lines (line in {SETTINGS})."
    else:
        reason = WHY_NOT[told.not_told]
    return f"How many are inside is not told: {reason}"


def inside_sentence(estimate: int, low: int, high: int) -> str:
    """Return how many are inside now and the interval, the estimate rounded to what the interval lets one say."""
    about = rounded_about(estimate, low, high)
    people = "person is" if about == 1 else "people are"
    return f"About {count(about)} {people} inside now, {count(low)} to {count(high)}."


def rounded_about(estimate: int, low: int, high: int) -> int:
    """Return the estimate in steps of ten where the interval is wider than that, else as it is."""
    return round(estimate, -1) if high - low >= 20 and estimate >= 20 else estimate


def alarm_sentence(state: str, level: int | None) -> str:
    """Return what the alarm level makes of it, empty where nothing."""
    words = {"on": "That is at or above the alarm level of {}.", "maybe": "The alarm level of {} may be reached."}
    return words[state].format(count(level)) if state in words else ""


def peak_sentence(most: int, low: int, high: int, label: str, *, so_far: bool) -> str:
    """Return when most were inside, by the ends of hours."""
    about = rounded_about(most, low, high)
    when = "Most so far" if so_far else "Most"
    moment = label if label == "now" else f"at {label}"
    return f"{when}: about {count(about)} {moment}, {count(low)} to {count(high)}."
