"""What audits say, in sentences for people who manage a mall."""

from __future__ import annotations

from analytics.audits import USUAL_POINTS, Comparison, Rate, Tally, minutes_to_narrow, recall_of

LIGHT_CHANGES = (
    "Light changes with the hour: an audit speaks for hours like its own, so audit at several times of the day."
)
DENSE_PER_MINUTE = 15.0
DENSE = (
    "So many came at once that some who were missed cannot be told from false counts: the camera may count up to two "
    "of 100 fewer. How many came is not touched by that."
)
MINUTES_AS_HOURS = 150
ROUNDED_FROM = 1000  # from here on the last digit of an estimate says nothing


def recall_sentence(tally: Tally, cameras: int = 1) -> str:
    """Return like 'The camera counts 94 of 100, 89 to 97.'."""
    if tally.tapped == 0:
        return "Nobody came, so that this says nothing about the camera."
    who = "The camera counts" if cameras == 1 else f"The {cameras} cameras together count"
    rate = recall_of(tally)
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
    missed = f"{total.missed or 'None'} of the {total.tapped} who came {'was' if total.missed == 1 else 'were'} missed."
    sentences.append(missed)
    if total.seconds and 60 * total.tapped / total.seconds > DENSE_PER_MINUTE:
        sentences.append(DENSE)
    if total.false:
        sentences.append(f"{total.false} of the {total.counted} counts belong to nobody who was tapped.")
    return sentences


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
