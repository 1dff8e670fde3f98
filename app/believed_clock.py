"""How far the computer's clock is believed, where believing it would report or delete days that have not been.

Nothing but what cameras saw tells a clock that is ahead from cameras that are off. So that neither does harm: a day is
reported by itself up to the last one on which a camera was seen, and rows grow old only by what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from db.reading.last_seen import TOLERANCE, LastSeen
from footfall.local_time import local_day

SILENCE = timedelta(days=4)
"""A weekend and two holidays with the power off: for so long the clock alone says that the last day seen is over."""
WHAT_NOW = "if the clock is right, say so: footfall jobs --once --clock-is-right"


@dataclass(frozen=True, slots=True)
class Belief:
    """Until when time is believed to have passed (None: not at all), and in a sentence why not until now.

    `stops` says that reports or deletions may have to wait; a sentence without it is only a warning.
    """

    now: datetime | None
    seen: datetime | None
    sentence: str = ""
    stops: bool = False

    def may_report(self, day: date, zone: ZoneInfo) -> bool:
        """Tell whether `day` is believed to be over at a site in `zone`."""
        if self.now is None or self.seen is None or day >= local_day(self.now, zone):
            return False
        return day <= local_day(self.seen, zone)


def belief(found: LastSeen, now: datetime) -> Belief:
    """Return how far a clock that says `now` is believed beside what was seen."""
    server = found.server_now
    if server is not None and abs(server - now) > TOLERANCE:
        words = f"this computer's clock says {_told(now)}, that of the database server {_told(server)}"
        return Belief(None, None, f"{words}; nothing is reported or deleted until they agree: set the wrong one", True)
    seen = found.until
    if seen is None:
        words = f"no camera was ever seen before {_told(now)}, which this computer's clock says"
        return Belief(None, None, f"{words}; reports begin with the first one; {WHAT_NOW}")
    if found.doubted is not None:
        words = f"after {_told(seen)} no camera was seen for over a month, and then until {_told(found.doubted)}"
        return Belief(seen, seen, f"{words}; that is believed after seven days; {WHAT_NOW}", True)
    if now - seen > SILENCE:
        words = f"this computer's clock says {_told(now)}, and no camera was seen since {_told(seen)}"
        return Belief(
            seen, seen, f"{words}; until one is, no later day is reported and nothing deleted; {WHAT_NOW}", True
        )
    if found.future is not None:
        words = f"the newest data are of {_told(found.future)}, after {_told(now)}, which this computer's clock says"
        return Belief(now, seen, f"{words}; it is behind, or was ahead when they were stored: check it")
    return Belief(now, seen)


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
