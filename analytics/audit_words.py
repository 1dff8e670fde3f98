"""What audits say, in sentences for people who manage a mall."""

from __future__ import annotations

from analytics.audits import USUAL_POINTS, Comparison, Rate, Tally, judged_right, minutes_to_narrow, recall_of, wilson

LIGHT_CHANGES = (
    "Light changes with the hour: an audit speaks for hours like its own, so audit at several times of the day."
)
CANNOT_TELL = (
    "Too many people at once to compare one by one: who was missed cannot be told from counts of nobody, only the "
    "totals can be compared."
)
HIDDEN_FROM = 0.5  # of a person
MINUTES_AS_HOURS = 150
ROUNDED_FROM = 1000  # from here on the last digit of an estimate says nothing


def recall_sentence(tally: Tally, cameras: int = 1) -> str:
    """Return like 'The camera counts 94 of 100, 89 to 97.'."""
    if tally.tapped == 0:
        return "Nobody came in or went out, so that this says nothing about the camera."
    who = "The camera counts" if cameras == 1 else f"The {cameras} cameras together count"
    rate = recall_of(tally)
    if rate is None:
        return CANNOT_TELL
    return f"{who} {_hundredth(rate.estimate)} of 100, {_hundredth(rate.low)} to {_hundredth(rate.high)}."


def details(comparison: Comparison) -> list[str]:
    """Return the numbers behind it: both directions, who was missed, and counts without anybody."""
    inward, outward, total = comparison.inward, comparison.outward, comparison.total
    none = total.counted - inward.counted - outward.counted
    sentences = [
        f"In: {inward.tapped} by hand, {inward.counted} by camera. "
        f"Out: {outward.tapped} by hand, {outward.counted} by camera."
    ]
    if none:
        sentences.append(f"{none} more {'was' if none == 1 else 'were'} counted without a direction.")
    if total.tapped:
        sentences.append(_missed(comparison))
    among = total.hidden
    if among is not None and among.number >= HIDDEN_FROM:
        sentences.append(
            f"About {among.number:.0f} more were probably missed: in a crowd they cannot be told from counts of nobody "
            "at the same moment."
        )
    if total.false:
        sentences.append(f"{total.false} of the {total.counted} counts belong to nobody who was tapped.")
    return sentences


def _missed(comparison: Comparison) -> str:
    """Return who was missed, like '6 of the 100 who came in or went out were missed: 4 coming in, 2 going out.'"""
    missed, by_direction = comparison.total.missed, comparison.missed
    who = f"{missed or 'None'} of the {comparison.total.tapped} who came in or went out"
    where = f": {by_direction['in']} coming in, {by_direction['out']} going out" if missed and by_direction else ""
    return f"{who} {'was' if missed == 1 else 'were'} missed{where}."


def confusion_sentences(comparison: Comparison) -> list[str]:
    """Return how often gender and age were judged as they were tapped, like
    'Woman or man: judged as tapped for 93 of 100, 84 to 97 (56 of 60; 4 more unknown).'
    """
    found = []
    for what, table in (("Woman or man", comparison.genders), ("Age", comparison.ages)):
        right, judged, unknown = judged_right(table)
        if not judged:
            continue
        rate, more = wilson(right, judged), f"; {unknown} more unknown" if unknown else ""
        limits = f"{_hundredth(rate.low)} to {_hundredth(rate.high)}"
        numbers = f"{right} of {judged}{more}"
        found.append(f"{what}: judged as tapped for {_hundredth(rate.estimate)} of 100, {limits} ({numbers}).")
    return found


def narrowing_sentence(tally: Tally) -> str:
    """Return how much longer somebody has to count to know it better; empty where that cannot be said."""
    minutes = minutes_to_narrow(tally)
    if minutes is None:
        return ""
    if minutes == 0:
        return f"That is exact to ±{USUAL_POINTS:.0f} of 100."
    more = f"{minutes} more minute{'' if minutes == 1 else 's'}"
    if minutes > MINUTES_AS_HOURS:
        more = f"{round(minutes / 60)} more hours"
    return f"About {more} of counting would make it exact to ±{USUAL_POINTS:.0f} of 100."


def came_sentence(counted: int, rate: Rate) -> str:
    """Return like '1,847 visits counted, really about 1,960, between 1,900 and 2,030.'."""
    visits = "1 visit" if counted == 1 else f"{counted:,} visits"
    low, high = _shown(rate.low), _shown(rate.high)
    return f"{visits} counted, really about {_shown(rate.estimate)}, between {low} and {high}."


def _hundredth(share: float) -> int:
    return round(100 * share)


def _shown(number: float) -> str:
    return f"{round(number, -1):,.0f}" if number >= ROUNDED_FROM else f"{number:,.0f}"
