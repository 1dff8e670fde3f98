"""Follows faces through the frames of one camera and turns each person in view into one visit."""

from tracking.options import TrackerOptions
from tracking.tracker import Tracker
from tracking.visits import CountingLine, JudgementOptions, VisitBuilder, VisitOptions

__all__ = ["CountingLine", "JudgementOptions", "Tracker", "TrackerOptions", "VisitBuilder", "VisitOptions"]
