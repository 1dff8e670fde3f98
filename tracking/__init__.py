"""Follows faces through the frames of one camera and turns each person in view into one visit.

In come detections with their times and judgements of faces, out go tracks and visits; no pixel comes here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracking.options import TrackerOptions
    from tracking.tracker import Tracker
    from tracking.visits import CountingLine, JudgementOptions, VisitBuilder, VisitOptions

__all__ = ["CountingLine", "JudgementOptions", "Tracker", "TrackerOptions", "VisitBuilder", "VisitOptions"]

# The filters behind a tracker take seconds to load; whoever needs the labels of age groups only does not wait for them.
_HOMES = {
    "TrackerOptions": "tracking.options",
    "Tracker": "tracking.tracker",
    **dict.fromkeys(("CountingLine", "JudgementOptions", "VisitBuilder", "VisitOptions"), "tracking.visits"),
}


def __getattr__(name: str) -> object:
    """Return a public name, from its module, which is loaded now."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
