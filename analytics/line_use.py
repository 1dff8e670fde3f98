"""Whether a counting line lies where people walk."""

from __future__ import annotations

from analytics.audits import wilson

FEWEST_SEEN = 50
"""A morning's people of a small entrance: fewer may be one group that stood and talked."""
CROSSES_AT_LEAST = 0.5
"""Where fewer than half cross, more people are lost to the count than are in it, whatever the rest of them did.

Some never cross a line that lies well: their face is lost before it, or they turn round.
"""


def unused_line(camera: str, seen: int, crossed: int, small_cell: int = 0) -> str:
    """Return the sentence about a line that most people never cross, "" while nothing can be said against it.

    It is said when even the upper end of the 95 % interval of the share that crosses is below a half, from 50 people
    on.
    `camera` is how to call it; where a report hides counts below `small_cell`, none can be had by subtracting.
    """
    if seen < FEWEST_SEEN or wilson(crossed, seen).high >= CROSSES_AT_LEAST:
        return ""
    hides = any(0 < number < small_cell for number in (crossed, seen - crossed))
    who = f"most of {seen} people" if hides else f"of {seen} people"
    never = "never crossed" if hides else f"{seen - crossed} never crossed"
    return (
        f"{camera}: {who} seen in 7 days {never} the counting line, so they are in no number of people who came in; "
        "move it to where people walk (the dashboard's page Cameras > Set up shows where)"
    )
