"""The machines of one site: which cameras each names, when it was heard of last, and whether its clock is right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from db.models import CameraRow, SiteRow
from db.reading.machines import SILENT_AFTER, Box, boxes, silence

CLOCKS_APART_S = 30.0


@dataclass(frozen=True, slots=True)
class SiteBox:
    """One machine as far as it is about one site: the cameras of the site that its settings name and do not disable.

    heard_at is by the database server's clock; clock_ahead_s is how far its own was ahead of that then (negative:
    behind; None: not known).
    """

    name: str
    cameras: tuple[str, ...]
    heard_at: datetime | None
    clock_ahead_s: float | None

    def is_silent(self, now: datetime) -> bool:
        """Return whether its program was not heard of lately, or never."""
        return self.heard_at is None or now - self.heard_at > SILENT_AFTER


def site_boxes(connection: Connection, site: str) -> list[SiteBox]:
    """Return the machines whose settings name a camera of `site`, by name."""
    query = select(CameraRow.name).join(SiteRow, SiteRow.id == CameraRow.site_id).where(SiteRow.name == site)
    mine = set(connection.execute(query).scalars())
    found = [
        SiteBox(box.name, tuple(sorted(mine & set(_named(box)))), box.heard_at, box.clock_ahead_s)
        for box in boxes(connection)
    ]
    return [box for box in found if box.cameras]


def site_troubles(connection: Connection, site: str, now: datetime) -> list[str]:
    """Return what is wrong with the machines of `site`: cameras in two settings, silence, clocks; a sentence each."""
    found = site_boxes(connection, site)
    names, mine = {box.name for box in found}, [camera for box in found for camera in box.cameras]
    return [
        *named_twice(connection, mine),
        *(told for name, told in silence(connection, now, mine).items() if name in names),
        *clock_troubles(connection, names),
    ]


def clock_troubles(connection: Connection, names: Iterable[str] | None = None) -> list[str]:
    """Return the machines (of `names`, None: all) whose clock is not that of the database server, a sentence each."""
    wanted = None if names is None else set(names)
    return [
        clock_trouble(f"the clock of machine {box.name}", box.clock_ahead_s)
        for box in boxes(connection)
        if (wanted is None or box.name in wanted) and is_apart(box.clock_ahead_s)
    ]


def is_apart(ahead_s: float | None) -> bool:
    """Return whether a clock that is so far ahead of the server's is one to say something about."""
    return ahead_s is not None and abs(ahead_s) > CLOCKS_APART_S


def clock_trouble(whose: str, ahead_s: float | None) -> str:
    """Return in one sentence how far a clock is from the server's, and what to do."""
    if ahead_s is None:
        return ""
    words = f"{span_in_words(abs(ahead_s))} {'ahead of' if ahead_s > 0 else 'behind'} that of the database server"
    return f"{whose} is {words}, and what its cameras see is dated by it: set it, or let NTP set it"


def clock_in_words(ahead_s: float | None) -> str:
    """Return how a clock is beside the server's, in a few words for a table."""
    if ahead_s is None:
        return "not known"
    return f"{span_in_words(abs(ahead_s))} {'ahead' if ahead_s > 0 else 'behind'}" if is_apart(ahead_s) else "right"


def span_in_words(seconds: float) -> str:
    """Return a span of time in the largest unit of which it has two, like "63 s" or "3 h"."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def named_twice(connection: Connection, cameras: Sequence[str] | None = None) -> list[str]:
    """Return the cameras (of `cameras`, None: all) that the settings of several machines name, a sentence each."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for box in boxes(connection):
        for camera in _named(box):
            if cameras is None or camera in cameras:
                named[camera].append(box.name)
    return [
        f"camera {camera} is in the settings of {' and '.join(names)}: where several watch it everybody counts twice; "
        "take it out of all but one"
        for camera, names in sorted(named.items())
        if len(names) > 1
    ]


def _named(box: Box) -> list[str]:
    return [camera for camera, said in box.cameras.items() if said.get("enabled", True)]
