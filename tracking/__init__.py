"""Follows faces through the frames of one camera and turns each person in view into one visit.

In come detections with their times and judgements of faces, out go tracks and visits; no pixel comes here.
"""

from tracking.options import TrackerOptions
from tracking.tracker import Tracker
from tracking.visits import CountingLine, JudgementOptions, VisitBuilder, VisitOptions

__all__ = ["CountingLine", "JudgementOptions", "Tracker", "TrackerOptions", "VisitBuilder", "VisitOptions"]
